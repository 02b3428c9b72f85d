-- Divisions: the district's street-level units and communities (国家统计局 2023 codes).
CREATE TABLE identity.division (
    code        text PRIMARY KEY,
    name        text NOT NULL,
    level       text NOT NULL CHECK (level IN ('province', 'city', 'district', 'street', 'community')),
    kind        text,
    parent      text REFERENCES identity.division,
    pinyin      text NOT NULL
);
CREATE INDEX division_parent ON identity.division (parent, pinyin);

CREATE TABLE identity.citizen (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 50),
    phone       text UNIQUE CHECK (phone ~ '^1[3-9][0-9]{9}$'),
    born        date,
    community   text REFERENCES identity.division,
    level       text NOT NULL DEFAULT 'UNVERIFIED' CHECK (level IN ('UNVERIFIED', 'VERIFIED', 'STRONG')),
    demo        boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL
);
-- The citizen ID number: encrypted (AES-256-GCM) and unique by HMAC. The reading role has no right to this table.
CREATE TABLE identity.citizen_number (
    citizen_id  uuid PRIMARY KEY REFERENCES identity.citizen ON DELETE CASCADE,
    sealed      bytea NOT NULL,
    digest      bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    shown       text NOT NULL
);
REVOKE ALL ON identity.citizen_number FROM haian_read;
GRANT SELECT (citizen_id, shown) ON identity.citizen_number TO haian_read;

-- A community, property company, hospital, school, or the district itself.
CREATE TABLE identity.organisation (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    kind        text NOT NULL CHECK (kind IN ('district', 'community', 'property', 'hospital', 'school', 'developer')),
    name        text NOT NULL,
    division    text NOT NULL REFERENCES identity.division,
    uscc        text,
    source      text,
    demo        boolean NOT NULL DEFAULT false
);
CREATE INDEX organisation_division ON identity.organisation (division);

CREATE TABLE identity.membership (
    citizen_id      uuid NOT NULL REFERENCES identity.citizen ON DELETE CASCADE,
    organisation_id uuid NOT NULL REFERENCES identity.organisation ON DELETE CASCADE,
    role            text NOT NULL CHECK (role ~ '^[a-z_]+$'),
    place           text NOT NULL DEFAULT '',
    during          tstzrange NOT NULL,
    EXCLUDE USING gist (citizen_id WITH =, organisation_id WITH =, role WITH =, during WITH &&)
);

-- 监护人: who may act for a child.
CREATE TABLE identity.guardianship (
    guardian_id uuid NOT NULL REFERENCES identity.citizen ON DELETE CASCADE,
    child_id    uuid NOT NULL REFERENCES identity.citizen ON DELETE CASCADE,
    relation    text NOT NULL CHECK (relation IN ('MOTHER', 'FATHER', 'GRANDPARENT', 'OTHER')),
    since       timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    PRIMARY KEY (guardian_id, child_id),
    CHECK (guardian_id <> child_id AND since < until)
);
CREATE INDEX guardianship_child ON identity.guardianship (child_id);

-- 亲友代办: what a citizen lets another do, for how long. Never sign-in, devices, consent or further mandates.
CREATE TABLE identity.mandate (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    principal_id uuid NOT NULL REFERENCES identity.citizen ON DELETE CASCADE,
    delegate_id uuid NOT NULL REFERENCES identity.citizen ON DELETE CASCADE,
    scope       text NOT NULL CHECK (scope ~ '^[a-z]+(\.[a-z_]+)+$' AND scope !~ '^(identity|consent)\.'),
    since       timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    ended_at    timestamptz,
    CHECK (principal_id <> delegate_id AND since < until)
);
CREATE INDEX mandate_delegate ON identity.mandate (delegate_id, scope);

-- Devices: one row for each browser session; the session itself is in Redis, under the hash of its cookie.
CREATE TABLE identity.device (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    citizen_id  uuid NOT NULL REFERENCES identity.citizen ON DELETE CASCADE,
    session     text NOT NULL UNIQUE,
    name        text NOT NULL,
    signed_in_at timestamptz NOT NULL,
    ended_at    timestamptz
);
CREATE INDEX device_citizen ON identity.device (citizen_id, signed_in_at DESC) WHERE ended_at IS NULL;
REVOKE ALL ON identity.device FROM haian_read;
GRANT SELECT (id, citizen_id, name, signed_in_at, ended_at) ON identity.device TO haian_read;

-- The kernel's published views: all that other schemas may read of a person.
CREATE VIEW haian.citizen AS
    SELECT id, name, CASE WHEN length(name) > 2 THEN left(name, 1) || repeat('*', length(name) - 2) || right(name, 1)
                          ELSE left(name, 1) || '*' END AS masked_name,
           left(phone, 3) || '****' || right(phone, 4) AS masked_phone, phone, born, community AS community_code, level, demo
    FROM identity.citizen;
CREATE VIEW haian.division AS SELECT code, name, level, kind, parent, pinyin FROM identity.division;
CREATE VIEW haian.organisation AS SELECT id, kind, name, division AS division_code, source, demo FROM identity.organisation;
CREATE VIEW haian.membership AS SELECT citizen_id, organisation_id, role, place, during FROM identity.membership;
CREATE VIEW haian.guardianship AS SELECT guardian_id, child_id, relation, since, until FROM identity.guardianship;
CREATE VIEW haian.mandate AS
    SELECT principal_id, delegate_id, scope, since, coalesce(ended_at, until) AS until FROM identity.mandate;
GRANT SELECT ON haian.citizen, haian.division, haian.organisation, haian.membership, haian.guardianship, haian.mandate
    TO haian_read, haian_writer;
