-- For whom `viewer` may do `action` when they act for `subject`: acting for themself, themself and the children whose custody
-- does not limit them in it; acting for another, that one alone, since what was given is not given on. Whether they may act
-- for another is asked of haian.may, where the action is declared.
CREATE FUNCTION healthcare.patients_of(viewer uuid, subject uuid, at timestamptz,
    action text DEFAULT 'healthcare.appointments.read') RETURNS SETOF uuid LANGUAGE sql STABLE AS
$$ SELECT $2 WHERE $2 IS NOT NULL
   UNION ALL SELECT g.child_id FROM haian.guardianship g
   WHERE g.guardian_id = $1 AND $1 = $2 AND $3 >= g.since AND $3 < g.until
     AND NOT EXISTS (SELECT FROM unnest(g.limits) l WHERE $4 = l OR starts_with($4, l || '.')) $$;

-- The same for what everybody reads of themself.
CREATE OR REPLACE FUNCTION healthcare.patients_of(citizen uuid, at timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE AS
$$ SELECT $1 WHERE $1 IS NOT NULL
   UNION ALL SELECT g.child_id FROM haian.guardianship g WHERE g.guardian_id = $1 AND $2 >= g.since AND $2 < g.until
     AND NOT EXISTS (SELECT FROM unnest(g.limits) l
                     WHERE 'healthcare.appointments.read' = l OR starts_with('healthcare.appointments.read', l || '.')) $$;
