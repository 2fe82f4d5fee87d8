-- How many vouchers a registrar has got in the newest window of its tenant's
-- limit. Writers have slots, so that they seldom wait for each other; a reader
-- adds them up.
CREATE TABLE IF NOT EXISTS registrar_claims (
  tenant_id text NOT NULL,
  registrar_spki_sha256 bytea NOT NULL,
  slot smallint NOT NULL,
  window_start timestamptz NOT NULL,
  claims bigint NOT NULL,
  PRIMARY KEY (tenant_id, registrar_spki_sha256, slot)
);
