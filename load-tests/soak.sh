#!/usr/bin/env bash
# Under load for long, and nothing grows:
#   load-tests/soak.sh [SECONDS]      20 minutes unless said
# All that clients do, in rounds with connections of their own, at a sandbox; its
# processes' memory, file descriptors and threads are watched. Fails where they
# grow, a request fails, or a voucher that a client was given is not on record
# once.
set -euo pipefail
cd "$(dirname "$0")/.."
. load-tests/sandbox.sh
. load-tests/hammer.sh
seconds=${1:-1200}
scenario=load-tests/scenarios/soak/mix.yaml
each=$(awk '/^seconds:/ {print $2}' "$scenario")
rounds=$((seconds / each))
[ "$rounds" -gt 0 ] || { echo "soak: a round takes $each seconds" >&2; exit 2; }

mapfile -t all < <(yes "$scenario" | head -n "$rounds")
start_hammered_sandbox "${all[@]}"
python3 load-tests/watch.py record "$sandbox/watched" \
  "masad=$(sandbox_masad)" "postgres=$(postmaster)" &
watcher=$!
hammer_options=(--no-limit)  # it would be measured in each round
status=0
run_scenarios "$sandbox" "${all[@]}" || status=1
kill "$watcher" && wait "$watcher" || true
check_journal || status=1
python3 load-tests/watch.py judge "$sandbox/watched" || status=1
exit $status
