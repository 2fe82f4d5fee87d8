-- How the jobs that a timer runs beside the service ended last. Those that
-- every deployment has are waited for from here on; others from their first
-- run on.
CREATE TABLE IF NOT EXISTS job_runs (
  job text PRIMARY KEY,
  -- When it last did what it is for; while it never did, since when that is
  -- waited for.
  succeeded_at timestamptz NOT NULL,
  failed_at timestamptz
);
INSERT INTO job_runs (job, succeeded_at)
  VALUES ('retention', now()), ('verify-audit', now())
  ON CONFLICT (job) DO NOTHING;
