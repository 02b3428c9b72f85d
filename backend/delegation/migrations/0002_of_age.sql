-- The same view; when the child comes of age is written down (identity.citizen.of_age_at).
CREATE OR REPLACE VIEW haian.guardianship AS
    SELECT g.guardian_id, g.child_id, g.relation, g.since, least(g.until, g.ended_at, c.of_age_at) AS until, g.limits
    FROM delegation.guardianship g JOIN haian.citizen c ON c.id = g.child_id;
