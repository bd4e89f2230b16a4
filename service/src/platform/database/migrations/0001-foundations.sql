-- Settings that a person changed; defaults and the environment live in the program.
CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value)),
  updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  phase TEXT,
  done REAL,
  total REAL,
  unit TEXT,
  error TEXT CHECK (error IS NULL OR json_valid(error)),
  log_file TEXT,
  created_at TEXT NOT NULL,
  started_at TEXT,
  finished_at TEXT
) STRICT;
CREATE INDEX jobs_by_time ON jobs (created_at, id);
-- One active job for a kind and subject.
CREATE UNIQUE INDEX jobs_active ON jobs (kind, subject) WHERE state IN ('queued', 'running');

-- Installed engine environments; the current one of an engine is the row with current = 1.
CREATE TABLE engine_environments (
  engine TEXT NOT NULL,
  lock_hash TEXT NOT NULL,
  version TEXT NOT NULL,
  python_version TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  current INTEGER NOT NULL CHECK (current IN (0, 1)),
  installed_at TEXT NOT NULL,
  PRIMARY KEY (engine, lock_hash)
) STRICT;
CREATE UNIQUE INDEX engine_environments_current ON engine_environments (engine) WHERE current = 1;

-- Metadata of each gateway request; never its text.
CREATE TABLE requests (
  id TEXT PRIMARY KEY,
  started_at TEXT NOT NULL,
  finished_at TEXT NOT NULL,
  protocol TEXT NOT NULL,
  path TEXT NOT NULL,
  streamed INTEGER NOT NULL CHECK (streamed IN (0, 1)),
  requested_model TEXT,
  model TEXT,
  profile_id TEXT,
  server_id TEXT,
  engine TEXT,
  status INTEGER NOT NULL,
  finish_reason TEXT,
  error_code TEXT,
  error_source TEXT,
  client_left INTEGER NOT NULL CHECK (client_left IN (0, 1)),
  input_tokens INTEGER,
  output_tokens INTEGER,
  cached_tokens INTEGER,
  reasoning_tokens INTEGER,
  wait_ms REAL,
  first_token_ms REAL,
  duration_ms REAL NOT NULL,
  dropped_keys TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(dropped_keys))
) STRICT;
CREATE INDEX requests_by_time ON requests (started_at, id);
