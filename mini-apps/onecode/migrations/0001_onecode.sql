-- 场景: what a post may ask of a code. A row is data: a new scene needs no program. `demands`: facts that must hold.
CREATE TABLE onecode.scene (
    id          text PRIMARY KEY CHECK (id ~ '^[a-z_]+$'),
    name_zh     text NOT NULL,
    name_en     text NOT NULL,
    organisation_kind text NOT NULL,
    role        text NOT NULL,
    facts       text[] NOT NULL,
    demands     text[] NOT NULL DEFAULT '{}',
    code_seconds int NOT NULL DEFAULT 30 CHECK (code_seconds BETWEEN 10 AND 60),
    UNIQUE (organisation_kind, role),
    CHECK (facts @> demands)
);
INSERT INTO onecode.scene (id, name_zh, name_en, organisation_kind, role, facts, demands) VALUES
    ('residential_gate', '小区门禁', 'Residential gate', 'property', 'property_guard', '{name,resident}', '{resident}'),
    ('hospital_check_in', '就医签到', 'Hospital check-in', 'hospital', 'registrar', '{name,healthcare.appointment_today}', '{}');

-- 核验方: the posts that may read codes now or then, each with its scene.
CREATE VIEW onecode.post AS
    SELECT m.citizen_id, m.during, m.organisation_id, m.place, m.role, o.name AS organisation,
           trim(o.name || ' ' || m.place) AS whole_place, s.id AS scene_id, s.facts, s.demands, s.code_seconds
    FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
    JOIN onecode.scene s ON s.role = m.role AND s.organisation_kind = o.kind;

-- Every scan, whatever it came to: the holder's ledger and the post's day. `facts`: exactly what the verifier saw.
CREATE TABLE onecode.scan (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    at          timestamptz NOT NULL,
    scene_id    text NOT NULL REFERENCES onecode.scene,
    organisation_id uuid NOT NULL,
    place       text NOT NULL,
    role        text NOT NULL,
    verifier_id uuid,
    holder_id   uuid,
    code        bytea NOT NULL CHECK (length(code) = 32),
    verdict     text NOT NULL CHECK (verdict IN ('ACCEPTED', 'USED', 'EXPIRED', 'NOT_ENTITLED')),
    facts       jsonb NOT NULL DEFAULT '[]',
    first_at    timestamptz,
    first_place text,
    demo        boolean NOT NULL DEFAULT false,
    CHECK ((first_at IS NULL) = (first_place IS NULL))
);
-- The final word: a code decides once, even where Redis forgot that it was used. `code` is the SHA-256 of the token.
CREATE UNIQUE INDEX scan_once ON onecode.scan (code) WHERE verdict IN ('ACCEPTED', 'NOT_ENTITLED');
CREATE INDEX scan_holder ON onecode.scan (holder_id, at DESC, id DESC);
CREATE INDEX scan_post ON onecode.scan (organisation_id, role, place, at DESC, id DESC);
