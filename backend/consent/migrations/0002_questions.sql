-- A citizen questions 质疑 a line of the ledger. The organisation for which somebody looked answers within 5 working days.
CREATE TABLE consent.question (
    id              uuid PRIMARY KEY DEFAULT uuidv7(),
    entry_id        uuid NOT NULL,
    entry_at        timestamptz NOT NULL,
    citizen_id      uuid NOT NULL,
    actor_id        uuid,
    organisation_id uuid NOT NULL,
    text            text NOT NULL CHECK (length(text) BETWEEN 2 AND 500),
    asked_at        timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    answer          text CHECK (length(answer) BETWEEN 2 AND 1000),
    answered_at     timestamptz,
    answered_by     uuid,
    told_late_at    timestamptz,
    CHECK ((answer IS NULL) = (answered_at IS NULL)),
    UNIQUE (entry_id, citizen_id)
);
CREATE INDEX question_mine ON consent.question (citizen_id, asked_at DESC, id DESC);
CREATE INDEX question_open ON consent.question (organisation_id, due_at) WHERE answered_at IS NULL;
CREATE INDEX question_due ON consent.question (due_at) WHERE answered_at IS NULL;
