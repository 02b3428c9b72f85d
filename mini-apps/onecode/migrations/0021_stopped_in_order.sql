-- The same (0020); who stops what several carry takes each in one order, as who forgets them does.
CREATE OR REPLACE FUNCTION onecode.stop_carried(citizen uuid, device text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtext('onecode.carried'), hashtext($1::text));
    SELECT pg_advisory_xact_lock(hashtext('onecode.stops'), 0);
    WITH held AS MATERIALIZED (SELECT id FROM onecode.offline_batch WHERE (citizen_id = $1 OR shown_by = $1)
        AND ($2 IS NULL OR session = $2) AND revoked_at IS NULL AND until > $3 ORDER BY id FOR NO KEY UPDATE)
    UPDATE onecode.offline_batch b SET revoked_at = $3, stopped = nextval('onecode.stops') FROM held WHERE b.id = held.id $$;

CREATE OR REPLACE FUNCTION onecode.stop_ended(at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtext('onecode.stops'), 0);
    WITH held AS MATERIALIZED (SELECT id FROM onecode.offline_batch
        WHERE shown_by IS NOT NULL AND revoked_at IS NULL AND until > $1
          AND NOT coalesce(haian.may(shown_by, 'onecode.code.show', citizen_id, $1), false) ORDER BY id FOR NO KEY UPDATE)
    UPDATE onecode.offline_batch b SET revoked_at = $1, stopped = nextval('onecode.stops') FROM held WHERE b.id = held.id $$;
