-- 异常查询: somebody in a post looked at very many people in a short time; a manager says whether that was in order. The looks
-- are counted on for an hour, in which there is no second alert of the same person in the same organisation: that is held here,
-- however many look for one at once.
CREATE TABLE staff.burst (
    id              uuid PRIMARY KEY DEFAULT uuidv7(),
    citizen_id      uuid NOT NULL,
    organisation_id uuid NOT NULL,
    roles           text[] NOT NULL CHECK (cardinality(roles) > 0),
    people          int NOT NULL CHECK (people > 0),
    looks           int NOT NULL CHECK (looks >= people),
    since           timestamptz NOT NULL,
    until           timestamptz NOT NULL,
    raised_at       timestamptz NOT NULL,
    quiet_until     timestamptz NOT NULL,
    passed_on_at    timestamptz,
    outcome         text CHECK (outcome IN ('IN_ORDER', 'POST_ENDED')),
    note            text CHECK (length(note) BETWEEN 2 AND 200),
    answered_at     timestamptz,
    answered_by     uuid,
    CHECK (since <= until),
    CHECK ((outcome IS NULL) = (answered_at IS NULL) AND (outcome IS NULL) = (note IS NULL)),
    CHECK (answered_by <> citizen_id),
    EXCLUDE USING gist (citizen_id WITH =, organisation_id WITH =, tstzrange(raised_at, quiet_until) WITH &&)
);
CREATE INDEX burst_organisation ON staff.burst (organisation_id, answered_at DESC NULLS FIRST, raised_at DESC, id DESC);
CREATE INDEX burst_open ON staff.burst (raised_at) WHERE answered_at IS NULL;
CREATE INDEX burst_answered ON staff.burst (answered_by, answered_at) WHERE answered_by IS NOT NULL;
CREATE INDEX burst_raised ON staff.burst (raised_at);

-- Until when the ledger has been searched for them, so that nothing is left out after a worker was away.
CREATE TABLE staff.burst_search (
    single      boolean PRIMARY KEY DEFAULT true CHECK (single),
    searched_to timestamptz NOT NULL
);
INSERT INTO staff.burst_search (searched_to) VALUES ('2000-01-01');
