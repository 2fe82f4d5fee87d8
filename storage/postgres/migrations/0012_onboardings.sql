-- How devices of a group, and of those below it without a row here, find
-- their owner's network: by its registrar, or by its EST server and the
-- certificate that this presents or chains to. What is not so is empty.
CREATE TABLE IF NOT EXISTS onboardings (
  tenant_id text NOT NULL,
  organization_id text NOT NULL,
  group_id text NOT NULL,
  registrar_url text NOT NULL,
  est_domain text NOT NULL,
  est_certificate_der bytea NOT NULL,
  additional_configuration_url text NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (tenant_id, organization_id, group_id),
  CHECK ((registrar_url = '') <> (est_domain = ''))
);
