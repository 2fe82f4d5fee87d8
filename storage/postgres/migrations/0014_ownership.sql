-- Who owned a device: entries chained by hash, one row for each change of
-- owner, written with the change. Inserted, never changed.
CREATE TABLE IF NOT EXISTS ownership_entries (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  device_id bytea NOT NULL CHECK (octet_length(device_id) = 16),
  number integer NOT NULL CHECK (number >= 0),
  -- Empty in the first entry, where it stands for zeros.
  prev_hash bytea NOT NULL CHECK (octet_length(prev_hash) IN (0, 32)),
  kind smallint NOT NULL,
  from_organization_id text NOT NULL,
  to_organization_id text NOT NULL,
  at timestamptz NOT NULL,
  opens_past boolean NOT NULL,
  batch_id bytea NOT NULL CHECK (octet_length(batch_id) = 16),
  leaf_index integer NOT NULL,
  PRIMARY KEY (bucket, device_id, number)
);
-- The entries of one transaction, by their hashes one after the other, so that
-- root and proofs need no entries of other devices. The signature comes
-- afterwards, once.
CREATE TABLE IF NOT EXISTS ownership_batches (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  batch_id bytea NOT NULL CHECK (octet_length(batch_id) = 16),
  tenant_id text NOT NULL,
  leaves bytea NOT NULL,
  signing_key text,
  signature bytea,
  -- Each certificate behind its length in four octets.
  chain bytea,
  signed_at timestamptz,
  PRIMARY KEY (bucket, batch_id)
);
-- Hashes do not compress.
ALTER TABLE ownership_batches ALTER COLUMN leaves SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS ownership_batches_unsigned
  ON ownership_batches (tenant_id, bucket, batch_id) WHERE signature IS NULL;
-- Devices that one organisation offers to another.
CREATE TABLE IF NOT EXISTS transfers (
  tenant_id text NOT NULL,
  transfer_id bytea NOT NULL CHECK (octet_length(transfer_id) = 16),
  from_organization_id text NOT NULL,
  to_organization_id text NOT NULL,
  state smallint NOT NULL,
  keep_history boolean NOT NULL,
  by_operator boolean NOT NULL,
  offered_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  version bigint NOT NULL,
  PRIMARY KEY (tenant_id, transfer_id)
);
CREATE INDEX IF NOT EXISTS transfers_given
  ON transfers (tenant_id, from_organization_id, transfer_id);
CREATE INDEX IF NOT EXISTS transfers_received
  ON transfers (tenant_id, to_organization_id, transfer_id);
CREATE INDEX IF NOT EXISTS transfers_open ON transfers (expires_at)
  WHERE state = 1;
CREATE TABLE IF NOT EXISTS transfer_devices (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  device_id bytea NOT NULL CHECK (octet_length(device_id) = 16),
  transfer_id bytea NOT NULL CHECK (octet_length(transfer_id) = 16),
  tenant_id text NOT NULL,
  place integer NOT NULL,
  serial_number text NOT NULL,
  idevid_issuer bytea,
  state_before smallint NOT NULL,
  hold smallint NOT NULL,
  PRIMARY KEY (bucket, device_id, transfer_id)
);
CREATE INDEX IF NOT EXISTS transfer_devices_by_transfer
  ON transfer_devices (tenant_id, transfer_id);
