-- Who has stopped all their codes, since when. It stands here and not in Redis: what Redis forgets must not open a door.
CREATE TABLE onecode.suspension (
    citizen_id  uuid PRIMARY KEY,
    since       timestamptz NOT NULL
);
-- A code of theirs has run out; `outcome` says of which kind. (What `verdict` may be was promised, and stays.)
ALTER TABLE onecode.scan ADD suspended boolean NOT NULL DEFAULT false, ADD CHECK (NOT suspended OR verdict = 'EXPIRED');
ALTER TABLE onecode.scan ADD outcome text NOT NULL GENERATED ALWAYS AS (CASE WHEN suspended THEN 'SUSPENDED' ELSE verdict END) STORED
    CHECK (outcome IN ('ACCEPTED', 'USED', 'EXPIRED', 'NOT_ENTITLED', 'SUSPENDED'));
