#!/usr/bin/env bash
# Assembles the root file system of masad's image from a binary, and runs the
# binary in it: with nothing beside it, read-only, by a user without rights. Or
# takes that of an image that deploy/docker/build_image.sh has made (as root).
#
#   deploy/docker_test.sh [MASAD]
#   deploy/docker_test.sh --image NAME
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
image=
[ "${1:-}" != --image ] || image=${2:?the name of an image}
masad=${1:-$here/../bazel-bin/services/masad/masad}
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
root=$folder/root

fail() {
  echo "docker_test: $*" >&2
  exit 1
}

if [ -n "$image" ]; then
  export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs}
  container=$(buildah from --pull-never "$image")
  cp -a "$(buildah mount "$container")" "$root"
  masad=$root/usr/bin/masad
  buildah inspect --type image --format '{{.OCIv1.Config.User}} {{.OCIv1.Config.Entrypoint}}' "$image" |
    grep -qxF "65532:65532 [/usr/bin/masad]" || fail "the image starts something else, or as somebody else"
else
  "$here/docker/assemble_root.sh" "$masad" "$root"
fi

[ "$(ls "$root/usr/bin")" = masad ] || fail "more than masad in /usr/bin"
[ -z "$(find "$root" ! -type l -perm /0222)" ] || fail "something can be written to"
[ -z "$(find "$root" -perm /6000)" ] || fail "something runs as somebody else"
[ -z "$(find "$root" -xtype l)" ] || fail "a link leads nowhere"
python3 - "$root/usr/share/masad/sbom.spdx.json" "$masad" <<'CHECK' || fail "the SBOM is not of this binary"
import hashlib, json, pathlib, sys
document = json.loads(pathlib.Path(sys.argv[1]).read_text())
ids = {package["SPDXID"] for package in document["packages"]}
names = {package["name"] for package in document["packages"]}
assert document["spdxVersion"] == "SPDX-2.3"
assert len(ids) == len(document["packages"])
assert all(package["versionInfo"] for package in document["packages"])
assert {"libc6", "libgrpc29", "libpq5", "ca-certificates"} <= names
assert all(each["relatedSpdxElement"] in ids for each in document["relationships"])
digest = hashlib.sha256(pathlib.Path(sys.argv[2]).read_bytes()).hexdigest()
assert document["packages"][0]["checksums"][0]["checksumValue"] == digest
CHECK

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
(in_image /usr/bin/masad --help) >"$folder/help"
grep -q -- --check-config "$folder/help" || fail "masad does not run in its image"
! (in_image /bin/sh -c true) 2>/dev/null || fail "there is a shell"

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
