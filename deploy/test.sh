#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. The last line is
# `N passed, N failed, N skipped`; the exit status is 0 only without failures.
#
# `--drills` runs all fault drills, not the short ones alone; some need root.
#
# Beside the ordinary build, the rooms that read strangers' bytes and decide
# are built once more, with clang's warnings (thread safety among them), ASan,
# UBSan and what fuzzers need; their tests run in it, and each fuzzer for a few
# seconds.
set -uo pipefail
cd "$(dirname "$0")/.."

drills=--short
case "${1:-}" in
  "") ;;
  --drills) drills= ;;
  *) echo "usage: deploy/test.sh [--drills]" >&2; exit 2 ;;
esac

deploy/install.sh || exit 1

# Bazel builds each library twice when it is asked for by itself, for programs
# and for shared objects; --build_tests_only asks for none.

# What runs outside the ordinary `bazel test` counts as one test each.
extra=()
failed=()
run() {
  "$@"
  local status=$?
  extra+=("$status")
  [ "$status" = 0 ] || failed+=("$*")
}

core=(
  //services/enrollment/... //services/executor/... //services/issuance/...
  //services/merkle/...
  //services/ownership/...
  //services/signing:all //services/signing/guard/... //services/signing/pkcs11/...
  //services/status/... //services/transparency/... //services/verification/...
  //services/voucher/... //services/wire/... //storage/batching/...
  //storage/memory/...
)

# bazel test, and what failed tests printed: the filter on Bazel's messages
# hides it.
bazel_test() {
  local log status
  log=$(mktemp)
  bazel test --build_tests_only --keep_going "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  sed -nE 's#^(FAIL|TIMEOUT): .*\(see (.*/test\.log)\).*#\2#p' "$log" |
    sort -u | xargs -r tail -n 80
  rm "$log"
  return "$status"
}
run bazel_test --config=fuzz "${core[@]}"
# Our own queues and pools; the packaged libraries are not built for it.
run bazel_test --config=tsan //services/executor:all \
  //services/signing/pkcs11:all //storage/batching:batching_test
run deploy/fuzz.sh 5

if command -v npx >/dev/null && npx --no-install buf --version >/dev/null 2>&1; then
  run sh -c 'cd proto && npx --no-install buf lint'
else
  echo "buf is not installed; its lint is skipped" >&2
  extra+=(skipped)
fi

if command -v valgrind >/dev/null; then
  run deploy/constant_time_test.sh
else
  echo "valgrind is not installed; the check for constant time is skipped" >&2
  extra+=(skipped)
fi

run /usr/bin/python3 proto/reference.py --check
run python3 deploy/house_test.py
run python3 deploy/house_test.py --self-test
run python3 deploy/conformance_test.py
run python3 deploy/conformance_test.py --self-test
run python3 deploy/sql_test.py
run python3 deploy/sql_test.py --self-test

run python3 deploy/scrub.py --self-test
run /usr/bin/python3 deploy/interop/tlog_verifier_test.py
run /usr/bin/python3 deploy/monitoring/monitoring_test.py

run deploy/quickstart_test.sh
run deploy/est_test.sh
run deploy/cloud_test.sh
run deploy/escrow_test.sh

run /usr/bin/python3 deploy/cluster_test.py
# shellcheck disable=SC2086
run /usr/bin/python3 deploy/drills.py $drills
# Builds all of masad with sanitizers, which takes long.
[ -n "$drills" ] || run /usr/bin/python3 deploy/drills.py --short --sanitized
run python3 load-tests/checker.py --self-test
run python3 load-tests/report.py --self-test
run python3 load-tests/watch.py --self-test
run deploy/restore_drill.sh

# After it, since masad is built then.
if unshare --mount true 2>/dev/null ||
  unshare --user --map-root-user --mount true 2>/dev/null; then
  run deploy/docker_test.sh
else
  echo "no namespaces here; the test of the image is skipped" >&2
  extra+=(skipped)
fi
# Debian's kubectl renders no components.
if kubectl version --client 2>/dev/null | grep -q '^Kustomize'; then
  run /usr/bin/python3 deploy/kubernetes_test.py
  run /usr/bin/python3 deploy/kubernetes_test.py --self-test
  run /usr/bin/python3 deploy/kubernetes_together_test.py
else
  echo "no kubectl that renders kustomizations; their tests are skipped" >&2
  extra+=(skipped skipped skipped)
fi

# shellcheck disable=SC2046
run bazel build $(bazel query 'kind(cc_binary, //load-tests/...)' 2>/dev/null)

# Last, so that the reports it counts are those of this build.
bazel_test //...
status=$?
[ ${#failed[@]} = 0 ] || printf 'failed: %s\n' "${failed[@]}"
python3 deploy/count_tests.py "$status" "${extra[@]}"
