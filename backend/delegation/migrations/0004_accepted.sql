-- What somebody gives by a number alone waits until whoever signs in with that number accepts it, and covers nothing before:
-- so it says the same, and nothing untrue, whether or not the number is anybody's. `offered_until`: so long it waits.
ALTER TABLE delegation.mandate
    ADD offered_until timestamptz,
    ADD accepted_at timestamptz,
    ADD CHECK (offered_until IS NULL OR helper_id IS NULL AND confirmed_at IS NOT NULL);
UPDATE delegation.mandate SET offered_until = confirmed_at + interval '7 days'
WHERE confirmed_at IS NOT NULL AND helper_id IS NULL;
CREATE INDEX mandate_offered ON delegation.mandate (delegate_phone) WHERE offered_until IS NOT NULL;
CREATE OR REPLACE VIEW haian.mandate AS
    SELECT principal_id, helper_id AS delegate_id, unnest(scopes) AS scope,
           greatest(since, confirmed_at, accepted_at) AS since, least(until, ended_at) AS until, id
    FROM delegation.mandate WHERE confirmed_at IS NOT NULL;

-- Whose mandates they are, and what each side sees of them. To whom one is offered sees the giver's name masked: the number may
-- be mistyped. The giver sees the number whole that they typed, until somebody accepted it, and then that one's masked name.
CREATE FUNCTION delegation.mandates_of(citizen uuid, at timestamptz)
RETURNS TABLE (id uuid, principal_id uuid, given_by_me boolean, principal text, called text, phone text, number text,
               helper text, scopes text[], state text, asked_at timestamptz, confirmed_at timestamptz, confirmed_how text,
               offered_until timestamptz, until timestamptz, ended_at timestamptz) LANGUAGE sql STABLE AS
$$ SELECT m.id, m.principal_id, m.principal_id = $1,
          CASE WHEN m.helper_id IS NULL AND m.principal_id <> $1 THEN p.masked_name ELSE p.name END,
          m.called, left(m.delegate_phone, 3) || '****' || right(m.delegate_phone, 4),
          CASE WHEN m.helper_id IS NULL AND m.principal_id = $1 THEN m.delegate_phone END,
          h.masked_name, m.scopes,
          CASE WHEN m.ended_at IS NOT NULL OR least(m.until, m.offered_until) <= $2 THEN 'ENDED'
               WHEN m.confirmed_at IS NULL THEN 'ASKED' WHEN m.offered_until IS NOT NULL THEN 'OFFERED' ELSE 'ACTIVE' END,
          m.asked_at, m.confirmed_at, m.confirmed_how, m.offered_until, m.until, m.ended_at
   FROM delegation.mandate m JOIN haian.citizen p ON p.id = m.principal_id
        LEFT JOIN haian.citizen h ON h.id = m.helper_id
   WHERE m.id IN (SELECT g.id FROM delegation.mandate g WHERE g.principal_id = $1
                  UNION ALL
                  SELECT r.id FROM delegation.mandate r WHERE r.helper_id = $1 AND r.confirmed_at IS NOT NULL
                  UNION ALL
                  SELECT o.id FROM haian.citizen c JOIN delegation.mandate o ON o.delegate_phone = c.phone
                  WHERE c.id = $1 AND o.offered_until > $2 AND o.principal_id <> $1) $$;
GRANT EXECUTE ON FUNCTION delegation.mandates_of TO haian_read, app_delegation;
