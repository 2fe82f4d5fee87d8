-- What a customer's registrars must show, and domains that get no vouchers.
-- An older program still writes rows without a definition: no rule of their
-- own.
ALTER TABLE organizations
  ADD COLUMN IF NOT EXISTS definition text NOT NULL DEFAULT '{}';
UPDATE organizations SET definition = json_build_object(
  'tenantId', tenant_id, 'organizationId', organization_id,
  'displayName', display_name)::text
  WHERE definition = '{}';
CREATE TABLE IF NOT EXISTS blocked_domains (
  tenant_id text NOT NULL,
  spki_sha256 bytea NOT NULL CHECK (octet_length(spki_sha256) = 32),
  note text NOT NULL,
  lifted boolean NOT NULL,
  PRIMARY KEY (tenant_id, spki_sha256)
);
