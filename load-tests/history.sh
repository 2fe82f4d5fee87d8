#!/usr/bin/env bash
# What an operation costs beside a long history:
#   load-tests/history.sh [EVENTS]    10,000,000 unless said; some 600 octets each
# Vouchers for operators and for registrars, before and after so many events of
# their devices are in the audit log and under its checkpoints; CPU of the service
# and PostgreSQL for one item, of both. Fails where it grew by more than a
# quarter, a budget does not hold, or a voucher that a client was given is not on
# record once.
set -euo pipefail
cd "$(dirname "$0")/.."
. load-tests/sandbox.sh
. load-tests/hammer.sh
events=${1:-10000000}
scenarios=(load-tests/scenarios/issue-256.yaml load-tests/scenarios/brski-cms.yaml)
part=1000000

# Events FIRST to LAST, in the order in which the log takes them, a microsecond
# times 50 apart: 20,000 a second, as they would come. The sequencer makes what
# the log has of each from its row.
history_sql() {
  cat <<SQL
WITH known AS MATERIALIZED (SELECT bucket, device_id,
    row_number() OVER (ORDER BY bucket, device_id) - 1 AS place
  FROM devices WHERE tenant_id = 'acme' AND serial_number LIKE 'BENCH-%'),
made AS MATERIALIZED (SELECT i, known.bucket, known.device_id,
    1700000000000 + i / 20 AS ms,
    decode(lpad(to_hex(1700000000000 + i / 20), 12, '0'), 'hex') ||
      substr(sha256(convert_to('history-' || i, 'UTF8')), 1, 10) AS event_id
  FROM generate_series($1::bigint, $2) AS i
  JOIN known ON known.place = i % (SELECT count(*) FROM known)),
happened AS (INSERT INTO audit_events (bucket, event_id, device_id, tenant_id,
    kind, at, payload, change_id, salt, who_hash)
  SELECT bucket, event_id, device_id, 'acme', 'device-updated',
    to_timestamp(ms / 1000.0), '{"note":"' || repeat('history ', 20) || '"}',
    '\\x00000000000000000000000000000001',
    substr(sha256(event_id), 1, 16), sha256('history')
  FROM made ORDER BY i)
INSERT INTO audit_outbox (bucket, outbox_id, tenant_id, event_ids, commitments)
  SELECT 0, (array_agg(event_id ORDER BY i))[1], 'acme',
    string_agg(int2send(bucket) || event_id, ''::bytea ORDER BY i), ''
  FROM made GROUP BY i / 256;
SQL
}

# Until the log has all that waits for it.
load_history() {
  local from
  sandbox_sql -c "INSERT INTO changes (change_id, tenant_id, at, actor, request_id)
    VALUES ('\\x00000000000000000000000000000001', 'acme', now(), 'history', '')"
  for ((from = 0; from < events; from += part)); do
    history_sql "$from" $((from + part < events ? from + part - 1 : events - 1)) |
      sandbox_sql
    until [ "$(sandbox_sql -c 'SELECT count(*) FROM audit_outbox')" = 0 ]; do
      sleep 0.5
    done
    echo "history: $((from + part < events ? from + part : events)) events," \
      "$SECONDS s after it began" >&2
  done
  sandbox_sql -c 'VACUUM ANALYZE audit_events' -c 'VACUUM ANALYZE audit_entries' \
    -c CHECKPOINT
}

compare() {
  python3 - "$sandbox" <<'PYTHON'
import json, pathlib, sys
place, grown = pathlib.Path(sys.argv[1]), False
for path in sorted((place / "before").glob("*.json")):
    before, after = (json.loads((place / when / path.name).read_text())["cpu_us_per_item"]
                     for when in ("before", "after"))
    grown |= after > 1.25 * before
    print(f"history: {path.stem}: {before:.1f} us of CPU for an item before, "
          f"{after:.1f} after; {after / before:.2f} times")
sys.exit(grown)
PYTHON
}

log_size() { sandbox_sql -c "SELECT size FROM audit_heads WHERE tenant_id = 'acme'"; }

start_hammered_sandbox "${scenarios[@]}" "${scenarios[@]}"
mkdir "$sandbox/before" "$sandbox/after"
status=0
run_scenarios "$sandbox/before" "${scenarios[@]}" || status=1
echo "history: the log has $(log_size) events"
load_history
echo "history: the log has $(log_size) events"
run_scenarios "$sandbox/after" "${scenarios[@]}" || status=1
check_journal || status=1
compare || status=1
exit $status
