-- What a look at a model's place told, kept so that a start reads no files again. `stamp` is the cheap sign of the
-- place at that look: empty in rows written before, `?` when it may change without showing.
ALTER TABLE downloaded_models ADD COLUMN stamp TEXT NOT NULL DEFAULT '';
ALTER TABLE downloaded_models ADD COLUMN foreign_parts TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(foreign_parts));
ALTER TABLE downloaded_models ADD COLUMN foreign_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE downloaded_models ADD COLUMN problem TEXT;
-- The commit of `main` on the Hub, when last asked.
ALTER TABLE downloaded_models ADD COLUMN latest_revision TEXT;
ALTER TABLE downloaded_models ADD COLUMN update_checked_at TEXT;

-- The last verification of each revision.
CREATE TABLE model_verifications (
  model_id TEXT NOT NULL REFERENCES downloaded_models (id) ON DELETE CASCADE,
  revision TEXT NOT NULL,
  result TEXT NOT NULL CHECK (result IN ('right', 'wrong', 'unknown')),
  files_checked INTEGER NOT NULL,
  files_unknown INTEGER NOT NULL,
  bytes_checked INTEGER NOT NULL,
  wrong_files TEXT NOT NULL CHECK (json_valid(wrong_files)),
  stamp TEXT NOT NULL,
  verified_at TEXT NOT NULL,
  PRIMARY KEY (model_id, revision)
) STRICT;
