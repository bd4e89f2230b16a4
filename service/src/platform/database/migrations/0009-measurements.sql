-- What a probe found of one revision under one version of an engine. `stamp` is the cheap sign of the model's place at
-- that time, as in model_verifications: another one means that the files have changed since.
CREATE TABLE model_measurements (
  model_id TEXT NOT NULL,
  revision TEXT NOT NULL,
  engine TEXT NOT NULL,
  engine_version TEXT NOT NULL,
  stamp TEXT NOT NULL,
  measured TEXT NOT NULL CHECK (json_valid(measured)),
  measured_at TEXT NOT NULL,
  PRIMARY KEY (model_id, revision, engine, engine_version)
) STRICT;

-- Models that were converted here. Written before the folder is moved to its place: one that is there without a model
-- in the library is left of a conversion that a crash ended, and goes.
CREATE TABLE model_conversions (
  model_id TEXT PRIMARY KEY,
  parent_id TEXT NOT NULL,
  parent_revision TEXT NOT NULL,
  options TEXT NOT NULL CHECK (json_valid(options)),
  converted_at TEXT NOT NULL
) STRICT;
