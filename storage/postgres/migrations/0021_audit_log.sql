-- The log of audit events: one Merkle tree for each tenant. Whoever writes
-- events writes a row of the outbox beside them, in the same transaction; one
-- sequencer at a time moves what is in it into the log.
ALTER TABLE audit_events
  ADD COLUMN IF NOT EXISTS salt bytea,
  ADD COLUMN IF NOT EXISTS who_hash bytea,
  ADD COLUMN IF NOT EXISTS voucher_sha256 bytea;
-- Forgotten with the names beside it.
ALTER TABLE changes
  ADD COLUMN IF NOT EXISTS who_salt bytea NOT NULL DEFAULT '';
ALTER TABLE vouchers
  ADD COLUMN IF NOT EXISTS who_salt bytea NOT NULL DEFAULT '';
CREATE TABLE IF NOT EXISTS audit_outbox (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  outbox_id bytea NOT NULL CHECK (octet_length(outbox_id) = 16),
  tenant_id text NOT NULL,
  -- Of each event its bucket in two octets, and its id.
  event_ids bytea NOT NULL,
  -- Of each event 32 octets; empty: made when it is taken.
  commitments bytea NOT NULL,
  PRIMARY KEY (bucket, outbox_id)
);
-- Hashes do not compress; and rows live for a second.
ALTER TABLE audit_outbox ALTER COLUMN event_ids SET STORAGE EXTERNAL;
ALTER TABLE audit_outbox ALTER COLUMN commitments SET STORAGE EXTERNAL;
ALTER TABLE audit_outbox SET (autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
CREATE TABLE IF NOT EXISTS audit_lease (
  name text PRIMARY KEY,
  holder text NOT NULL,
  epoch bigint NOT NULL,
  until timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS audit_heads (
  tenant_id text PRIMARY KEY,
  size bigint NOT NULL,
  root bytea NOT NULL
);
-- Entries by 256, as C2SP tlog-tiles has them.
CREATE TABLE IF NOT EXISTS audit_entries (
  tenant_id text NOT NULL,
  number bigint NOT NULL,
  event_ids bytea NOT NULL,
  commitments bytea NOT NULL,
  PRIMARY KEY (tenant_id, number)
);
ALTER TABLE audit_entries ALTER COLUMN event_ids SET STORAGE EXTERNAL;
ALTER TABLE audit_entries ALTER COLUMN commitments SET STORAGE EXTERNAL;
ALTER TABLE audit_entries SET (toast_tuple_target = 8160);
CREATE TABLE IF NOT EXISTS audit_tiles (
  tenant_id text NOT NULL,
  level smallint NOT NULL,
  number bigint NOT NULL,
  hashes bytea NOT NULL,
  PRIMARY KEY (tenant_id, level, number)
);
ALTER TABLE audit_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
-- In which bundles events are whose ids begin with a tenth of a second: where
-- an event is, without a row for each.
CREATE TABLE IF NOT EXISTS audit_places (
  tenant_id text NOT NULL,
  slice bigint NOT NULL,
  number bigint NOT NULL,
  PRIMARY KEY (tenant_id, slice, number)
);
CREATE TABLE IF NOT EXISTS audit_checkpoints (
  tenant_id text NOT NULL,
  size bigint NOT NULL,
  at timestamptz NOT NULL,
  note text NOT NULL,
  PRIMARY KEY (tenant_id, size)
);
-- A device's events that are no issuances; those are found by its vouchers.
CREATE INDEX IF NOT EXISTS audit_events_by_device
  ON audit_events (bucket, device_id, at DESC, event_id DESC)
  WHERE device_id IS NOT NULL AND voucher_id IS NULL;
-- The last time that events change: no log has any yet. The sequencer makes
-- their commitments.
UPDATE audit_events SET salt =
    decode(replace(gen_random_uuid()::text, '-', ''), 'hex')
  WHERE salt IS NULL;
INSERT INTO audit_outbox (bucket, outbox_id, tenant_id, event_ids, commitments)
  SELECT bucket, event_id, tenant_id,
    decode(lpad(to_hex(bucket::integer), 4, '0') || encode(event_id, 'hex'), 'hex'), ''
  FROM audit_events
  ON CONFLICT (bucket, outbox_id) DO NOTHING;
