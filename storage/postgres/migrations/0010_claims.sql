-- Claims that wait for an operator's word (EP-41), and what the word was.
CREATE TABLE IF NOT EXISTS claims (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  device_id bytea NOT NULL CHECK (octet_length(device_id) = 16),
  claim_id bytea NOT NULL CHECK (octet_length(claim_id) = 16),
  tenant_id text NOT NULL,
  serial_number text NOT NULL,
  domain_id bytea NOT NULL,
  pinned_spki_sha256 bytea NOT NULL,
  asked_at timestamptz NOT NULL,
  state smallint NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (bucket, device_id, claim_id)
);
CREATE INDEX IF NOT EXISTS claims_by_id ON claims (tenant_id, claim_id);
CREATE INDEX IF NOT EXISTS claims_waiting ON claims (tenant_id, asked_at)
  WHERE state = 1;
-- A customer's devices in one order (SZ-02).
CREATE INDEX IF NOT EXISTS devices_by_owner
  ON devices (tenant_id, organization_id, bucket, device_id)
  WHERE organization_id <> '';
