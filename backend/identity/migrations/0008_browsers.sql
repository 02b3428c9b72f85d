-- A browser where a citizen signed in before: it shows a cookie of which only the SHA-256 is kept. Whoever signs in to a
-- real-named account from another needs more than the code that was sent: numbers are given to somebody else.
CREATE TABLE identity.browser (
    citizen_id  uuid NOT NULL REFERENCES identity.citizen ON DELETE CASCADE,
    hash        bytea NOT NULL CHECK (length(hash) = 32),
    since       timestamptz NOT NULL,
    PRIMARY KEY (citizen_id, hash)
);
CREATE INDEX browser_hash ON identity.browser (hash);
REVOKE ALL ON identity.browser FROM haian_read;
ALTER TABLE identity.device ADD COLUMN browser bytea;
CREATE INDEX device_browser ON identity.device (browser) WHERE browser IS NOT NULL;
