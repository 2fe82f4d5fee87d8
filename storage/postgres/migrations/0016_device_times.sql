-- When a device was first and last written: unset in rows from before.
ALTER TABLE devices
  ADD COLUMN IF NOT EXISTS created_at timestamptz,
  ADD COLUMN IF NOT EXISTS updated_at timestamptz;
-- How many claims of devices were refused to a customer since when: one row for
-- each that has ever been wrong.
CREATE TABLE IF NOT EXISTS refused_claims (
  tenant_id text NOT NULL,
  organization_id text NOT NULL,
  window_start timestamptz NOT NULL,
  refused bigint NOT NULL,
  PRIMARY KEY (tenant_id, organization_id)
);
