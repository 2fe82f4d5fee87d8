#!/usr/bin/env bash
# Shows with valgrind that batches of signatures take no branch and no index
# from the key or a nonce, but for the three of BoringSSL's that
# services/signing/batch_ecdsa.supp explains, and that valgrind would see one.
set -euo pipefail
cd "$(dirname "$0")/.."

bazel build --noshow_progress //services/signing:batch_ecdsa_secrets
report=$(mktemp)
trap 'rm -f "$report"' EXIT

# checked MODE [SUPPRESSIONS]: the exit status is 9 when valgrind reports.
checked() {
  valgrind -q --error-exitcode=9 --log-file="$report" "${@:2}" \
    bazel-bin/services/signing/batch_ecdsa_secrets "$1" >/dev/null
}
fail() {
  echo "constant_time_test: $1" >&2
  cat "$report" >&2
  exit 1
}
explained=--suppressions=services/signing/batch_ecdsa.supp

checked key "$explained" || fail "something depends on the key"
! checked leak "$explained" || fail "a branch on the key is not seen"
# What is uninitialised reaches the draw of nonces through the hedge alone.
for mode in key digest; do
  ! checked "$mode" || fail "no branch is seen without the explanations"
  grep -q bn_rand_range_words "$report" ||
    fail "the $mode is not mixed into the nonces"
done
echo "constant_time_test: ok"
