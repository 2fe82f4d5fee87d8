# Sourced by bench.sh: the figures import and lookup_growth. Devices come in by
# masactl; the same rows go by COPY into tables with the same indexes of the
# same database. Both in turns, so that a noisy neighbour meets both.

import_rounds=4
import_devices=10000000
lookups=40000

# CPU microseconds of a lookup among the devices PREFIX0 to PREFIX(COUNT-1).
lookup_cost() {
  bazel-bin/load-tests/lookups "$sandbox" $((port + 1)) "$1" "$2" "$lookups" \
    "$(sandbox_masad)" "$(postmaster)"
}

# Imports and copies in turns; sets import_seconds, copy_seconds, import_peak.
run_import() {
  [ -z "${import_seconds:-}" ] || return 0
  local round count=$((import_devices / import_rounds)) begun ended
  local work="$sandbox/import"
  mkdir "$work"
  sandbox_sql -c 'CREATE TABLE copied_devices (LIKE devices INCLUDING ALL)' \
    -c 'CREATE TABLE copied_serials (LIKE device_serials INCLUDING ALL)'
  import_seconds=0
  copy_seconds=0
  for round in $(seq 0 $((import_rounds - 1))); do
    import_csv $((round * count)) "$count" >"$work/devices.csv"
    sandbox_sql -c CHECKPOINT
    begun=$(now)
    operate device import "$work/devices.csv" >/dev/null
    ended=$(now)
    import_seconds=$(python3 -c "print($import_seconds + $ended - $begun)")
    # The rows of this round, in the order in which they were written.
    sandbox_sql -c "\\copy (SELECT * FROM devices WHERE serial_number LIKE 'IMPORT-%' AND substr(serial_number, 8)::int >= $((round * count))) TO '$work/devices.copy'" \
      -c "\\copy (SELECT * FROM device_serials WHERE serial_number LIKE 'IMPORT-%' AND substr(serial_number, 8)::int >= $((round * count))) TO '$work/serials.copy'" \
      -c CHECKPOINT
    begun=$(now)
    sandbox_sql -c "\\copy copied_devices FROM '$work/devices.copy'" \
      -c "\\copy copied_serials FROM '$work/serials.copy'"
    ended=$(now)
    copy_seconds=$(python3 -c "print($copy_seconds + $ended - $begun)")
    rm "$work"/*
  done
  import_peak=$(awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$(sandbox_masad)/status")
  sandbox_sql -c 'DROP TABLE copied_devices' -c 'DROP TABLE copied_serials'
}

import() {
  start_sandbox
  run_import
  python3 - "$import_devices" "$import_seconds" "$copy_seconds" "$import_peak" <<'PYTHON'
import sys
devices, imported, copied, peak = map(float, sys.argv[1:])
print('import value=%.0f unit=1/s limit=%.0f ratio=%.2f note="COPY of the same '
      'rows into devices and device_serials, %d devices; masad held at most %d '
      'MiB"' % (devices / imported, devices / copied, copied / imported,
                devices, peak))
PYTHON
}

lookup_growth() {
  start_sandbox
  local few many
  bazel build --ui_event_filters=-info,-debug --noshow_progress \
    //load-tests:lookups >&2
  # This comes before the figure import, so that devices are few at first.
  few=$(measure_few)
  run_import
  sandbox_sql -c 'VACUUM ANALYZE devices' >/dev/null
  many=$(lookup_cost IMPORT- "$import_devices")
  python3 - "$few" "$many" "$import_devices" <<'PYTHON'
import sys
few, many, devices = map(float, sys.argv[1:])
print('lookup_growth value=%.1f unit=us limit=%.1f ratio=%.2f note="CPU of '
      'masad and PostgreSQL for a lookup, of %d devices against 10000; less is '
      'better"' % (many, few, many / few, devices))
PYTHON
}

# The cost among 10 thousand devices.
measure_few() {
  local few=10000
  import_csv 0 "$few" | sed 's/^IMPORT-/FEW-/' >"$sandbox/few.csv"
  operate device import "$sandbox/few.csv" >/dev/null
  sandbox_sql -c 'VACUUM ANALYZE devices' >/dev/null
  lookup_cost FEW- "$few"
}
