-- What the Hub has told of models: the last listing each was in, and what its own page said of which commit.
CREATE TABLE hub_models (
  id TEXT PRIMARY KEY,
  listing TEXT CHECK (listing IS NULL OR json_valid(listing)),
  listed_at TEXT,
  details TEXT CHECK (details IS NULL OR json_valid(details)),
  detailed_at TEXT,
  -- What the offline search sorts by.
  downloads INTEGER,
  likes INTEGER,
  trending REAL,
  created_at TEXT,
  updated_at TEXT,
  size_bytes INTEGER,
  seen_at TEXT NOT NULL
) STRICT;
CREATE INDEX hub_models_by_time ON hub_models (seen_at);

-- Earlier answers, by everything that was asked.
CREATE TABLE hub_pages (
  question TEXT PRIMARY KEY,
  ids TEXT NOT NULL CHECK (json_valid(ids)),
  next_cursor TEXT,
  asked_at TEXT NOT NULL
) STRICT;
CREATE INDEX hub_pages_by_time ON hub_pages (asked_at);

-- Model cards as they are shown: sanitised Markdown of one commit.
CREATE TABLE hub_cards (
  id TEXT PRIMARY KEY,
  commit_sha TEXT NOT NULL,
  card TEXT,
  kept_at TEXT NOT NULL
) STRICT;
CREATE INDEX hub_cards_by_time ON hub_cards (kept_at);
