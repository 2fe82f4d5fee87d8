-- Small reference tables, written by `masad apply`.
CREATE TABLE IF NOT EXISTS tenants (
  tenant_id text PRIMARY KEY,
  definition text NOT NULL
);
CREATE TABLE IF NOT EXISTS products (
  tenant_id text NOT NULL,
  product_id text NOT NULL,
  definition text NOT NULL,
  PRIMARY KEY (tenant_id, product_id)
);
CREATE TABLE IF NOT EXISTS organizations (
  tenant_id text NOT NULL,
  organization_id text NOT NULL,
  display_name text NOT NULL,
  PRIMARY KEY (tenant_id, organization_id)
);
CREATE TABLE IF NOT EXISTS domain_certs (
  tenant_id text NOT NULL,
  organization_id text NOT NULL,
  cert_id text NOT NULL,
  spki_sha256 bytea NOT NULL CHECK (octet_length(spki_sha256) = 32),
  certificate_der bytea NOT NULL,
  revocation_checks boolean NOT NULL,
  PRIMARY KEY (tenant_id, organization_id, cert_id)
);
CREATE INDEX IF NOT EXISTS domain_certs_by_spki
  ON domain_certs (tenant_id, spki_sha256);
