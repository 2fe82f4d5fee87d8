#!/usr/bin/env bash
# A whole MASA on this machine, for trying: builds it, starts it with a private
# PostgreSQL, and shows one device being onboarded. See --help.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
source "$here/deploy/sandbox/postgres.sh"
source "$here/deploy/sandbox/config.sh"
source "$here/deploy/sandbox/softhsm.sh"
source "$here/deploy/sandbox/demonstration.sh"
source "$here/deploy/sandbox/homecoming.sh"

usage() {
  cat <<'USAGE'
usage: deploy/quickstart.sh [--once | --serve] [options]

  (no mode)         start the sandbox, show one onboarding, stay up until Ctrl-C
  --once            the same, then stop everything; exit 0 only if all worked
  --serve           start the sandbox only; ends on SIGTERM or SIGINT

  --data DIR        where everything is kept (default: .masa in the checkout)
  --port-base N     HTTPS on N, gRPC on N+1, admin HTTP on N+2, CRL and OCSP over
                    HTTP on N+3 (default 9443)
  --signer WHERE    where voucher keys are: local (files; the default) or
                    pkcs11 (a SoftHSM token that is made)
  --limits          turn the rate limits on: 60 vouchers a minute for a registrar,
                    one domain a minute for a device, 600 requests a minute
                    (60 at once) for a source address

MASA_DATABASE_URL uses an existing database instead of a private one.
USAGE
}

fail() {
  echo "quickstart: $*" >&2
  exit 1
}

mode=demo
data="$here/.masa"
port=9443
signer=local
limits=
while [ $# -gt 0 ]; do
  case "$1" in
    --once) mode=once ;;
    --serve) mode=serve ;;
    --data) data=${2:?--data needs a folder}; shift ;;
    --port-base) port=${2:?--port-base needs a number}; shift ;;
    --signer) signer=${2:?--signer needs local or pkcs11}; shift ;;
    --limits) limits=--limits ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
  shift
done

[ "$signer" = local ] || [ "$signer" = pkcs11 ] ||
  fail "--signer $signer: local or pkcs11 is needed"
[[ "$port" =~ ^[1-9][0-9]{0,4}$ ]] && [ "$port" -le 65532 ] ||
  fail "--port-base $port: a number from 1 to 65532 is needed"
for offset in 0 1 2 3; do
  if (exec 3<>"/dev/tcp/127.0.0.1/$((port + offset))") 2>/dev/null; then
    fail "port $((port + offset)) on 127.0.0.1 is in use; choose another --port-base"
  fi
done

mkdir -p "$data"
data=$(cd "$data" && pwd)
format=1
if [ -f "$data/format" ] && [ "$(cat "$data/format")" -gt "$format" ]; then
  fail "$data was written by a newer version; use that version or another --data"
fi
echo "$format" >"$data/format"
# Held by this script and masad alone: whoever else runs on this data, or was
# left behind by a script that was killed, is known by it.
exec 9>"$data/lock"
flock -n 9 ||
  fail "$data is in use by another sandbox; stop it or choose another --data"

"$here/deploy/install.sh" 9>&-
cd "$here"
echo "building (a first build takes some minutes) ..." >&2
bazel build --noshow_progress --ui_event_filters=-info \
  //services/masad //services/masactl //services/testing:make_sandbox \
  //services/testing/demo >&2 9>&-
bin="$here/bazel-bin/services"

# The newest line of masad that is for a person, else the newest.
last_word() {
  grep '^masad: ' "$data/masad.log" | tail -n 1 | cut -c8- | grep . ||
    tail -n 1 "$data/masad.log"
}

masad_pid=
stop() {
  trap - EXIT
  # A second Ctrl-C must not leave the database behind.
  trap '' INT TERM
  if [ -n "$masad_pid" ]; then
    kill -TERM "$masad_pid" 2>/dev/null || true
    wait "$masad_pid" 2>/dev/null || true
  fi
  stop_postgres
}
trap 'stop' EXIT
# A demonstration that was stopped has not worked.
stopped_status=$([ "$mode" = serve ] && echo 0 || echo 1)
trap 'stop; exit "$stopped_status"' INT TERM

"$bin/testing/make_sandbox" "$data" $limits \
  --status-url "http://127.0.0.1:$((port + 3))"
[ "$signer" = local ] || start_softhsm
start_postgres
write_config
"$bin/masad/masad" migrate --config "$data/masad.yaml" 2>>"$data/masad.log" ||
  fail "the database could not be migrated: $(last_word)"
"$bin/masad/masad" apply --config "$data/masad.yaml" "$data/secrets/catalog.yaml" \
  2>>"$data/masad.log" ||
  fail "the catalog could not be written: $(last_word)"
"$bin/masad/masad" --role=all --config "$data/masad.yaml" 2>>"$data/masad.log" &
masad_pid=$!

wait_until_ready() {
  for _ in $(seq 300); do
    kill -0 "$masad_pid" 2>/dev/null ||
      fail "masad ended: $(last_word)"
    if curl -sf -o /dev/null "http://127.0.0.1:$((port + 2))/readyz"; then
      return
    fi
    sleep 0.1
  done
  fail "masad is not ready: $(curl -s "http://127.0.0.1:$((port + 2))/readyz")"
}
wait_until_ready
seed_device

echo "masa ready https=127.0.0.1:$port grpc=127.0.0.1:$((port + 1)) admin=127.0.0.1:$((port + 2)) data=$data"
if [ "$mode" != serve ]; then
  demonstrate
fi
if [ "$mode" = once ]; then
  exit 0
fi
[ "$mode" = serve ] || next_steps
stopped_status=0
wait "$masad_pid" || fail "masad ended: $(last_word)"
