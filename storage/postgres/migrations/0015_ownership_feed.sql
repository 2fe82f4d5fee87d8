-- Every change of a device, for those who watch: one row for each transaction
-- and tenant, numbered without gaps in a lane. A lane is 16 buckets, and is
-- called by the first of them.
CREATE TABLE IF NOT EXISTS ownership_feed (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  tenant_id text NOT NULL,
  position bigint NOT NULL CHECK (position > 0),
  at timestamptz NOT NULL,
  changes bytea NOT NULL,
  PRIMARY KEY (bucket, tenant_id, position)
);
-- The newest number of each lane. Whoever writes to the lane holds this row
-- until it commits: so numbers are seen in the order in which they were given.
CREATE TABLE IF NOT EXISTS ownership_feed_heads (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  tenant_id text NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (bucket, tenant_id)
);
-- Only `position` changes, and no index has it: there is room in the page.
ALTER TABLE ownership_feed_heads SET (fillfactor = 20);
