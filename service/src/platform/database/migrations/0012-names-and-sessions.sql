-- Which conversation a request belongs to, which agent asked, and why somebody else answered than was asked.
ALTER TABLE requests ADD COLUMN session TEXT;
ALTER TABLE requests ADD COLUMN agent TEXT;
ALTER TABLE requests ADD COLUMN subagent INTEGER NOT NULL DEFAULT 0 CHECK (subagent IN (0, 1));
ALTER TABLE requests ADD COLUMN route TEXT;
CREATE INDEX requests_by_session ON requests (session, started_at, id) WHERE session IS NOT NULL;
