#!/usr/bin/env bash
# Runs every scenario against a sandbox of its own and writes a report:
#   load-tests/run.sh [--out DIR] [SCENARIO...]    load-tests/report unless said
# The report is DIR/index.html, its numbers DIR/*.json. Fails where a scenario's
# budget does not hold.
set -euo pipefail
cd "$(dirname "$0")/.."
. load-tests/sandbox.sh
. load-tests/resolve.sh
. load-tests/requests.sh
out=load-tests/report
if [ "${1:-}" = --out ]; then
  [ $# -ge 2 ] || { echo "run: --out needs a folder" >&2; exit 2; }
  out=$2
  shift 2
fi
scenarios=("$@")
[ ${#scenarios[@]} -gt 0 ] || scenarios=(load-tests/scenarios/*.yaml)
fleet=200000

bazel build --ui_event_filters=-info,-debug --noshow_progress //load-tests/hammer >&2
mkdir -p "$out"
start_sandbox
load_fleet "$fleet"
used=0
requests=$(python3 - "${scenarios[@]}" <<'PYTHON'
import sys
import yaml
print(sum(each.get("devices", 0) * len(each["mix"])
          for each in (yaml.safe_load(open(path)) for path in sys.argv[1:])))
PYTHON
)
prepare_requests "$requests"
cp "$sandbox/fleet/domains.txt" "$sandbox/bench/"

status=0
for scenario in "${scenarios[@]}"; do
  name=$(basename "$scenario" .yaml)
  echo "run: $name" >&2
  bazel-bin/load-tests/hammer/hammer "$scenario" --sandbox "$sandbox" \
    --work "$sandbox/bench" --https "127.0.0.1:$port" --api "127.0.0.1:$((port + 1))" \
    --first "$used" --fleet "$fleet" --process "$(sandbox_masad)" \
    --process "$(postmaster)" --out "$out/$name.json" --journal "$sandbox/journal" ||
    { status=1; echo "run: $name: a budget does not hold" >&2; }
  used=$((used + $(python3 -c '
import sys, yaml
each = yaml.safe_load(open(sys.argv[1]))
print(each.get("devices", 0) * len(each["mix"]))' "$scenario")))
done
python3 load-tests/checker.py --journal "$sandbox/journal" --socket "$(postgres_socket)" || status=1
python3 load-tests/report.py "$out"
exit $status
