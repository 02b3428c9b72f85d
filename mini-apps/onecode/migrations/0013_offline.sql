-- 离线码: the codes that a device carries for where there is no network. Their holder is here, not in the code; `revoked_at`: from
-- then on none that was shown passes.
CREATE TABLE onecode.offline_batch (
    id          bytea PRIMARY KEY CHECK (length(id) = 8),
    citizen_id  uuid NOT NULL,
    session     text,
    device      bytea NOT NULL CHECK (length(device) = 33),
    codes       int NOT NULL CHECK (codes BETWEEN 1 AND 20),
    since       timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    revoked_at  timestamptz
);
CREATE INDEX offline_batch_citizen ON onecode.offline_batch (citizen_id);
CREATE INDEX offline_batch_session ON onecode.offline_batch (session);
CREATE INDEX offline_batch_until ON onecode.offline_batch (until);

-- A scan of such a code, which was read without the server: when it became known here.
ALTER TABLE onecode.scan ADD settled_at timestamptz;
