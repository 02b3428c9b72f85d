-- What a session's device carries is one batch, which grows by each fetch: whatever it is that ends, the list of stopped batches
-- gains one. `made`: how many of its codes there are (`codes`: of one fetch); the place of one in it is a byte.
ALTER TABLE onecode.offline_batch ADD made int CHECK (made BETWEEN 1 AND 256), ADD stopped int;
UPDATE onecode.offline_batch SET made = codes;
-- The number of a stop. Who stops one waits for who is just stopping another, so numbers are seen in their order: who has heard of
-- one asks for what is after it.
CREATE SEQUENCE onecode.stops AS int;
UPDATE onecode.offline_batch SET stopped = nextval('onecode.stops') WHERE revoked_at IS NOT NULL;
CREATE UNIQUE INDEX offline_batch_stops ON onecode.offline_batch (stopped) WHERE stopped IS NOT NULL;
GRANT USAGE ON SEQUENCE onecode.stops TO app_onecode;

-- Stop what a citizen's devices carry, or one of them. Who carries more meanwhile waits (`store_offline.one_at_a_time`), or is
-- waited for.
CREATE FUNCTION onecode.stop_carried(citizen uuid, device text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtext('onecode.carried'), hashtext($1::text));
    SELECT pg_advisory_xact_lock(hashtext('onecode.stops'), 0);
    UPDATE onecode.offline_batch SET revoked_at = $3, stopped = nextval('onecode.stops')
    WHERE citizen_id = $1 AND ($2 IS NULL OR session = $2) AND revoked_at IS NULL AND until > $3 $$;
GRANT EXECUTE ON FUNCTION onecode.stop_carried TO app_onecode;

-- What was stopped after a number and would still be good, the first `most` of it; `upto`: the number to go on with; `more`: at
-- once. A number that is not known here (an older copy of the database) begins anew.
CREATE FUNCTION onecode.stopped_after(after bigint, at timestamptz, most bigint, OUT revoked text[], OUT upto int, OUT more boolean)
LANGUAGE sql STABLE AS $$
    WITH known AS (SELECT coalesce(max(b.stopped), 0) AS newest FROM onecode.offline_batch b),
         since AS (SELECT newest, CASE WHEN $1 <= newest THEN $1 ELSE 0 END AS number FROM known),
         page AS (SELECT b.id, b.stopped FROM onecode.offline_batch b
                  WHERE b.stopped > (SELECT number FROM since) AND b.until > $2 ORDER BY b.stopped LIMIT $3)
    SELECT coalesce(array_agg(encode(p.id, 'hex') ORDER BY p.stopped), '{}'),
           CASE WHEN count(*) = $3 THEN max(p.stopped) ELSE (SELECT newest FROM since) END, count(*) = $3 FROM page p $$;
GRANT EXECUTE ON FUNCTION onecode.stopped_after TO haian_read, app_onecode;
