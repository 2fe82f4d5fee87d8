#!/usr/bin/env bash
# Fuzzes every parser for SECONDS each (default 60, for a nightly run), from the
# vectors as first inputs. Fails on the first finding, whose input it prints.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}

targets=$(bazel query 'filter(_fuzzer$, kind(cc_binary, //services/...))' 2>/dev/null)
# shellcheck disable=SC2086
bazel build --config=fuzz $targets
for target in $targets; do
  binary="bazel-bin/$(echo "${target#//}" | tr : /)"
  corpus=$(mktemp -d)
  echo "fuzz: $target for $seconds s"
  "$binary" -max_total_time="$seconds" -max_len=16384 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix="$corpus/" "$corpus" services/wire/testdata/*/ ||
    { echo "fuzz: $target failed; its input is in $corpus" >&2; exit 1; }
  rm -rf "$corpus"
done
