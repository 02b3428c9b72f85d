-- The home document of one citizen ($1) at a time ($2) as finished JSON: what the hand-written endpoint asks.
SELECT json_build_object('data', json_build_object(
 'identityViewer', (SELECT json_build_object('id', c.id, 'maskedName', c.masked_name, 'name', c.name,
     'maskedPhone', c.masked_phone,
     'maskedNumber', (SELECT shown FROM identity.citizen_number WHERE citizen_id = c.id), 'level', c.level, 'demo', c.demo,
     'community', (SELECT json_build_object('code', d.code, 'name', d.name) FROM haian.division d
                   WHERE d.code = c.community_code),
     'memberships', (SELECT coalesce(json_agg(json_build_object('role', m.role, 'place', m.place, 'organisation',
                         json_build_object('id', o.id, 'name', o.name, 'kind', o.kind)) ORDER BY m.role, m.organisation_id), '[]')
                     FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
                     WHERE m.citizen_id = c.id AND m.during @> $2::timestamptz),
     'children', (SELECT coalesce(json_agg(json_build_object('id', k.id, 'name', k.name, 'born', k.born,
                         'relation', g.relation) ORDER BY k.born, k.id), '[]')
                  FROM haian.guardianship g JOIN haian.citizen k ON k.id = g.child_id
                  WHERE g.guardian_id = c.id AND $2::timestamptz >= g.since AND $2::timestamptz < g.until))
   FROM haian.citizen c WHERE c.id = $1::uuid),
 'messagesUnread', (SELECT count(*) FROM messages.message WHERE citizen_id = $1::uuid AND read_at IS NULL),
 'homeThings', (SELECT coalesce(json_agg(json_build_object('id', id, 'app', app, 'kind', kind, 'title', title,
       'place', place, 'startsAt', starts_at, 'endsAt', ends_at, 'link', link, 'state', state, 'number', number)), '[]')
   FROM (SELECT * FROM (
     (SELECT b.id::text, 'parking' AS app, 'booking' AS kind, s.lot || ' ' || s.label AS title, d.name AS place,
             lower(b.during) AS starts_at, upper(b.during) AS ends_at, '/parking/booking?id=' || b.id AS link,
             b.plate AS state, NULL::int AS number
      FROM parking.booking b JOIN parking.space s ON s.id = b.space_id JOIN haian.division d ON d.code = s.community
      WHERE b.holder_id = $1::uuid AND b.status = 'BOOKED' AND upper(b.during) > $2::timestamptz ORDER BY lower(b.during) LIMIT 6)
     UNION ALL
     (SELECT n.id || ':' || a.pupil_id, 'education', 'notice', n.title, c.name || ' · ' || k.name, NULL, n.deadline,
             '/education/notice?id=' || n.id, CASE WHEN n.deadline > $2::timestamptz THEN 'AWAITED' ELSE 'OVERDUE' END, NULL
      FROM haian.guardianship g
      JOIN education.addressee a ON a.child_id = g.child_id AND a.since <= $2::timestamptz AND $2::timestamptz < a.until
      JOIN education.notice n ON n.id = a.notice_id AND n.deadline IS NOT NULL AND n.withdrawn_at IS NULL
      JOIN education.class k ON k.id = a.class_id JOIN haian.citizen c ON c.id = a.child_id
      WHERE g.guardian_id = $1::uuid AND g.since <= $2::timestamptz AND $2::timestamptz < g.until AND n.deadline > $2::timestamptz - interval '3 days'
        AND NOT EXISTS (SELECT FROM education.confirmation x WHERE x.notice_id = n.id AND x.pupil_id = a.pupil_id)
      ORDER BY n.deadline, n.id, a.pupil_id LIMIT 3)
     UNION ALL
     (SELECT a.id::text, 'healthcare', 'appointment',
             CASE WHEN a.patient_id = $1::uuid THEN '' ELSE p.name || ' · ' END || d.name || ' · ' || r.name,
             o.name || ' ' || d.place, a.starts_at, a.ends_at, '/healthcare/appointment?id=' || a.id, a.status, a.number
      FROM healthcare.appointment a JOIN healthcare.department d ON d.id = a.department_id
      JOIN healthcare.doctor r ON r.id = a.doctor_id JOIN haian.organisation o ON o.id = a.hospital_id
      JOIN haian.citizen p ON p.id = a.patient_id
      WHERE a.ends_at > $2::timestamptz AND a.status IN ('booked', 'arrived')
        AND a.patient_id IN (SELECT p FROM healthcare.patients_of($1::uuid, $2::timestamptz) p)
      ORDER BY a.starts_at, a.id LIMIT 6)) t ORDER BY starts_at NULLS FIRST LIMIT 6) t),
 'messagesNews', (SELECT json_build_object('edges', coalesce(json_agg(json_build_object('cursor', cursor, 'node',
       json_build_object('id', id, 'topic', topic, 'title', title, 'publishedAt', published_at, 'demo', demo, 'street', place))
         ORDER BY nth) FILTER (WHERE nth <= 5), '[]'),
       'pageInfo', json_build_object('hasNextPage', count(*) > 5, 'endCursor', max(cursor) FILTER (WHERE nth = least(5, many))))
   FROM (SELECT n.*, row_number() OVER (ORDER BY published_at DESC, id DESC) AS nth, count(*) OVER () AS many,
                translate(encode(convert_to(json_build_array(published_at::text, id::text)::text, 'UTF8'), 'base64'),
                          E'+/\n', '-_') AS cursor,
                (SELECT json_build_object('code', d.code, 'name', d.name) FROM haian.division d WHERE d.code = n.street) AS place
         FROM (SELECT * FROM messages.news WHERE withdrawn_at IS NULL AND published_at <= $2::timestamptz
               ORDER BY published_at DESC, id DESC LIMIT 6) n) n)
))
