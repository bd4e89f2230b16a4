-- What lies on this machine. Rebuilt from the files by every scan; rows only add what files cannot tell.
CREATE TABLE downloaded_models (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL CHECK (source IN ('hub-cache', 'built-in', 'folder', 'converted')),
  location TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  weight_bytes INTEGER NOT NULL,
  complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
  revisions TEXT NOT NULL CHECK (json_valid(revisions)),
  added_at TEXT NOT NULL,
  used_at TEXT
) STRICT;

-- Facts read from a revision's files, kept because reading them costs.
CREATE TABLE model_facts (
  model_id TEXT NOT NULL REFERENCES downloaded_models (id) ON DELETE CASCADE,
  revision TEXT NOT NULL,
  facts TEXT NOT NULL CHECK (json_valid(facts)),
  PRIMARY KEY (model_id, revision)
) STRICT;

CREATE TABLE downloads (
  id TEXT PRIMARY KEY,
  model_id TEXT NOT NULL,
  revision TEXT NOT NULL,
  commit_sha TEXT,
  patterns TEXT CHECK (patterns IS NULL OR json_valid(patterns)),
  state TEXT NOT NULL CHECK (state IN
    ('queued', 'planning', 'downloading', 'paused', 'verifying', 'committing', 'completed', 'failed', 'cancelled')),
  pause_reason TEXT CHECK (pause_reason IS NULL OR pause_reason IN ('user', 'disk_full')),
  bytes_done INTEGER NOT NULL DEFAULT 0,
  bytes_total INTEGER,
  files_done INTEGER NOT NULL DEFAULT 0,
  files_total INTEGER,
  error TEXT CHECK (error IS NULL OR json_valid(error)),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  finished_at TEXT
) STRICT;
CREATE INDEX downloads_by_time ON downloads (created_at, id);
-- Only one active job per model and revision.
CREATE UNIQUE INDEX downloads_active ON downloads (model_id, revision)
  WHERE state NOT IN ('completed', 'failed', 'cancelled');

-- Every file of the commit, also those that are not fetched: the cache keeps the whole listing.
CREATE TABLE download_files (
  download_id TEXT NOT NULL REFERENCES downloads (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  blob_id TEXT NOT NULL,
  algorithm TEXT NOT NULL CHECK (algorithm IN ('sha256', 'git-sha1')),
  xet_hash TEXT,
  git_oid TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('left-out', 'pending', 'verified')),
  PRIMARY KEY (download_id, path)
) STRICT;
