#!/usr/bin/env bash
# One fleet, from the factory's file and back: imported (killed half-way and
# gone on with), listed, resolved and exported, with a figure for each:
#   load-tests/fleet.sh [DEVICES]      10,000,000 unless said; some 4 GB of disk
# Ends with an error where a device is missing, twice there, or another's.
set -euo pipefail
cd "$(dirname "$0")/.."
. load-tests/sandbox.sh
. load-tests/import.sh
. load-tests/resolve.sh
devices=${1:-10000000}

say() {  # say NAME SECONDS NOTE
  python3 -c 'import sys; print("%s value=%.0f unit=1/s note=\"%s, %.0f s\""
    % (sys.argv[1], int(sys.argv[2]) / float(sys.argv[3]), sys.argv[4],
       float(sys.argv[3])))' "$1" "$devices" "$2" "$3"
}
fail() { echo "fleet: $*" >&2; exit 1; }
since() { python3 -c "import time; print(time.monotonic() - $1)"; }
peak() { awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$1/status"; }

fleet_csv() {
  python3 -c '
import sys
print("serial_number,product,organization")
sys.stdout.writelines("RESOLVE-%d,default,fleet-%d\n" % (i, i % 200)
                      for i in range(int(sys.argv[1])))
' "$devices"
}

# Kills the import when half of the devices are in.
import_half() {
  operate device import "$work/fleet.csv" --on-conflict skip >/dev/null 2>&1 &
  local importer=$! done=0
  while [ "$done" -lt $((devices / 2)) ]; do
    kill -0 "$importer" 2>/dev/null || fail "the import ended before its half"
    sleep 0.2
    done=$(sandbox_sql -c 'SELECT coalesce(max(created), 0) FROM imports')
  done
  pkill -KILL -P "$importer" 2>/dev/null || true
  kill -KILL "$importer" 2>/dev/null || true
  wait "$importer" 2>/dev/null || true
}

start_sandbox
load_owners
work="$sandbox/whole"
mkdir "$work"
fleet_csv >"$work/fleet.csv"

begun=$(now)
import_half
operate device import "$work/fleet.csv" --on-conflict skip >"$work/import" 2>&1 ||
  fail "the second import: $(cat "$work/import")"
say fleet_import "$(since "$begun")" \
  "killed half-way and gone on with; masad held at most $(peak "$(sandbox_masad)") MiB"
there=$(sandbox_sql -c "SELECT count(*) FROM devices WHERE serial_number LIKE 'RESOLVE-%'")
[ "$there" = "$devices" ] || fail "$there devices of $devices are there"
sandbox_sql -c 'VACUUM ANALYZE devices' -c CHECKPOINT

begun=$(now)
operate device list --filter 'product = default AND owned = true' |
  grep -c '^RESOLVE-' >"$work/listed"
say fleet_list "$(since "$begun")" "masactl device list, page by page"
[ "$(cat "$work/listed")" = "$devices" ] || fail "$(cat "$work/listed") were listed"

bazel-bin/load-tests/resolve plural "$sandbox" "$sandbox/fleet" \
  $((port + 1)) "$devices" 3 "$(cat "$sandbox/secrets/service-url")"

begun=$(now)
operate device export --filter 'product = default AND owned = true' \
  --out "$work/export.csv" >/dev/null
say fleet_export "$(since "$begun")" \
  "masactl device export; masad held at most $(peak "$(sandbox_masad)") MiB"

# Serial, product and owner of each, in any order, are those of the file.
fields() { python3 -c '
import csv, sys
for row in csv.DictReader(sys.stdin):
    if row["serial_number"].startswith("RESOLVE-"):
        print(row["serial_number"], row["product"], row["organization"])
' <"$1" | LC_ALL=C sort -S 512M; }
fields "$work/fleet.csv" >"$work/before"
fields "$work/export.csv" >"$work/after"
cmp "$work/before" "$work/after" || fail "what came out is not what went in"
echo "fleet: every device came out as it went in"
