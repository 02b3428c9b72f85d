-- The same view with plain times: the planner takes `during @> x` for selective and walks all pupils of the district for it.
DROP VIEW education.addressee;
CREATE VIEW education.addressee AS
    SELECT n.id AS notice_id, p.id AS pupil_id, p.class_id, p.child_id, lower(p.during) AS since,
           coalesce(upper(p.during), 'infinity') AS until
    FROM education.notice n JOIN education.pupil p ON p.class_id = n.class_id
        AND lower(p.during) <= n.published_at AND n.published_at < coalesce(upper(p.during), 'infinity');
