-- What was signed ahead about each certificate that we issued, and when its
-- next turn is. Nothing is signed where response_der is null.
CREATE TABLE IF NOT EXISTS signed_statuses (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  certificate_serial bytea NOT NULL,
  renew_at timestamptz NOT NULL,
  cert_id_der bytea,
  response_der bytea,
  next_update timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (bucket, certificate_serial)
);
CREATE INDEX IF NOT EXISTS signed_statuses_by_turn
  ON signed_statuses (renew_at);
INSERT INTO signed_statuses (bucket, certificate_serial, renew_at)
  SELECT bucket, certificate_serial, issued_at FROM issued_certificates
  ON CONFLICT (bucket, certificate_serial) DO NOTHING;
