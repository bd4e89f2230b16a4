-- Responses that clients may go on from by their id. Each row holds its own turn alone: what came before is found by
-- `previous_id`. `owner` is the named API key it was made with. Small columns first, so that sizes are summed without reading the texts.
CREATE TABLE stored_responses (
  id TEXT PRIMARY KEY,
  previous_id TEXT,
  owner TEXT,
  created_at TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  input TEXT NOT NULL CHECK (json_valid(input)),
  response TEXT NOT NULL CHECK (json_valid(response))
) STRICT;

CREATE INDEX stored_responses_created ON stored_responses (created_at, bytes);
