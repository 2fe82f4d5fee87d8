-- Who made a change, apart from what became of it: audit events are for ever,
-- names are not. One row for all events of a call, which `masad retention`
-- deletes in time; of an issuance the voucher's own row says who asked.
CREATE TABLE IF NOT EXISTS changes (
  change_id bytea PRIMARY KEY CHECK (octet_length(change_id) = 16),
  tenant_id text NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  request_id text NOT NULL
);
ALTER TABLE audit_events
  ADD COLUMN IF NOT EXISTS change_id bytea,
  ALTER COLUMN actor SET DEFAULT '',
  ALTER COLUMN request_id SET DEFAULT '';
-- The last time that events change: no checkpoint covers any yet.
INSERT INTO changes (change_id, tenant_id, at, actor, request_id)
  SELECT event_id, tenant_id, at, actor, request_id FROM audit_events
  WHERE voucher_id IS NULL AND change_id IS NULL
  ON CONFLICT (change_id) DO NOTHING;
UPDATE audit_events SET actor = '', request_id = '',
  change_id = CASE WHEN voucher_id IS NULL THEN event_id END
  WHERE change_id IS NULL;
