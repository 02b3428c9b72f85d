-- Who asked to close an account: its citizen, or, under 14, a guardian, whose word counts as long as it is theirs to give.
ALTER TABLE consent.closing ADD asked_by uuid;
UPDATE consent.closing c SET asked_by = coalesce((SELECT g.guardian_id FROM haian.guardianship g WHERE g.child_id = c.citizen_id
    AND haian.may_consent(g.guardian_id, c.citizen_id, c.asked_at) ORDER BY g.since LIMIT 1), c.citizen_id);
CREATE FUNCTION consent.may_close(asked_by uuid, citizen uuid, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT coalesce($1 = $2 OR haian.may_consent($1, $2, $3), false) $$;
GRANT EXECUTE ON FUNCTION consent.may_close TO app_consent;
