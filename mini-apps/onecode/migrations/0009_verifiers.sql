-- 核验方 that is no person: a fixed gate 闸机 with a key of its own, or a third party 第三方 with a token. Its organisation's manager
-- registers it, somebody else in the district approves it, and either ends it at once. Its scene is decided here, never by a request.
CREATE TABLE onecode.verifier (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    kind        text NOT NULL CHECK (kind IN ('GATE', 'PARTNER')),
    organisation_id uuid NOT NULL,
    scene_id    text NOT NULL REFERENCES onecode.scene,
    place       text NOT NULL CHECK (length(place) BETWEEN 1 AND 40),
    asked_by    uuid,
    asked_at    timestamptz NOT NULL,
    agreed      boolean,
    decided_by  uuid,
    decided_at  timestamptz,
    -- SHA-256 of the one-time code by which a key is registered; `thumbprint` (RFC 7638) of the key that was, `key` its JWK
    enrol_code  bytea UNIQUE,
    enrol_until timestamptz,
    enrol_taken boolean NOT NULL DEFAULT false,
    key         jsonb,
    thumbprint  text,
    enrolled_at timestamptz,
    seen_at     timestamptz,
    revoked_by  uuid,
    revoked_at  timestamptz,
    revoked_reason text NOT NULL DEFAULT '',
    CHECK (decided_by <> asked_by),
    CHECK ((agreed IS NULL) = (decided_at IS NULL)),
    CHECK ((key IS NULL) = (thumbprint IS NULL) AND (key IS NULL) = (enrolled_at IS NULL))
);
CREATE INDEX verifier_organisation ON onecode.verifier (organisation_id, asked_at DESC, id DESC);
CREATE UNIQUE INDEX verifier_place ON onecode.verifier (organisation_id, place) WHERE revoked_at IS NULL AND agreed IS NOT FALSE;

-- Which of them read a code; `verifier_id` is the person who did.
ALTER TABLE onecode.scan ADD device_id uuid REFERENCES onecode.verifier, ADD CHECK (device_id IS NULL OR verifier_id IS NULL);
CREATE INDEX scan_device ON onecode.scan (device_id, at DESC, id DESC) WHERE device_id IS NOT NULL;

INSERT INTO onecode.scene (id, name_zh, name_en, organisation_kind, role, facts, ground_zh, ground_en, source, since) VALUES
    ('partner_check', '第三方核验', 'Check by a third party', 'developer', 'partner', '{name}',
     '您在第三方服务处出示一码通，核对是不是您本人', 'You show your code to a third party, which sees that it is you (PIPL, art. 13(1)(1))',
     '《个人信息保护法》第十三条第一款第一项', '2026-01-01');

-- A verifier with its scene, as `onecode.post` has a person's. `active`: it may read codes.
CREATE VIEW onecode.door AS
    SELECT v.id AS device_id, v.kind, v.key, v.revoked_at,
           v.agreed IS TRUE AND v.key IS NOT NULL AND v.revoked_at IS NULL AS active,
           v.organisation_id, v.place, lower(v.kind) AS role, o.name AS organisation, trim(o.name || ' ' || v.place) AS whole_place,
           s.id AS scene_id, s.facts, s.demands, s.code_seconds, s.beyond, s.name_zh, s.name_en,
           s.offline, s.retention_days, tstzrange(s.since, s.until) AS during
    FROM onecode.verifier v JOIN haian.organisation o ON o.id = v.organisation_id JOIN onecode.scene s ON s.id = v.scene_id;

-- As those see it who decide. No key, and nothing of the code by which one is registered.
CREATE VIEW onecode.registered AS
    SELECT v.id, v.kind, v.organisation_id, o.name AS organisation, v.place, v.scene_id, s.name_zh, s.name_en, s.facts,
           v.asked_by, v.asked_at, v.decided_at, v.enrolled_at, v.seen_at, v.revoked_at, v.revoked_reason,
           CASE WHEN v.revoked_at IS NOT NULL THEN 'REVOKED' WHEN v.agreed IS NULL THEN 'TO_APPROVE' WHEN NOT v.agreed THEN 'DECLINED'
                WHEN v.key IS NULL THEN 'APPROVED' ELSE 'ACTIVE' END AS standing,
           (SELECT max(x.at) FROM onecode.scan x WHERE x.device_id = v.id) AS scanned_at,
           (SELECT name FROM haian.citizen WHERE id = v.asked_by) AS asker,
           (SELECT name FROM haian.citizen WHERE id = v.decided_by) AS decider
    FROM onecode.verifier v JOIN haian.organisation o ON o.id = v.organisation_id JOIN onecode.scene s ON s.id = v.scene_id;
