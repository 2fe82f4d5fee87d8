-- Versions of signing keys: certificates and times; no private key. A small
-- reference table. Version 0 is the chain of the signer's configuration.
CREATE TABLE IF NOT EXISTS key_versions (
  key text NOT NULL,
  version integer NOT NULL CHECK (version >= 0),
  tenant_id text NOT NULL,
  spki bytea NOT NULL,
  chain bytea NOT NULL,
  created_at timestamptz NOT NULL,
  not_before timestamptz,
  retired_at timestamptz,
  revision bigint NOT NULL,
  PRIMARY KEY (key, version)
);
