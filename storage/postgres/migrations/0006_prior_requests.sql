-- The pledge's request behind a voucher, so that its reuse by another domain
-- is seen; and a device's vouchers by time, in one indexed read.
ALTER TABLE vouchers
  ADD COLUMN IF NOT EXISTS prior_digest bytea NOT NULL DEFAULT '';
CREATE INDEX IF NOT EXISTS vouchers_by_device
  ON vouchers (bucket, device_id, created_on DESC, voucher_id DESC);
