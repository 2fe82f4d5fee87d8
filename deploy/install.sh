#!/usr/bin/env bash
# Installs the Debian packages that building, testing and trying need. Does
# nothing, quickly, when none is missing. Needs root or sudo only when one is.
set -euo pipefail

packages=(
  bazel-bootstrap bazel-platforms bazel-rules-java bazel-rules-proto
  bazel-skylib ca-certificates clang-14 curl dnsmasq-base dpkg-dev g++ libabsl-dev libbenchmark-dev
  libboost-dev libcbor-dev libclang-rt-14-dev libcli11-dev libfuzzer-14-dev
  libgmock-dev libgrpc++-dev libgtest-dev libjemalloc-dev libp11-kit-dev
  libpq-dev libpqxx-dev libprotobuf-dev libspdlog-dev libstrongswan-extra-plugins
  libstrongswan-standard-plugins libyaml-cpp-dev nlohmann-json3-dev
  opensc openssl postgresql prometheus prometheus-cpp-dev protobuf-compiler
  protobuf-compiler-grpc python3 python3-asn1crypto python3-cbor2
  python3-cryptography python3-grpcio python3-protobuf python3-yaml softhsm2
  strongswan-pki valgrind
)

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
