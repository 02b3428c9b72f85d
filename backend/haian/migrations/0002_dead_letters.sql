-- Events that could not be told however often it was tried: kept with the reason until the operator sends them again.
CREATE TABLE haian.dead_letter (
    id          uuid PRIMARY KEY,
    type        text NOT NULL,
    citizen_id  uuid,
    payload     jsonb NOT NULL,
    at          timestamptz NOT NULL,
    attempts    int NOT NULL,
    error       text NOT NULL,
    died_at     timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, DELETE ON haian.dead_letter TO haian_worker;
GRANT INSERT ON haian.outbox TO haian_worker;

-- What the operator watches: events that wait, the age in seconds of the oldest, and those that died. No contents.
CREATE FUNCTION haian.outbox_state(OUT waiting bigint, OUT oldest float8, OUT dead bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = haian, pg_temp AS
$$ SELECT count(*), coalesce(extract(epoch FROM now() - min(at)), 0)::float8, (SELECT count(*) FROM dead_letter) FROM outbox $$;
REVOKE ALL ON FUNCTION haian.outbox_state FROM PUBLIC;
GRANT EXECUTE ON FUNCTION haian.outbox_state TO haian_read;
