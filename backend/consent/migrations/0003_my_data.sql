-- An account that its citizen closes: 30 days to think again, then each noun forgets by its own clock.
CREATE TABLE consent.closing (
    citizen_id  uuid PRIMARY KEY,
    asked_at    timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    begun_at    timestamptz
);
CREATE INDEX closing_due ON consent.closing (due_at) WHERE begun_at IS NULL;

CREATE TABLE consent.erasure (
    citizen_id  uuid NOT NULL REFERENCES consent.closing,
    noun        text NOT NULL,
    place       int NOT NULL,
    due_at      timestamptz NOT NULL,
    done_at     timestamptz,
    PRIMARY KEY (citizen_id, noun)
);
CREATE INDEX erasure_due ON consent.erasure (due_at) WHERE done_at IS NULL;
