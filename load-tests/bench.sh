#!/usr/bin/env bash
# Measures each figure against the irreducible work of the same run:
#   load-tests/bench.sh [--only NAME] [--quick]
# prints NAME value=.. unit=.. limit=.. ratio=.. note=".." per figure.
set -euo pipefail
cd "$(dirname "$0")/.."

figures=(voucher_batch_cms)
only=
seconds=0.5
repetitions=11
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
voucher_batch_cms() {
  bazel build --ui_event_filters=-info,-debug --noshow_progress \
    //load-tests:voucher_batch >&2
  local core
  core=$(taskset -pc $$ | sed 's/.*: //; s/[,-].*//')
  taskset -c "$core" bazel-bin/load-tests/voucher_batch \
    --benchmark_min_time="$seconds" \
    --benchmark_repetitions="$repetitions" \
    --benchmark_enable_random_interleaving=true
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
