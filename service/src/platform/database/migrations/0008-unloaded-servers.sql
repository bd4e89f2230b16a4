-- Why the pool unloaded a server: for the room of another, or for want of requests.
ALTER TABLE running_instances ADD COLUMN ended_because TEXT;
