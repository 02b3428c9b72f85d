-- A mandate by a code that was told counts a day after it was confirmed. Operators give numbers to the next customer, who could tell
-- the code too: so all that still knows the principal hears of it at once, and any device of theirs ends it before it covers anything.
-- What was confirmed before this stays as it is.
ALTER TABLE delegation.mandate ADD ready_at timestamptz;
UPDATE delegation.mandate SET ready_at = confirmed_at WHERE confirmed_how = 'CALL_BACK';
ALTER TABLE delegation.mandate
    ADD CHECK ((confirmed_how IS NOT DISTINCT FROM 'CALL_BACK') = (ready_at IS NOT NULL)), ADD CHECK (ready_at >= confirmed_at);
CREATE OR REPLACE VIEW haian.mandate AS
    SELECT principal_id, helper_id AS delegate_id, unnest(scopes) AS scope,
           greatest(since, confirmed_at, accepted_at, ready_at) AS since, least(until, ended_at) AS until, id, confirmed_how
    FROM delegation.mandate WHERE confirmed_at IS NOT NULL;

-- The same, and from when on it counts; until then it is COOLING.
DROP FUNCTION delegation.mandates_of;
CREATE FUNCTION delegation.mandates_of(citizen uuid, at timestamptz)
RETURNS TABLE (id uuid, principal_id uuid, given_by_me boolean, principal text, called text, phone text, number text,
               helper text, scopes text[], state text, asked_at timestamptz, confirmed_at timestamptz, confirmed_how text,
               offered_until timestamptz, ready_at timestamptz, until timestamptz, ended_at timestamptz) LANGUAGE sql STABLE AS
$$ SELECT m.id, m.principal_id, m.principal_id = $1,
          CASE WHEN m.helper_id IS NULL AND m.principal_id <> $1 THEN p.masked_name ELSE p.name END,
          m.called, left(m.delegate_phone, 3) || '****' || right(m.delegate_phone, 4),
          CASE WHEN m.helper_id IS NULL AND m.principal_id = $1 THEN m.delegate_phone END,
          h.masked_name, m.scopes,
          CASE WHEN m.ended_at IS NOT NULL OR least(m.until, m.offered_until) <= $2 THEN 'ENDED'
               WHEN m.confirmed_at IS NULL THEN 'ASKED' WHEN m.offered_until IS NOT NULL THEN 'OFFERED'
               WHEN m.ready_at > $2 THEN 'COOLING' ELSE 'ACTIVE' END,
          m.asked_at, m.confirmed_at, m.confirmed_how, m.offered_until, m.ready_at, m.until, m.ended_at
   FROM delegation.mandate m JOIN haian.citizen p ON p.id = m.principal_id
        LEFT JOIN haian.citizen h ON h.id = m.helper_id
   WHERE m.id IN (SELECT g.id FROM delegation.mandate g WHERE g.principal_id = $1
                  UNION ALL
                  SELECT r.id FROM delegation.mandate r WHERE r.helper_id = $1 AND r.confirmed_at IS NOT NULL
                  UNION ALL
                  SELECT o.id FROM haian.citizen c JOIN delegation.mandate o ON coalesce(o.follows, o.delegate_phone) = c.phone
                  WHERE c.id = $1 AND o.helper_id IS NULL AND o.offered_until > $2 AND o.principal_id <> $1) $$;
GRANT EXECUTE ON FUNCTION delegation.mandates_of TO haian_read, app_delegation;
