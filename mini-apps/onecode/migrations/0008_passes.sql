-- 访客码: a visitor whom a resident invites, without an account. Of the secret in the link only the hash is here. `remaining`
-- decides who has the last entry, whoever asks at once.
CREATE TABLE onecode.pass (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    host_id     uuid NOT NULL,
    community   text NOT NULL,
    secret      bytea NOT NULL UNIQUE CHECK (length(secret) = 32),
    visitor     text NOT NULL CHECK (length(visitor) BETWEEN 1 AND 20),
    plate       text NOT NULL DEFAULT '' CHECK (length(plate) <= 8),
    during      tstzrange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
    entries     int NOT NULL CHECK (entries BETWEEN 1 AND 10),
    remaining   int NOT NULL CHECK (remaining BETWEEN 0 AND entries),
    made_at     timestamptz NOT NULL,
    ended_at    timestamptz
);
CREATE INDEX pass_host ON onecode.pass (host_id, made_at DESC, id DESC);
CREATE INDEX pass_over ON onecode.pass (upper(during));
ALTER TABLE onecode.scan ADD pass_id uuid;

-- Which scenes let visitors in; what such a scene asks beyond its base is nobody's to give.
ALTER TABLE onecode.scene ADD visitors boolean NOT NULL DEFAULT false, ADD CHECK (NOT visitors OR beyond = '{}');
UPDATE onecode.scene SET visitors = true WHERE id = 'residential_gate';

-- How a pass stands at a moment. Who comes an hour early is let in.
CREATE FUNCTION onecode.pass_state(p onecode.pass, at timestamptz) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN p.ended_at IS NOT NULL THEN 'ENDED' WHEN p.remaining = 0 THEN 'USED_UP' WHEN $2 >= upper(p.during) THEN 'OVER'
               WHEN EXISTS (SELECT FROM onecode.suspension s WHERE s.citizen_id = p.host_id) THEN 'PAUSED'
               WHEN $2 < lower(p.during) - interval '1 hour' THEN 'NOT_YET' ELSE 'OPEN' END $$;
GRANT EXECUTE ON FUNCTION onecode.pass_state TO haian_read, app_onecode;
