-- What the registry says of a device beyond what decisions read, and when it
-- was deleted: a deleted device is unknown, but keeps its serial number.
ALTER TABLE devices
  ADD COLUMN IF NOT EXISTS details text NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS deleted_at timestamptz;
-- How far each import has come: written with the chunk that brought it there.
CREATE TABLE IF NOT EXISTS imports (
  tenant_id text NOT NULL,
  import_id text NOT NULL,
  on_conflict smallint NOT NULL,
  last_sequence bigint NOT NULL,
  created bigint NOT NULL,
  skipped bigint NOT NULL,
  updated bigint NOT NULL,
  failed bigint NOT NULL,
  complete boolean NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, import_id)
);
