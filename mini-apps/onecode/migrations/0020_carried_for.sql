-- Codes that somebody carries for another 亲属码: their holder is `citizen_id`, `shown_by` who carries them by custody or mandate.
ALTER TABLE onecode.offline_batch ADD shown_by uuid;
CREATE INDEX offline_batch_shown_by ON onecode.offline_batch (shown_by) WHERE shown_by IS NOT NULL;
CREATE INDEX offline_batch_for_others ON onecode.offline_batch (until) WHERE shown_by IS NOT NULL AND revoked_at IS NULL;

-- Whoever is stopped is shown by nobody, and shows nobody's.
CREATE OR REPLACE FUNCTION onecode.stop_carried(citizen uuid, device text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtext('onecode.carried'), hashtext($1::text));
    SELECT pg_advisory_xact_lock(hashtext('onecode.stops'), 0);
    UPDATE onecode.offline_batch SET revoked_at = $3, stopped = nextval('onecode.stops')
    WHERE (citizen_id = $1 OR shown_by = $1) AND ($2 IS NULL OR session = $2) AND revoked_at IS NULL AND until > $3 $$;

-- What somebody carries for another ends with the right to it, however that ended: a mandate, a limit of custody, a birthday.
CREATE FUNCTION onecode.stop_ended(at timestamptz) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtext('onecode.stops'), 0);
    UPDATE onecode.offline_batch SET revoked_at = $1, stopped = nextval('onecode.stops')
    WHERE shown_by IS NOT NULL AND revoked_at IS NULL AND until > $1
      AND NOT coalesce(haian.may(shown_by, 'onecode.code.show', citizen_id, $1), false) $$;
GRANT EXECUTE ON FUNCTION onecode.stop_ended TO app_onecode;
