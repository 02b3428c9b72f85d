-- Which scene a verifier had chosen at a moment: each choice counts until the next. What was read without the server is settled in
-- the scene of that time. Kept by a trigger, so that processes of the version before keep it too.
CREATE TABLE onecode.chosen (
    id              uuid PRIMARY KEY DEFAULT uuidv7(),
    citizen_id      uuid NOT NULL,
    since           timestamptz NOT NULL,
    organisation_id uuid NOT NULL,
    place           text NOT NULL,
    scene_id        text NOT NULL REFERENCES onecode.scene
);
CREATE INDEX chosen_citizen ON onecode.chosen (citizen_id, since DESC, id DESC);
CREATE INDEX chosen_old ON onecode.chosen (since);
INSERT INTO onecode.chosen (citizen_id, since, organisation_id, place, scene_id)
    SELECT citizen_id, chosen_at, organisation_id, place, scene_id FROM onecode.choice;

CREATE FUNCTION onecode.keep_choice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO onecode.chosen (citizen_id, since, organisation_id, place, scene_id)
        VALUES (NEW.citizen_id, NEW.chosen_at, NEW.organisation_id, NEW.place, NEW.scene_id);
    RETURN NULL;
END $$;
CREATE TRIGGER keep_choice AFTER INSERT OR UPDATE ON onecode.choice FOR EACH ROW EXECUTE FUNCTION onecode.keep_choice();

-- Whether a scene ran at a gate at a moment, for a role there: as `runs_at`, which asks of now.
CREATE INDEX assignment_gate ON onecode.assignment (organisation_id, place);
CREATE FUNCTION onecode.ran_at(scene text, is_usual boolean, role text, organisation uuid, place text, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT coalesce(bool_or(a.scene_id = $1), $2) FROM onecode.assignment a JOIN onecode.scene s ON s.id = a.scene_id
   WHERE a.organisation_id = $4 AND a.place = $5 AND a.since <= $6 AND coalesce($6 < a.until, true) AND s.role = $3 $$;

-- The post that counted for a verifier at a moment that is over, with its scene and place of that time: as `post_of`.
CREATE FUNCTION onecode.post_then(verifier uuid, at timestamptz) RETURNS SETOF onecode.post LANGUAGE sql STABLE AS
$$ WITH chosen AS (SELECT * FROM onecode.chosen WHERE citizen_id = $1 AND since <= $2 ORDER BY since DESC, id DESC LIMIT 1)
   SELECT m.citizen_id, m.during * tstzrange(s.since, s.until), m.organisation_id, m.place, m.role, o.name,
          trim(o.name || ' ' || m.place), s.id, s.facts, s.demands, s.code_seconds, s.beyond, s.name_zh, s.name_en, s.offline,
          s.retention_days, s.usual
   FROM haian.membership_held m JOIN haian.organisation o ON o.id = m.organisation_id
   JOIN onecode.scene s ON s.role = m.role AND s.organisation_kind = o.kind AND (s.organisation_id IS NULL OR s.organisation_id = o.id)
   LEFT JOIN chosen c ON c.scene_id = s.id AND c.organisation_id = m.organisation_id AND c.place = m.place
   WHERE m.citizen_id = $1 AND m.during @> $2 AND s.since <= $2 AND coalesce($2 < s.until, true)
     AND onecode.ran_at(s.id, s.usual, m.role, m.organisation_id, m.place, $2)
   ORDER BY c.scene_id IS NULL, m.organisation_id, NOT s.usual, s.id, m.place LIMIT 1 $$;
GRANT EXECUTE ON FUNCTION onecode.ran_at, onecode.post_then TO haian_read, app_onecode;

-- What names a post with its scene and place: a phone says it of what it read.
CREATE FUNCTION onecode.post_id(post onecode.post) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT $1.organisation_id || ' ' || $1.scene_id || ' ' || $1.place $$;
GRANT EXECUTE ON FUNCTION onecode.post_id TO haian_read, app_onecode;

-- Since when a gate reads codes, whichever key it has: it settles nothing of before.
ALTER TABLE onecode.verifier ADD begun_at timestamptz;
UPDATE onecode.verifier SET begun_at = decided_at WHERE enrolled_at IS NOT NULL;
CREATE OR REPLACE VIEW onecode.door AS
    SELECT v.id AS device_id, v.kind, v.key, v.revoked_at,
           v.agreed IS TRUE AND v.key IS NOT NULL AND v.revoked_at IS NULL AS active,
           v.organisation_id, v.place, lower(v.kind) AS role, o.name AS organisation, trim(o.name || ' ' || v.place) AS whole_place,
           s.id AS scene_id, s.facts, s.demands, s.code_seconds, s.beyond, s.name_zh, s.name_en,
           s.offline, s.retention_days, tstzrange(s.since, s.until) AS during, coalesce(v.begun_at, v.enrolled_at) AS begun_at
    FROM onecode.verifier v JOIN haian.organisation o ON o.id = v.organisation_id JOIN onecode.scene s ON s.id = v.scene_id;
