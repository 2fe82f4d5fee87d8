#!/usr/bin/env bash
# Builds masad's image by the Dockerfile where no registry of images can be
# reached: the base is made by debootstrap from Debian's packages. Needs root,
# buildah and debootstrap.
#
#   build_image.sh [--target masactl] NAME [CACHE]
#                                 CACHE: Bazel's disk cache, so that what was
#                                 built before is not built again. It is believed:
#                                 an image to be run elsewhere gets none, or one
#                                 that nobody else can write to
set -euo pipefail
cd "$(dirname "$0")/../.."
target=()
if [ "${1:-}" = --target ]; then
  target=(--target "${2:?masactl}")
  shift 2
fi
name=${1:?a name for the image}
cache=${2:-}
release=bookworm
export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs}

base=localhost/debian:$release
if ! buildah inspect --type image "$base" >/dev/null 2>&1; then
  root=$(mktemp -d)
  trap 'rm -rf "$root"' EXIT
  debootstrap --variant=minbase "$release" "$root" >&2
  made=$(buildah from scratch)
  buildah add --quiet "$made" "$root" / >&2
  buildah commit --quiet --rm "$made" "$base" >&2
fi

volumes=()
[ -z "$cache" ] ||
  volumes=(--volume "$(realpath "$cache"):/root/.cache/masa-bazel:rw" --build-arg "BUILD_PATH=$PATH")
buildah bud --layers=false --pull=false "${target[@]}" "${volumes[@]}" --build-arg "DEBIAN=$base" \
  --file deploy/docker/Dockerfile --ignorefile deploy/docker/Dockerfile.dockerignore \
  --tag "$name" . >&2
buildah images --format '{{.Name}}:{{.Tag}} {{.Digest}} {{.Size}}' "$name"
