-- The bucket leads every per-device key, so that the schema shards unchanged.
CREATE TABLE IF NOT EXISTS devices (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  device_id bytea NOT NULL CHECK (octet_length(device_id) = 16),
  tenant_id text NOT NULL,
  serial_number text NOT NULL,
  idevid_issuer bytea,
  product_id text NOT NULL,
  organization_id text NOT NULL,
  state smallint NOT NULL,
  idevid_cert_der bytea NOT NULL,
  model text NOT NULL,
  mac_addr text NOT NULL,
  ek_public_key_der bytea NOT NULL,
  labels text NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (bucket, device_id)
);
CREATE INDEX IF NOT EXISTS devices_by_serial
  ON devices (bucket, tenant_id, serial_number);
-- A row to lock: two imports of one serial number, with and without issuer,
-- have different ids and would not see each other otherwise.
CREATE TABLE IF NOT EXISTS device_serials (
  bucket smallint NOT NULL,
  tenant_id text NOT NULL,
  serial_number text NOT NULL,
  PRIMARY KEY (bucket, tenant_id, serial_number)
);
