#!/usr/bin/env bash
# Measures each figure against the irreducible work of the same run:
#   load-tests/bench.sh [--only NAME] [--quick]
# prints NAME value=.. unit=.. limit=.. ratio=.. note=".." per figure.
set -euo pipefail
cd "$(dirname "$0")/.."

figures=(voucher_batch_cms voucher_batch_jws voucher_batch_cose requestvoucher_cms requestvoucher_jws requestvoucher_cose lookup_growth import resolve_unary resolve_plural stream_issue pkcs11_softhsm pkcs11_latency audit_sequence audit_proof audit_verify est_enroll ocsp)
. load-tests/sandbox.sh
. load-tests/audit.sh
. load-tests/est.sh
. load-tests/import.sh
. load-tests/requests.sh
. load-tests/resolve.sh
only=
seconds=0.5
repetitions=11
requests=23000
while [ $# -gt 0 ]; do
  case "$1" in
    --only)
      [ $# -ge 2 ] || { echo "bench: --only needs a name" >&2; exit 2; }
      only=$2
      shift 2
      ;;
    --quick)
      seconds=0.1
      repetitions=7
      requests=8000
      audit_events=1000000
      audit_sequence_events=50000
      est_devices=6000
      ocsp_requests=10000
      import_devices=1000000
      lookups=10000
      resolve_devices=1000000
      resolve_unary_devices=200000
      resolve_seconds=1
      stream_rounds=3
      stream_count=5000
      shift
      ;;
    *)
      echo "bench: unknown argument $1; usage: bench.sh [--only NAME] [--quick]" >&2
      exit 2
      ;;
  esac
done

# Random interleaving mixes the repetitions of figure and limit, so that a
# noisy neighbour or a changing clock meets both.
voucher_batch() {
  bazel build --ui_event_filters=-info,-debug --noshow_progress \
    //load-tests:voucher_batch >&2
  local core
  core=$(taskset -pc $$ | sed 's/.*: //; s/[,-].*//')
  taskset -c "$core" bazel-bin/load-tests/voucher_batch \
    --benchmark_min_time="$seconds" \
    --benchmark_repetitions="$repetitions" \
    --benchmark_enable_random_interleaving=true "$1"
}
voucher_batch_cms() { voucher_batch cms; }
voucher_batch_jws() { voucher_batch jws; }
voucher_batch_cose() { voucher_batch cose; }

# request_voucher_figure FORMAT NUMBER
request_voucher_figure() {
  start_sandbox
  prepare_requests $((3 * requests))
  bazel-bin/load-tests/request_voucher run "$1" "$sandbox" "$sandbox/bench" \
    $(($2 * requests)) "$requests" "$port" \
    "$(pgrep -f "^[^ ]*masad --role=all --config $sandbox/masad.yaml")" \
    "$(postmaster)"
}
requestvoucher_cms() { request_voucher_figure cms 0; }
requestvoucher_jws() { request_voucher_figure jws 1; }
requestvoucher_cose() { request_voucher_figure cose 2; }

# pkcs11_figure softhsm|latency MODULE SESSIONS MICROSECONDS: on a token of its
# own, gone with this script.
pkcs11_figure() {
  bazel build --ui_event_filters=-info,-debug --noshow_progress \
    //load-tests:pkcs11 >&2
  if [ -z "$token" ]; then
    source deploy/sandbox/softhsm.sh
    fail() { echo "bench: $*" >&2; exit 1; }
    token=$(mktemp -d "${TMPDIR:-/tmp}/masa-token.XXXXXX")
    mkdir "$token/secrets"
    data=$token
    make_token
    (umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
      -out "$token/secrets/bench.key")
    import_key bench "$token/secrets/bench.key"
  fi
  SOFTHSM2_CONF="$token/softhsm2.conf" bazel-bin/load-tests/pkcs11 "$1" "$2" \
    "$token/secrets/hsm-pin" "$3" "$4"
}
pkcs11_softhsm() { pkcs11_figure softhsm /usr/lib/softhsm/libsofthsm2.so 8 0; }
pkcs11_latency() {
  pkcs11_figure latency \
    "$PWD/bazel-bin/services/signing/pkcs11/libtest_misbehaving_module.so" 32 5000
}

stream_rounds=${stream_rounds:-5}
stream_count=${stream_count:-10000}
stream_issue() {
  start_sandbox
  bazel build --ui_event_filters=-info,-debug --noshow_progress \
    //load-tests:stream_issue >&2
  python3 -c '
import sys
print("serial_number,product")
sys.stdout.writelines("STREAM-%d,default\n" % i for i in range(int(sys.argv[1])))
' $((2000 + stream_rounds * stream_count)) >"$sandbox/stream.csv"
  operate device import "$sandbox/stream.csv" >/dev/null
  bazel-bin/load-tests/stream_issue "$sandbox" $((port + 1)) "$stream_rounds" \
    "$stream_count" "$(sandbox_masad)" "$(postmaster)" \
    "$(cat "$sandbox/secrets/service-url")"
  audit_lag
}

known=no
for figure in "${figures[@]}"; do
  if [ -z "$only" ] || [ "$only" = "$figure" ]; then
    known=yes
    "$figure"
  fi
done
# A figure that does not exist yet is not printed; say so apart from figures.
[ "$known" = yes ] || { echo "bench: there is no figure $only" >&2; exit 2; }
