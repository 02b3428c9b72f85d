-- 实名: each time a citizen gave name and number. The number stays, sealed, only until the verifier has answered.
CREATE TABLE identity.verification (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    citizen_id  uuid NOT NULL REFERENCES identity.citizen ON DELETE CASCADE,
    name        text NOT NULL CHECK (length(name) BETWEEN 2 AND 50),
    sealed      bytea,
    asked_at    timestamptz NOT NULL,
    tried_at    timestamptz NOT NULL,
    answered_at timestamptz,
    answer      text NOT NULL DEFAULT 'WAITING'
                CHECK (answer IN ('WAITING', 'AGREED', 'DISAGREED', 'DISPUTED', 'LAPSED')),
    CHECK ((answer = 'WAITING') = (answered_at IS NULL) AND (answer = 'WAITING') = (sealed IS NOT NULL))
);
CREATE INDEX verification_citizen ON identity.verification (citizen_id, asked_at DESC);
CREATE UNIQUE INDEX verification_waiting ON identity.verification (citizen_id) WHERE answer = 'WAITING';
CREATE INDEX verification_due ON identity.verification (tried_at) WHERE answer = 'WAITING';
REVOKE ALL ON identity.verification FROM haian_read;
GRANT SELECT (id, citizen_id, name, asked_at, answered_at, answer) ON identity.verification TO haian_read;

-- How often the citizen may try again: 5 times within 24 hours.
CREATE FUNCTION identity.tries_left(citizen uuid, at timestamptz) RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT greatest(0, 5 - count(*))::int FROM identity.verification WHERE citizen_id = $1 AND asked_at > $2 - interval '24 hours' $$;

-- A number that is somebody's already, claimed by another whom the verifier agreed with: staff settle it. The claim stays,
-- sealed, only until then.
CREATE TABLE identity.dispute (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    digest      bytea NOT NULL CHECK (length(digest) = 32),
    shown       text NOT NULL,
    holder_id   uuid NOT NULL REFERENCES identity.citizen ON DELETE CASCADE,
    claimant_id uuid NOT NULL REFERENCES identity.citizen ON DELETE CASCADE,
    claimed_name text NOT NULL,
    sealed      bytea,
    opened_at   timestamptz NOT NULL,
    settled_at  timestamptz,
    settled_by  uuid REFERENCES identity.citizen ON DELETE SET NULL,
    outcome     text CHECK (outcome IN ('HOLDER', 'CLAIMANT', 'NEITHER')),
    reason      text,
    CHECK (holder_id <> claimant_id),
    CHECK ((settled_at IS NULL) = (outcome IS NULL) AND (settled_at IS NULL) = (sealed IS NOT NULL)
           AND (outcome IS NULL) = (reason IS NULL))
);
CREATE UNIQUE INDEX dispute_open ON identity.dispute (digest, claimant_id) WHERE settled_at IS NULL;
CREATE INDEX dispute_oldest ON identity.dispute (opened_at, id) WHERE settled_at IS NULL;
CREATE INDEX dispute_claimant ON identity.dispute (claimant_id, opened_at DESC);
CREATE INDEX dispute_holder ON identity.dispute (holder_id, opened_at DESC);
REVOKE ALL ON identity.dispute FROM haian_read;
GRANT SELECT (id, shown, holder_id, claimant_id, claimed_name, opened_at, settled_at, settled_by, outcome, reason)
    ON identity.dispute TO haian_read;
