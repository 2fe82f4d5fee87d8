#!/usr/bin/env bash
# Fuzzes every parser for SECONDS each (default 60, for a nightly run), from the
# vectors as first inputs, as many at once as there are processors. Ends with
# the first finding, whose input it keeps and names.
set -euo pipefail
cd "$(dirname "$0")/.."
export seconds=${1:-60}

# One fuzzer; what it says comes in one piece. To xargs, 255 means: no more.
fuzz() {
  local binary corpus said
  binary="bazel-bin/$(echo "${1#//}" | tr : /)"
  corpus=$(mktemp -d)
  if said=$("$binary" -max_total_time="$seconds" -max_len=16384 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix="$corpus/" "$corpus" \
    services/wire/testdata/*/ 2>&1); then
    printf 'fuzz: %s for %s s\n%s\n' "$1" "$seconds" "$said"
    rm -rf "$corpus"
  else
    printf '%s\nfuzz: %s failed; its input is in %s\n' "$said" "$1" "$corpus" >&2
    return 255
  fi
}
export -f fuzz

targets=$(bazel query 'filter(_fuzzer$, kind(cc_binary, //services/...))' 2>/dev/null)
# shellcheck disable=SC2086
bazel build --config=fuzz $targets
# shellcheck disable=SC2016,SC2086
printf '%s\n' $targets | xargs -n 1 -P "$(nproc)" bash -c 'fuzz "$1"' fuzz
