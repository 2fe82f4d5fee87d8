#!/usr/bin/env bash
# Assembles the root file systems of the images of masad and masactl from the
# binaries, and runs each in its own: with nothing beside it, read-only, by a user
# without rights. Or takes that of an image that deploy/docker/build_image.sh has
# made (as root), of masad or, with --target, of masactl.
#
#   deploy/docker_test.sh [MASAD [MASACTL]]
#   deploy/docker_test.sh [--target masactl] --image NAME
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
image=
only=masad
if [ "${1:-}" = --target ]; then
  only=$2
  shift 2
fi
[ "${1:-}" != --image ] || image=${2:?the name of an image}
masad=${1:-$here/../bazel-bin/services/masad/masad}
masactl=${2:-$here/../bazel-bin/services/masactl/masactl}
folder=$(mktemp -d)
process=
container=
clean() {
  [ -z "$container" ] || buildah rm "$container" >/dev/null
  [ -z "$process" ] || kill "$process" 2>/dev/null || true
  chmod -R u+w "$folder"
  rm -rf "$folder"
}
trap clean EXIT

fail() {
  echo "docker_test: $*" >&2
  exit 1
}

# look NAME BINARY: the root file system $root holds that binary and what it
# needs, and nothing that runs, writes or is of somebody else.
look() {
  [ "$(ls "$root/usr/bin")" = "$1" ] || fail "more than $1 in /usr/bin"
  [ -z "$(find "$root" ! -type l -perm /0222)" ] || fail "something can be written to"
  [ -z "$(find "$root" -perm /6000)" ] || fail "something runs as somebody else"
  [ -z "$(find "$root" -xtype l)" ] || fail "a link leads nowhere"
  python3 - "$root/usr/share/$1/sbom.spdx.json" "$2" <<'CHECK' || fail "the SBOM is not of this binary"
import hashlib, json, pathlib, sys
document = json.loads(pathlib.Path(sys.argv[1]).read_text())
ids = {package["SPDXID"] for package in document["packages"]}
names = {package["name"] for package in document["packages"]}
assert document["spdxVersion"] == "SPDX-2.3"
assert len(ids) == len(document["packages"])
assert all(package["versionInfo"] for package in document["packages"])
own = pathlib.Path(sys.argv[2]).name
assert document["packages"][0]["name"] == own
wanted = {"libc6", "libgrpc29", "ca-certificates"} | ({"libpq5"} if own == "masad" else set())
assert wanted <= names
assert all(each["relatedSpdxElement"] in ids for each in document["relationships"])
digest = hashlib.sha256(pathlib.Path(sys.argv[2]).read_bytes()).hexdigest()
assert document["packages"][0]["checksums"][0]["checksumValue"] == digest
CHECK
}

# In a namespace where the tree is read-only; without root, in one of our own.
# Becomes the process, so it is called in a subshell.
in_image() {
  local user=(unshare --mount) as=(--userspec=65532:65532)
  [ "$(id -u)" = 0 ] || { user=(unshare --user --map-root-user --mount) as=(); }
  # shellcheck disable=SC2016
  exec "${user[@]}" sh -euc '
    root=$1; shift
    mount --bind "$root" "$root"
    mount -o remount,bind,ro "$root"
    exec chroot "$@"' sh "$root" "${as[@]}" "$root" "$@"
}
chmod 0755 "$folder"

# try NAME WORD: it runs, and says what it knows of; there is no shell.
try() {
  (in_image "/usr/bin/$1" --help) >"$folder/help"
  grep -q -- "$2" "$folder/help" || fail "$1 does not run in its image"
  ! (in_image /bin/sh -c true) 2>/dev/null || fail "there is a shell"
}

if [ -n "$image" ]; then
  export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs}
  root=$folder/$only
  container=$(buildah from --pull-never "$image")
  cp -a "$(buildah mount "$container")" "$root"
  buildah inspect --type image --format '{{.OCIv1.Config.User}} {{.OCIv1.Config.Entrypoint}}' "$image" |
    grep -qxF "65532:65532 [/usr/bin/$only]" || fail "the image starts something else, or as somebody else"
  masad=$root/usr/bin/masad masactl=$root/usr/bin/masactl
fi
if [ -z "$image" ] || [ "$only" = masactl ]; then
  root=$folder/masactl
  [ -n "$image" ] || "$here/docker/assemble_root.sh" "$masactl" "$root"
  look masactl "$masactl"
  try masactl escrow
fi
if [ "$only" = masactl ]; then
  echo "docker_test: ok ($(du -sm "$root" | cut -f1) MB)"
  exit
fi

root=$folder/masad
[ -n "$image" ] || "$here/docker/assemble_root.sh" "$masad" "$root"
look masad "$masad"
try masad --check-config

# Started with a role's configuration, it serves, and stops when it is told to.
chmod u+w "$root/etc"
mkdir "$root/etc/masa"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
  -keyout "$root/etc/masa/tls.key" -out "$root/etc/masa/tls.crt" -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost 2>/dev/null
chmod 0444 "$root/etc/masa/tls.key"
cat >"$root/etc/masa/masad.yaml" <<'CONFIG'
edge:
  listen: 127.0.0.1:0
  certificates:
    - {host_names: [localhost], identity: {chain_file: tls.crt, key_file: tls.key}}
  authority:
    target: dns:///localhost:1
    identity: {chain_file: tls.crt, key_file: tls.key}
    roots_file: tls.crt
admin: {listen: "127.0.0.1:0"}
CONFIG
: >"$folder/log"
(in_image /usr/bin/masad --role=edge --config=/etc/masa/masad.yaml) 2>"$folder/log" &
process=$!
for _ in $(seq 100); do
  grep -q '"serving"' "$folder/log" && break
  kill -0 "$process" 2>/dev/null || break
  sleep 0.1
done
port=$(sed -n 's/.*"admin_port":"\([0-9]*\)".*/\1/p' "$folder/log")
[ -n "$port" ] || fail "masad does not serve: $(cat "$folder/log")"
curl -sf "http://127.0.0.1:$port/healthz" >/dev/null || fail "/healthz does not answer"
kill -TERM "$process"
wait "$process" || fail "masad ends with $?"
echo "docker_test: ok ($(du -sm "$root" | cut -f1) MB)"
