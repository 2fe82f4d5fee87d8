-- Jobs that issue a voucher for each device of a selection. The record holds
-- what was asked for and how far it has come, and changes with each batch.
CREATE TABLE IF NOT EXISTS voucher_jobs (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  job_id bytea NOT NULL CHECK (octet_length(job_id) = 16),
  tenant_id text NOT NULL,
  organization_id text NOT NULL,
  state smallint NOT NULL,
  -- When somebody may take it to run it; null when it has ended.
  ready_at timestamptz,
  ended_at timestamptz,
  record text NOT NULL,
  PRIMARY KEY (bucket, job_id)
);
CREATE INDEX IF NOT EXISTS voucher_jobs_by_tenant
  ON voucher_jobs (tenant_id, job_id);
CREATE INDEX IF NOT EXISTS voucher_jobs_ready ON voucher_jobs (ready_at)
  WHERE ready_at IS NOT NULL;
-- What became of each device, a row for each batch: where its files and its
-- lines of the manifest begin in the archive, and which they are.
CREATE TABLE IF NOT EXISTS voucher_job_batches (
  bucket smallint NOT NULL CHECK (bucket >= 0 AND bucket < 1024),
  job_id bytea NOT NULL CHECK (octet_length(job_id) = 16),
  number integer NOT NULL CHECK (number >= 0),
  file_begin bigint NOT NULL,
  manifest_begin bigint NOT NULL,
  items bytea NOT NULL,
  PRIMARY KEY (bucket, job_id, number)
);
CREATE INDEX IF NOT EXISTS voucher_job_batches_by_file
  ON voucher_job_batches (bucket, job_id, file_begin, number);
CREATE INDEX IF NOT EXISTS voucher_job_batches_by_manifest
  ON voucher_job_batches (bucket, job_id, manifest_begin, number);
-- Digests do not compress.
ALTER TABLE voucher_job_batches ALTER COLUMN items SET STORAGE EXTERNAL;
