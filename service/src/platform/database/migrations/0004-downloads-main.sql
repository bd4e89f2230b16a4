-- The queue's order, how far the checksums are, and downloads that only put right what a check found wrong.
ALTER TABLE downloads ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal' CHECK (priority IN ('low', 'normal', 'high'));
ALTER TABLE downloads ADD COLUMN bytes_verified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE downloads ADD COLUMN purpose TEXT NOT NULL DEFAULT 'download' CHECK (purpose IN ('download', 'repair'));

-- "Which blobs of this model have we proven before" and "the last download of this revision".
CREATE INDEX downloads_by_model ON downloads (model_id, created_at, id);
