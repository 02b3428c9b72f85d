-- Who lost phone and codes asks a staff desk: the number is said there, the desk compares the card, the browser that asked
-- goes on. Good for an hour, once.
CREATE TABLE factors.help (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    citizen_id  uuid NOT NULL,
    number      text NOT NULL UNIQUE CHECK (number ~ '^[0-9]{8}$'),
    device      text NOT NULL,
    asked_at    timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    given_at    timestamptz,
    given_by    uuid,
    used_at     timestamptz,
    CHECK (asked_at < until AND (given_at IS NULL) = (given_by IS NULL) AND given_by <> citizen_id)
);
CREATE INDEX help_citizen ON factors.help (citizen_id);
