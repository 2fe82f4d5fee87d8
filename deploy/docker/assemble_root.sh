#!/usr/bin/env bash
# Makes the root file system of an image of masad, or of masactl, which runs
# there as a job: the binary, the libraries that it
# loads, certificates of public CAs, and what these packages are (SPDX) and say of
# their licences. No shell, no package manager, nothing to write to.
#
#   assemble_root.sh BINARY FOLDER    on Debian 12, where BINARY runs
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binary=${1:?the binary}
name=$(basename "$binary")
root=${2:?a folder that is made}
libraries=/lib/x86_64-linux-gnu
umask 022

mkdir -p "$(dirname "$root")"
mkdir "$root"
mkdir -p "$root/usr/bin" "$root/usr/lib64" "$root/usr$libraries" \
  "$root/usr/share/doc" "$root/usr/share/$name" "$root/etc/ssl/certs"
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
install -m 0555 "$binary" "$root/usr/bin/$name"

# What the loader finds, and the parts of libc that an HSM's module asks for.
mapfile -t files < <(
  ldd "$binary" | awk '$2 == "=>" {print $3} $1 ~ /^\// {print $1}'
  printf "$libraries/%s\n" libdl.so.2 libnss_dns.so.2 libnss_files.so.2 \
    libpthread.so.0 libresolv.so.2 librt.so.1
)
files+=(/usr/lib/os-release)
for file in "${files[@]}"; do
  [ -e "$file" ] || { echo "assemble_root: there is no $file" >&2; exit 1; }
  case "$file" in
    /usr/*) cp -L "$file" "$root$file" ;;
    *) cp -L "$file" "$root/usr$file" ;;
  esac
done
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"

ln -s ../usr/lib/os-release "$root/etc/os-release"
echo 'masa:x:65532:65532:masad:/nonexistent:/usr/sbin/nologin' >"$root/etc/passwd"
echo 'masa:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"

# A file is listed under the path that its package has, before or after /usr.
paths_of() {
  local real
  real=$(readlink -f "$1")
  printf '%s\n' "$1" "$real" "${1#/usr}" "${real#/usr}"
}
declare -A owner
while IFS= read -r line; do
  owner[${line##*: }]=${line%%[:,]*}
done < <(for file in "${files[@]}"; do paths_of "$file"; done | sort -u |
  xargs dpkg -S 2>/dev/null)
packages=ca-certificates
for file in "${files[@]}"; do
  found=
  for path in $(paths_of "$file"); do
    found=${found:-${owner[$path]:-}}
  done
  [ -n "$found" ] || { echo "assemble_root: no package has $file" >&2; exit 1; }
  packages+=$'\n'$found
done
packages=$(sort -u <<<"$packages")
for package in $packages; do
  mkdir -p "$root/usr/share/doc/$package"
  cp -L "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/"
done
python3 "$here/sbom.py" "$binary" $packages >"$root/usr/share/$name/sbom.spdx.json"

chmod -R a-w "$root"
# The same inputs make the same tree.
find "$root" -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +
