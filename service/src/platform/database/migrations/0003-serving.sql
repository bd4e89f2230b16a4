-- Named ways to serve a model, and one implicit row for each model first seen.
CREATE TABLE server_profiles (
  id TEXT PRIMARY KEY,
  slug TEXT UNIQUE,
  name TEXT NOT NULL,
  implicit INTEGER NOT NULL CHECK (implicit IN (0, 1)),
  model_id TEXT NOT NULL,
  revision TEXT NOT NULL DEFAULT 'main',
  engine TEXT NOT NULL,
  engine_options TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(engine_options)),
  sampling TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(sampling)),
  system_prompt TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  CHECK (implicit = 1 OR slug IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX server_profiles_implicit ON server_profiles (model_id) WHERE implicit = 1;

-- One serving unit for (profile, resolved revision). Nothing here is adopted after a restart: pid, start time and
-- token hash only let the next start kill its own survivors, never a stranger.
CREATE TABLE running_instances (
  id TEXT PRIMARY KEY,
  profile_id TEXT NOT NULL,
  profile_name TEXT NOT NULL,
  model_id TEXT NOT NULL,
  revision TEXT NOT NULL,
  engine TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('process', 'cluster', 'remote')),
  state TEXT NOT NULL CHECK (state IN
    ('queued', 'starting', 'warming', 'ready', 'unhealthy', 'restarting', 'stopping', 'stopped', 'failed', 'evicted')),
  pid INTEGER,
  process_started_at TEXT,
  token_hash TEXT,
  port INTEGER,
  restarts INTEGER NOT NULL DEFAULT 0,
  total_tokens INTEGER NOT NULL DEFAULT 0,
  health_status TEXT NOT NULL DEFAULT 'unknown' CHECK (health_status IN ('healthy', 'unhealthy', 'unknown')),
  last_checked_at TEXT,
  failure_count INTEGER NOT NULL DEFAULT 0,
  last_error TEXT CHECK (last_error IS NULL OR json_valid(last_error)),
  stderr_tail TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(stderr_tail)),
  log_file TEXT,
  created_at TEXT NOT NULL,
  started_at TEXT,
  ready_at TEXT,
  stopped_at TEXT
) STRICT;
CREATE INDEX running_instances_by_time ON running_instances (created_at, id);
-- Never two live units for one profile and revision.
CREATE UNIQUE INDEX running_instances_live ON running_instances (profile_id, revision)
  WHERE state NOT IN ('stopped', 'failed', 'evicted');
