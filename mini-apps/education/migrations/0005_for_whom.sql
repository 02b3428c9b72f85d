-- Whose children's notices `viewer` reads or answers when they act for `subject`: acting for themself, their own children's;
-- acting for a child of theirs, that one's; acting for somebody by mandate, that one's children's, as far as custody lets that
-- one. `relation`: what the viewer is to the child; none for a delegate. Whether they may act is asked of haian.may, where the
-- action is declared.
CREATE FUNCTION education.children_of(viewer uuid, subject uuid, at timestamptz, action text)
RETURNS TABLE (child_id uuid, relation text) LANGUAGE sql STABLE AS
$$ SELECT g.child_id, CASE WHEN $1 = $2 THEN g.relation END FROM haian.guardianship g
   WHERE g.guardian_id = $2 AND g.since <= $3 AND $3 < g.until
     AND NOT EXISTS (SELECT FROM unnest(g.limits) l WHERE $4 = l OR starts_with($4, l || '.'))
   UNION ALL
   SELECT g.child_id, g.relation FROM haian.guardianship g
   WHERE g.guardian_id = $1 AND g.child_id = $2 AND g.since <= $3 AND $3 < g.until
     AND NOT EXISTS (SELECT FROM unnest(g.limits) l WHERE $4 = l OR starts_with($4, l || '.')) $$;
GRANT EXECUTE ON FUNCTION education.children_of TO haian_read, app_education;

-- What whoever confirmed is to the child: none, where it was done by mandate.
ALTER TABLE education.confirmation ADD kin text CHECK (kin IN ('MOTHER', 'FATHER', 'GRANDPARENT', 'OTHER'));
UPDATE education.confirmation SET kin = relation;
ALTER TABLE education.confirmation DROP relation;
