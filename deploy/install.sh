#!/usr/bin/env bash
# Installs the Debian packages that building, testing and trying need, or with
# `--build` those that building alone needs. Does nothing, quickly, when none is
# missing. Needs root or sudo only when one is.
set -euo pipefail

# What `bazel build` of the service needs, as in the image's first stage.
packages=(
  bazel-bootstrap bazel-platforms bazel-rules-java bazel-rules-proto
  bazel-skylib ca-certificates dpkg-dev g++ libabsl-dev libboost-dev libcbor-dev
  libcli11-dev libgrpc++-dev libjemalloc-dev libp11-kit-dev libpq-dev libpqxx-dev
  libprotobuf-dev libspdlog-dev libyaml-cpp-dev nlohmann-json3-dev
  prometheus-cpp-dev protobuf-compiler protobuf-compiler-grpc python3
)
test_packages=(
  clang-14 curl dnsmasq-base libbenchmark-dev libclang-rt-14-dev
  libfuzzer-14-dev libgmock-dev libgtest-dev libstrongswan-extra-plugins
  libstrongswan-standard-plugins opensc openssl pgbouncer postgresql prometheus
  python3-asn1crypto python3-cbor2 python3-cryptography python3-grpcio
  python3-protobuf python3-yaml softhsm2 strongswan-pki valgrind
)
case "${1:-}" in
  "") packages+=("${test_packages[@]}") ;;
  --build) ;;
  *) echo "usage: deploy/install.sh [--build]" >&2; exit 2 ;;
esac

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "install: packages are missing (${missing[*]}) and this user is neither root nor has sudo" >&2
    exit 1
  fi
}

missing=()
for package in "${packages[@]}"; do
  if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
    missing+=("$package")
  fi
done

sources=/etc/apt/sources.list.d/masa-deb-src.sources
has_source=yes
apt-cache showsrc android-platform-external-boringssl >/dev/null 2>&1 || has_source=no

if [ ${#missing[@]} -gt 0 ] || [ "$has_source" = no ]; then
  if [ "$has_source" = no ]; then
    missing+=("deb-src")
    as_root tee "$sources" >/dev/null <<'SOURCES'
Types: deb-src
URIs: http://deb.debian.org/debian
Suites: bookworm
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
    unset 'missing[-1]'
  fi
  as_root apt-get update -qq
  if [ ${#missing[@]} -gt 0 ]; then
    as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
fi
