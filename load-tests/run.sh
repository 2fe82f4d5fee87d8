#!/usr/bin/env bash
# Runs every scenario against a sandbox of its own, and some against clusters,
# and writes a report:
#   load-tests/run.sh [--out DIR] [SCENARIO...]    load-tests/report unless said
# The report is DIR/report.html, its numbers DIR/*.json, its plots DIR/plots.
# Fails where a scenario's budget does not hold, or a voucher that a client was
# given is not on record once. Scenarios that are named run alone, without
# clusters.
set -euo pipefail
cd "$(dirname "$0")/.."
. load-tests/sandbox.sh
. load-tests/hammer.sh
out=load-tests/report
if [ "${1:-}" = --out ]; then
  [ $# -ge 2 ] || { echo "run: --out needs a folder" >&2; exit 2; }
  out=$2
  shift 2
fi
scenarios=("$@")
[ ${#scenarios[@]} -gt 0 ] || scenarios=(load-tests/scenarios/*.yaml)

mkdir -p "$out"
rm -f "$out"/*.json "$out"/checker.txt
python3 load-tests/machine.py "$out" before
start_hammered_sandbox "${scenarios[@]}"
status=0
run_scenarios "$out" "${scenarios[@]}" || status=1
check_journal | tee "$out/checker.txt" || status=1
if [ $# -eq 0 ]; then
  stop_sandbox
  sandbox_pid=
  /usr/bin/python3 load-tests/replicas.py --out "$out" || status=1
fi
python3 load-tests/machine.py "$out" after
python3 load-tests/report.py "$out"
exit $status
