-- 当面同意: what a scene asks beyond its base, asked of the holder at the scan itself. One question a scan, for two minutes; who
-- answers first, on whichever phone, has answered.
CREATE TABLE onecode.ask (
    scan_id     uuid PRIMARY KEY REFERENCES onecode.scan ON DELETE CASCADE,
    holder_id   uuid NOT NULL,
    facts       text[] NOT NULL CHECK (facts <> '{}'),
    asked_at    timestamptz NOT NULL,
    until       timestamptz NOT NULL CHECK (until > asked_at),
    answer      text CHECK (answer IN ('ONCE', 'STANDING', 'DENIED')),
    answered_at timestamptz,
    CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE INDEX ask_open ON onecode.ask (holder_id, until) WHERE answer IS NULL;

-- How the question of a scan stands at a moment; NULL where nothing was asked. A scan that was taken back asks nothing more.
CREATE FUNCTION onecode.ask_state(scan uuid, at timestamptz) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN a.answer = 'DENIED' THEN 'DENIED' WHEN a.answer IS NOT NULL THEN 'GIVEN'
               WHEN a.until <= $2 OR s.undone_at IS NOT NULL THEN 'OVER' ELSE 'WAITING' END
   FROM onecode.ask a JOIN onecode.scan s ON s.id = a.scan_id WHERE a.scan_id = $1 $$;
GRANT EXECUTE ON FUNCTION onecode.ask_state TO haian_read, app_onecode;

-- What of a scan is still to be asked of its holder: not given there, not agreed to since, and asked in no later one of that scene
-- and organisation, beside which the question stands then.
CREATE FUNCTION onecode.wished(s onecode.scan, at timestamptz) RETURNS text[] LANGUAGE sql STABLE AS
$$ SELECT ARRAY(SELECT b FROM unnest(onecode.withheld(s.scene_id, s.verdict, s.facts)) b
                WHERE NOT haian.has_consent(s.holder_id, b, 'ORGANISATION', s.organisation_id::text, 'onecode.' || s.scene_id, $2)
                  AND NOT EXISTS (SELECT FROM onecode.scan l WHERE l.holder_id = s.holder_id AND l.scene_id = s.scene_id
                                  AND l.organisation_id = s.organisation_id AND l.verdict = 'ACCEPTED' AND l.pass_id IS NULL
                                  AND (l.at, l.id) > (s.at, s.id))) $$;
GRANT EXECUTE ON FUNCTION onecode.wished TO haian_read, app_onecode;
