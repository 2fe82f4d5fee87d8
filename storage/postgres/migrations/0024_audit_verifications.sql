-- Verifications of the audit log in the background. The record holds what the
-- log is held against and how far it was, and changes with each step.
CREATE TABLE IF NOT EXISTS audit_verifications (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  verification_id bytea NOT NULL CHECK (octet_length(verification_id) = 16),
  tenant_id text NOT NULL,
  -- When somebody may take it to run it; null when it has ended.
  ready_at timestamptz,
  ended_at timestamptz,
  record bytea NOT NULL,
  PRIMARY KEY (bucket, verification_id)
);
CREATE INDEX IF NOT EXISTS audit_verifications_by_tenant
  ON audit_verifications (tenant_id, verification_id);
CREATE INDEX IF NOT EXISTS audit_verifications_ready
  ON audit_verifications (ready_at) WHERE ready_at IS NOT NULL;
-- Hashes do not compress.
ALTER TABLE audit_verifications ALTER COLUMN record SET STORAGE EXTERNAL;
