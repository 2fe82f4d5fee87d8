-- Inserted, never changed: the service may insert and read (see migrate.cc).
CREATE TABLE IF NOT EXISTS audit_events (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  event_id bytea NOT NULL CHECK (octet_length(event_id) = 16),
  device_id bytea,
  tenant_id text NOT NULL,
  kind text NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  request_id text NOT NULL,
  voucher_id bytea,
  domain_id bytea,
  pinned_spki_sha256 bytea,
  issuer_spki_sha256 bytea,
  nonce text,
  assertion smallint,
  request_digest bytea,
  payload text,
  PRIMARY KEY (bucket, event_id)
);
