-- Who has another number by now is found by that: `follows`, empty where they have none. The giver sees what they typed, and
-- never learns of the new one.
ALTER TABLE delegation.mandate ADD follows text;
DROP INDEX delegation.mandate_offered;
CREATE INDEX mandate_waiting ON delegation.mandate (coalesce(follows, delegate_phone)) WHERE helper_id IS NULL;
CREATE OR REPLACE FUNCTION delegation.mandates_of(citizen uuid, at timestamptz)
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
                  SELECT o.id FROM haian.citizen c JOIN delegation.mandate o ON coalesce(o.follows, o.delegate_phone) = c.phone
                  WHERE c.id = $1 AND o.helper_id IS NULL AND o.offered_until > $2 AND o.principal_id <> $1) $$;
