-- Certificates that we issued. Their serial numbers say the bucket, so that
-- whoever asks with one alone finds its shard.
CREATE TABLE IF NOT EXISTS issued_certificates (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  certificate_serial bytea NOT NULL,
  tenant_id text NOT NULL,
  subject text NOT NULL,
  device_id bytea NOT NULL,
  profile text NOT NULL,
  signing_key text NOT NULL,
  ca_key_id bytea NOT NULL,
  certificate_der bytea NOT NULL,
  request_digest bytea NOT NULL CHECK (octet_length(request_digest) = 32),
  issued_at timestamptz NOT NULL,
  not_after timestamptz NOT NULL,
  requester text NOT NULL,
  revoked_at timestamptz,
  revocation_reason integer NOT NULL,
  PRIMARY KEY (bucket, certificate_serial)
);
CREATE INDEX IF NOT EXISTS issued_certificates_by_subject
  ON issued_certificates (bucket, tenant_id, subject, issued_at DESC);
CREATE INDEX IF NOT EXISTS issued_certificates_revoked
  ON issued_certificates (tenant_id, ca_key_id) WHERE revoked_at IS NOT NULL;
-- Who shows the token may ask once for this subject: the row goes with it.
CREATE TABLE IF NOT EXISTS enrollment_permits (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  tenant_id text NOT NULL,
  subject text NOT NULL,
  token_digest bytea NOT NULL CHECK (octet_length(token_digest) = 32),
  profile text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (bucket, tenant_id, subject, token_digest)
);
