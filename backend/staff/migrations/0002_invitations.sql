-- Posts by invitation: a manager invites by name and number, in the district a second official agrees, the invited accepts.
CREATE TABLE staff.role (
    role        text PRIMARY KEY CHECK (role ~ '^[a-z_]+$'),
    rank        int NOT NULL UNIQUE,
    kinds       text[] NOT NULL
);
INSERT INTO staff.role VALUES
    ('property_guard', 1, '{property}'), ('property_clerk', 2, '{property}'), ('registrar', 3, '{hospital}'),
    ('teacher', 4, '{school}'), ('desk_officer', 5, '{community}'), ('news_editor', 6, '{district}'),
    ('identity_officer', 7, '{district}'), ('developer', 8, '{developer}'),
    ('manager', 9, '{district,community,property,hospital,school,developer}');

ALTER TABLE staff.membership
    ADD id uuid NOT NULL DEFAULT uuidv7(),
    ADD ended_by uuid,
    ADD ended_reason text NOT NULL DEFAULT '',
    ADD UNIQUE (id);
CREATE INDEX membership_organisation ON staff.membership (organisation_id, role, id);

-- `phone` is there as long as somebody with this number may accept, and not a moment longer; nobody reads it.
CREATE TABLE staff.invitation (
    id              uuid PRIMARY KEY DEFAULT uuidv7(),
    organisation_id uuid NOT NULL,
    role            text NOT NULL REFERENCES staff.role,
    place           text NOT NULL CHECK (length(place) <= 40),
    name            text NOT NULL CHECK (length(name) BETWEEN 2 AND 50),
    phone           text,
    shown           text NOT NULL,
    since           timestamptz NOT NULL,
    until           timestamptz,
    invited_by      uuid,
    asked_at        timestamptz NOT NULL,
    answer_by       timestamptz NOT NULL,
    four_eyes       boolean NOT NULL,
    approved_by     uuid,
    approved_at     timestamptz,
    citizen_id      uuid,
    outcome         text CHECK (outcome IN ('ACCEPTED', 'REFUSED', 'DECLINED', 'WITHDRAWN', 'LAPSED')),
    closed_at       timestamptz,
    CHECK (since < until),
    CHECK (approved_by <> invited_by),
    CHECK ((outcome IS NULL) = (closed_at IS NULL) AND (outcome IS NULL) = (phone IS NOT NULL))
);
CREATE UNIQUE INDEX invitation_once ON staff.invitation (phone, organisation_id, role) WHERE outcome IS NULL;
CREATE INDEX invitation_organisation ON staff.invitation (organisation_id, asked_at DESC);
CREATE INDEX invitation_due ON staff.invitation (answer_by) WHERE outcome IS NULL;
REVOKE ALL ON staff.invitation FROM haian_read;
GRANT SELECT (id, organisation_id, role, place, name, shown, since, until, invited_by, asked_at, answer_by, four_eyes,
              approved_by, approved_at, citizen_id, outcome, closed_at) ON staff.invitation TO haian_read;

-- Whom an invitation is for: who has the number, and the name too once a name is proven. A number that was given to
-- somebody else meanwhile invites nobody.
CREATE VIEW staff.invited AS
    SELECT i.id, i.organisation_id, i.role, i.place, i.since, i.until, i.invited_by, i.approved_by, i.four_eyes, i.asked_at,
           i.answer_by, c.id AS citizen_id, c.level <> 'UNVERIFIED' AS named
    FROM staff.invitation i JOIN haian.citizen c ON c.phone = i.phone AND (c.level = 'UNVERIFIED' OR c.name = i.name)
    WHERE i.outcome IS NULL AND (i.approved_at IS NOT NULL OR NOT i.four_eyes);

-- 交接班: one shift hands its place to the next, with what the next must know.
CREATE TABLE staff.hand_over (
    id              uuid PRIMARY KEY DEFAULT uuidv7(),
    organisation_id uuid NOT NULL,
    role            text NOT NULL,
    place           text NOT NULL,
    from_post       uuid NOT NULL,
    to_post         uuid NOT NULL,
    from_id         uuid,
    to_id           uuid,
    note            text NOT NULL CHECK (length(note) <= 500),
    at              timestamptz NOT NULL,
    taken_at        timestamptz,
    withdrawn_at    timestamptz,
    CHECK (from_post <> to_post)
);
CREATE UNIQUE INDEX hand_over_once ON staff.hand_over (from_post) WHERE taken_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX hand_over_to ON staff.hand_over (to_id, at DESC);
CREATE INDEX hand_over_from ON staff.hand_over (from_id, at DESC);
CREATE INDEX hand_over_at ON staff.hand_over (at);
