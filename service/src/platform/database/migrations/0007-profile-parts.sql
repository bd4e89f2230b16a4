-- Limits, lifecycle and whatever else a profile says beside its engine's options, by the names of the contract.
ALTER TABLE server_profiles ADD COLUMN parts TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(parts));
