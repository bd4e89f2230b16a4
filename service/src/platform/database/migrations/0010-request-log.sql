-- Who asked, how long each part of the wait was, and what it counts against the log's size.
ALTER TABLE requests ADD COLUMN client TEXT;
ALTER TABLE requests ADD COLUMN key_id TEXT;
ALTER TABLE requests ADD COLUMN queue_ms REAL;
ALTER TABLE requests ADD COLUMN load_ms REAL;
ALTER TABLE requests ADD COLUMN tokens_per_second REAL;
ALTER TABLE requests ADD COLUMN swap_cause TEXT;
ALTER TABLE requests ADD COLUMN bytes INTEGER NOT NULL DEFAULT 600;
CREATE INDEX requests_by_model ON requests (model, started_at, id);

-- Full texts, only of requests that ended while a person had switched that on. They go with their row.
CREATE TABLE request_bodies (
  request_id TEXT PRIMARY KEY REFERENCES requests (id) ON DELETE CASCADE,
  request TEXT,
  response TEXT,
  truncated INTEGER NOT NULL CHECK (truncated IN (0, 1))
) STRICT;

-- Named keys. Only the SHA-256 of a key is kept: 256 random bits cannot be guessed, so a slow hash would guard nothing.
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL CHECK (scope IN ('admin', 'inference')),
  models TEXT CHECK (models IS NULL OR json_valid(models)),
  requests_per_minute INTEGER,
  created_at TEXT NOT NULL,
  last_used_at TEXT,
  revoked_at TEXT
) STRICT;
-- A revoked key leaves its name free.
CREATE UNIQUE INDEX api_keys_by_name ON api_keys (name) WHERE revoked_at IS NULL;
