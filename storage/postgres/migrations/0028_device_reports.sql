-- What devices told of how a voucher or an enrolment went: of each kind the
-- newest, once of those who showed the device's own certificate and once of
-- others.
CREATE TABLE IF NOT EXISTS device_reports (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  device_id bytea NOT NULL CHECK (octet_length(device_id) = 16),
  kind smallint NOT NULL CHECK (kind IN (1, 2)),
  is_proven boolean NOT NULL,
  tenant_id text NOT NULL,
  at timestamptz NOT NULL,
  version integer NOT NULL,
  success boolean NOT NULL,
  reason text NOT NULL,
  context_json text NOT NULL,
  PRIMARY KEY (bucket, device_id, kind, is_proven)
);
