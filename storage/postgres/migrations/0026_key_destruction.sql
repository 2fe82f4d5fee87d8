-- Who has asked for the destruction of a version's private key, and when, until
-- somebody else confirms it; and when it was destroyed.
ALTER TABLE key_versions
  ADD COLUMN IF NOT EXISTS destroy_asked_at timestamptz,
  ADD COLUMN IF NOT EXISTS destroy_asked_by text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS destroyed_at timestamptz;
