# Sourced by bench.sh: the figures audit_sequence, audit_proof and audit_verify,
# each on a database of its own or in memory; and audit_lag, of the sandbox that
# stream_issue has loaded.

audit_events=10000000
audit_sequence_events=200000

audit_figure() {
  bazel build --ui_event_filters=-info,-debug --noshow_progress \
    //load-tests:audit >&2
  bazel-bin/load-tests/audit "$1" "$2"
}
audit_sequence() { audit_figure sequence "$audit_sequence_events"; }
audit_proof() { audit_figure proof "$audit_events"; }
audit_verify() { audit_figure verify "$audit_events"; }

# How long events waited for a checkpoint that has them: ids of events begin
# with the time that they were made at, in milliseconds, and the least checkpoint
# of a greater size has them. The rows of the bare INSERT say that they are old.
audit_lag_sql="
WITH leaves AS (
  SELECT number * 256 + i AS place,
    ('x' || encode(substring(event_ids FROM (i * 18 + 3)::int FOR 6), 'hex'))
      ::bit(48)::bigint AS made_ms
  FROM audit_entries, generate_series(0, 255) AS i
  WHERE tenant_id = 'acme' AND octet_length(event_ids) >= (i + 1) * 18),
waits AS (
  SELECT (SELECT min(extract(epoch FROM at) * 1000) FROM audit_checkpoints c
    WHERE tenant_id = 'acme' AND size > place) - made_ms AS ms
  FROM leaves WHERE made_ms > 1000 * (SELECT extract(epoch FROM min(at)) - 3600
    FROM audit_checkpoints))
SELECT format('audit_lag value=%s unit=s limit=2 ratio=%s note=\"longest wait of '
  '%s events; p50 %s s, p99 %s s\"', round(max(ms) / 1000, 2),
  round(max(ms) / 2000, 2), count(*),
  round(percentile_disc(0.5) WITHIN GROUP (ORDER BY ms) / 1000, 2),
  round(percentile_disc(0.99) WITHIN GROUP (ORDER BY ms) / 1000, 2))
FROM waits"

audit_lag() {
  psql -XAt "$(cat "$sandbox/secrets/service-url")" -c "$audit_lag_sql"
}
