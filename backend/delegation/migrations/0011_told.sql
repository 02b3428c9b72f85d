-- How a mandate was confirmed. Who was told a code acts by it, and no more: the number may be somebody else's by now, since operators
-- give numbers to the next customer, so nobody says by that who stands before them.
CREATE OR REPLACE VIEW haian.mandate AS
    SELECT principal_id, helper_id AS delegate_id, unnest(scopes) AS scope,
           greatest(since, confirmed_at, accepted_at) AS since, least(until, ended_at) AS until, id, confirmed_how
    FROM delegation.mandate WHERE confirmed_at IS NOT NULL;
CREATE OR REPLACE FUNCTION haian.tie(helper uuid, citizen uuid, at timestamptz, OUT kind text, OUT since timestamptz)
LANGUAGE sql STABLE AS
$$ SELECT t.kind, t.since FROM (
       SELECT 'guardian' AS kind, g.since FROM haian.guardianship g
       WHERE g.guardian_id = $1 AND g.child_id = $2 AND g.since <= $3 AND $3 < g.until AND g.limits = '{}'
       UNION ALL SELECT 'delegate', m.since FROM haian.mandate m
       WHERE m.delegate_id = $1 AND m.principal_id = $2 AND m.since <= $3 AND $3 < m.until
         AND m.confirmed_how IS DISTINCT FROM 'CALL_BACK') t ORDER BY t.since LIMIT 1 $$;
