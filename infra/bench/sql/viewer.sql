-- The small viewer query of one citizen ($1) at a time ($2) as finished JSON.
SELECT json_build_object('data', json_build_object('identityViewer', (
    SELECT json_build_object('id', c.id, 'name', c.name, 'level', c.level,
        'children', (SELECT coalesce(json_agg(json_build_object('id', k.id, 'name', k.name, 'born', k.born,
                            'relation', g.relation) ORDER BY k.born, k.id), '[]')
                     FROM haian.guardianship g JOIN haian.citizen k ON k.id = g.child_id
                     WHERE g.guardian_id = c.id AND $2::timestamptz >= g.since AND $2::timestamptz < g.until))
    FROM haian.citizen c WHERE c.id = $1::uuid)))
