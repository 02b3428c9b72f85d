-- A scan that passed is undone by who made it, within minutes; the code stays used.
ALTER TABLE onecode.scan
    ADD undone_at timestamptz,
    ADD undone_for text CHECK (undone_for IN ('WRONG_PERSON', 'NOT_ENTERING', 'WRONG_SCENE')),
    ADD CHECK ((undone_at IS NULL) = (undone_for IS NULL));

-- 紧急放行: somebody is let in without a code, for a reason, which the manager reviews.
CREATE TABLE onecode.entry (
    id              uuid PRIMARY KEY DEFAULT uuidv7(),
    at              timestamptz NOT NULL,
    scene_id        text NOT NULL REFERENCES onecode.scene,
    organisation_id uuid NOT NULL,
    place           text NOT NULL,
    role            text NOT NULL,
    verifier_id     uuid,
    cause           text NOT NULL CHECK (cause IN ('AMBULANCE', 'FIRE', 'POLICE', 'NO_PHONE', 'OTHER')),
    words           text NOT NULL CHECK (length(words) <= 200),
    people          int NOT NULL CHECK (people BETWEEN 1 AND 99),
    reviewed_at     timestamptz,
    reviewed_by     uuid,
    justified       boolean,
    note            text NOT NULL DEFAULT '' CHECK (length(note) <= 200),
    CHECK (cause <> 'OTHER' OR length(words) >= 2),
    CHECK ((reviewed_at IS NULL) = (justified IS NULL)),
    CHECK (reviewed_by <> verifier_id)
);
CREATE INDEX entry_office ON onecode.entry (organisation_id, at DESC, id DESC);
CREATE INDEX entry_verifier ON onecode.entry (verifier_id, at DESC);
