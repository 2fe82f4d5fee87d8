-- Organisations as trees of groups. The root group is the organisation itself
-- and has no row; where a device or a certificate is in no other group, its
-- group_id is empty, as in the rows of older programs.
CREATE TABLE IF NOT EXISTS groups (
  tenant_id text NOT NULL,
  group_id text NOT NULL,
  organization_id text NOT NULL,
  parent_id text NOT NULL,
  description text NOT NULL,
  -- The ids from below the root to this one, each between slashes: who is
  -- above whom, without recursion.
  path text NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (tenant_id, group_id)
);
CREATE UNIQUE INDEX IF NOT EXISTS groups_by_parent
  ON groups (tenant_id, parent_id, description);
CREATE INDEX IF NOT EXISTS groups_by_organization
  ON groups (tenant_id, organization_id);
CREATE TABLE IF NOT EXISTS access_bindings (
  tenant_id text NOT NULL,
  organization_id text NOT NULL,
  group_id text NOT NULL,
  account_organization_id text NOT NULL,
  username text NOT NULL,
  account_type smallint NOT NULL,
  role smallint NOT NULL,
  PRIMARY KEY (tenant_id, organization_id, group_id, account_organization_id,
    username, account_type)
);
CREATE INDEX IF NOT EXISTS access_bindings_by_account
  ON access_bindings (tenant_id, account_organization_id, username,
    account_type);
CREATE TABLE IF NOT EXISTS delegations (
  tenant_id text NOT NULL,
  organization_id text NOT NULL,
  group_id text NOT NULL,
  delegate_id text NOT NULL,
  PRIMARY KEY (tenant_id, organization_id, group_id, delegate_id)
);
-- What a caller's request id stands for, written with what it did.
CREATE TABLE IF NOT EXISTS request_results (
  tenant_id text NOT NULL,
  actor text NOT NULL,
  request_id text NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  result text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, actor, request_id)
);
-- Grows with each change of what belongs to the organisation: a change is
-- written only while the version is the one that it was decided on.
ALTER TABLE organizations
  ADD COLUMN IF NOT EXISTS tree_version bigint NOT NULL DEFAULT 1;
ALTER TABLE domain_certs
  ADD COLUMN IF NOT EXISTS group_id text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS expires_at timestamptz;
CREATE INDEX IF NOT EXISTS domain_certs_by_id
  ON domain_certs (tenant_id, cert_id);
ALTER TABLE devices
  ADD COLUMN IF NOT EXISTS group_id text NOT NULL DEFAULT '';
CREATE INDEX IF NOT EXISTS devices_by_group
  ON devices (tenant_id, group_id, bucket, device_id)
  WHERE group_id <> '';
