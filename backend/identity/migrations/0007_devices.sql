-- A device: what its owner calls it, about where it signed in (a street at most), when it was seen last (to the hour).
ALTER TABLE identity.device
    ADD COLUMN called text CHECK (length(called) BETWEEN 1 AND 30),
    ADD COLUMN place text REFERENCES identity.division,
    ADD COLUMN seen_at timestamptz;
CREATE INDEX device_unused ON identity.device (coalesce(seen_at, signed_in_at)) WHERE ended_at IS NULL;
GRANT SELECT (called, place, seen_at) ON identity.device TO haian_read;
