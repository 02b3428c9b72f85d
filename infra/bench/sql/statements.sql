-- What the peers ask PostgreSQL: the same tables and rules as the product's stores, one statement for each field or loader.
-- Each block is named; the stock Strawberry server and the Mercurius server read this file.

-- name: viewer
SELECT id, name, masked_name, masked_phone, level, demo, community_code FROM haian.citizen WHERE id = $1::uuid

-- name: shown_number
SELECT shown FROM identity.citizen_number WHERE citizen_id = $1::uuid

-- name: divisions
SELECT code, name FROM haian.division WHERE code = ANY($1::text[])

-- name: memberships
SELECT role, place, organisation_id FROM haian.membership WHERE citizen_id = $1::uuid AND during @> $2::timestamptz
ORDER BY role, organisation_id

-- name: organisations
SELECT id, name, kind FROM haian.organisation WHERE id = ANY($1::uuid[])

-- name: children
SELECT c.id, c.name, c.born, g.relation FROM haian.guardianship g JOIN haian.citizen c ON c.id = g.child_id
WHERE g.guardian_id = $1::uuid AND $2::timestamptz >= g.since AND $2::timestamptz < g.until ORDER BY c.born, c.id

-- name: next_notices
SELECT n.id || ':' || a.pupil_id AS id, 'education' AS app, 'notice' AS kind, n.title, c.name || ' · ' || k.name AS place,
       NULL::timestamptz AS starts_at, n.deadline AS ends_at, '/education/notice?id=' || n.id AS link,
       CASE WHEN n.deadline > $2 THEN 'AWAITED' ELSE 'OVERDUE' END AS state, NULL::int AS number
FROM haian.guardianship g
JOIN education.addressee a ON a.child_id = g.child_id AND a.since <= $2 AND $2 < a.until
JOIN education.notice n ON n.id = a.notice_id AND n.deadline IS NOT NULL AND n.withdrawn_at IS NULL
JOIN education.class k ON k.id = a.class_id JOIN haian.citizen c ON c.id = a.child_id
WHERE g.guardian_id = $1::uuid AND g.since <= $2::timestamptz AND $2 < g.until AND n.deadline > $2 - interval '3 days'
  AND NOT EXISTS (SELECT FROM education.confirmation x WHERE x.notice_id = n.id AND x.pupil_id = a.pupil_id)
ORDER BY n.deadline, n.id, a.pupil_id LIMIT 3

-- name: next_appointments
SELECT a.id, 'healthcare' AS app, 'appointment' AS kind,
       CASE WHEN a.patient_id = $1 THEN '' ELSE p.name || ' · ' END || d.name || ' · ' || r.name AS title,
       o.name || ' ' || d.place AS place, a.starts_at, a.ends_at, '/healthcare/appointment?id=' || a.id AS link,
       a.status AS state, a.number
FROM healthcare.appointment a JOIN healthcare.department d ON d.id = a.department_id
JOIN healthcare.doctor r ON r.id = a.doctor_id JOIN haian.organisation o ON o.id = a.hospital_id
JOIN haian.citizen p ON p.id = a.patient_id
WHERE a.ends_at > $2::timestamptz AND a.status IN ('booked', 'arrived')
  AND a.patient_id IN (SELECT p FROM healthcare.patients_of($1::uuid, $2) p)
ORDER BY a.starts_at, a.id LIMIT 6

-- name: next_bookings
SELECT b.id, 'parking' AS app, 'booking' AS kind, s.lot || ' ' || s.label AS title, d.name AS place,
       lower(b.during) AS starts_at, upper(b.during) AS ends_at, '/parking/booking?id=' || b.id AS link, b.plate AS state,
       NULL::int AS number
FROM parking.booking b JOIN parking.space s ON s.id = b.space_id JOIN haian.division d ON d.code = s.community
WHERE b.holder_id = $1::uuid AND b.status = 'BOOKED' AND upper(b.during) > $2::timestamptz ORDER BY lower(b.during) LIMIT 6

-- name: unread
SELECT count(*)::int AS unread FROM messages.message WHERE citizen_id = $1::uuid AND read_at IS NULL

-- name: news
SELECT id, topic, title, published_at, demo, street AS street_code,
       json_build_array(published_at::text, id::text)::text AS keys
FROM messages.news WHERE withdrawn_at IS NULL AND published_at <= $1::timestamptz
ORDER BY published_at DESC, id DESC LIMIT $2::int

-- name: news_joined
SELECT n.id, n.topic, n.title, n.published_at, n.demo, d.code AS street_code, d.name AS street_name,
       json_build_array(n.published_at::text, n.id::text)::text AS keys
FROM messages.news n LEFT JOIN haian.division d ON d.code = n.street
WHERE n.withdrawn_at IS NULL AND n.published_at <= $1::timestamptz ORDER BY n.published_at DESC, n.id DESC LIMIT $2::int

-- name: viewer_joined
SELECT c.id, c.name, c.masked_name, c.masked_phone, c.level, c.demo, n.shown AS masked_number, d.code AS community_code,
       d.name AS community_name,
       (SELECT coalesce(json_agg(json_build_object('role', m.role, 'place', m.place, 'organisation',
                   json_build_object('id', o.id, 'name', o.name, 'kind', o.kind)) ORDER BY m.role, m.organisation_id), '[]')
        FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
        WHERE m.citizen_id = c.id AND m.during @> $2::timestamptz) AS memberships,
       (SELECT coalesce(json_agg(json_build_object('id', k.id, 'name', k.name, 'born', k.born, 'relation', g.relation)
                                 ORDER BY k.born, k.id), '[]')
        FROM haian.guardianship g JOIN haian.citizen k ON k.id = g.child_id
        WHERE g.guardian_id = c.id AND $2 >= g.since AND $2 < g.until) AS children
FROM haian.citizen c LEFT JOIN identity.citizen_number n ON n.citizen_id = c.id
LEFT JOIN haian.division d ON d.code = c.community_code WHERE c.id = $1::uuid

-- name: find
SELECT noun || ':' || kind || ':' || id AS id, noun AS app, kind, detail, link, title,
       json_build_array(rank::text, size::text, h.number::text)::text AS keys
FROM (
    SELECT f.* FROM unnest(ARRAY['service', 'hospital', 'department', 'doctor', 'space', 'school', 'news']) k, LATERAL (
        WITH led AS MATERIALIZED (
            SELECT rank, size, number FROM search.posting WHERE gram = $3::text AND kind = k
            ORDER BY rank, size, number LIMIT (SELECT $5::int * $4::int)),
        walked AS MATERIALIZED (
            SELECT * FROM led WHERE $4::int = 1
            UNION ALL
            (SELECT l.* FROM led l, LATERAL (
                 SELECT FROM search.entry e WHERE e.number = l.number AND NOT EXISTS (
                     SELECT FROM unnest($2::text[]) n WHERE position(n IN named) = 0
                     AND (position(n IN told) = 0 OR length(n) = 1 AND n <> ALL(grams))) OFFSET 0) e
             WHERE $4::int > 1 ORDER BY rank, size, number LIMIT $5::int)),
        seen AS MATERIALIZED (
            SELECT (SELECT count(*) FROM walked) = $5::int OR (SELECT count(*) FROM led) < $5::int * $4::int AS enough)
        SELECT * FROM walked WHERE (SELECT enough FROM seen)
        UNION ALL
        SELECT search.rank(kind, heads, named, $3::text), length(title)::int2, number FROM search.entry
        WHERE NOT (SELECT enough FROM seen) AND grams @> array_append($1::text[], '=' || k)
          AND NOT EXISTS (SELECT FROM unnest($2::text[]) n WHERE position(n IN named) = 0 AND position(n IN told) = 0)) f
    ORDER BY rank, size, number LIMIT $5::int) h,
LATERAL (SELECT noun, kind, id, title, detail, link FROM search.entry e WHERE e.number = h.number OFFSET 0) e
ORDER BY rank, size, h.number

-- name: claim_key
SELECT asked, answered FROM haian.claim_key($1::uuid, 'healthcare.book', $2, $3::bytea, $4::timestamptz)

-- name: may_book
SELECT $2::uuid IN (SELECT p FROM healthcare.patients_of($1::uuid, $3::timestamptz) p) AS mine,
       (SELECT id FROM haian.citizen WHERE id IN ($1, $2) AND level = 'UNVERIFIED' ORDER BY id <> $1 LIMIT 1) AS unverified

-- name: take_seat
UPDATE healthcare.slot SET remaining = remaining - 1 WHERE id = $1::uuid AND open AND remaining > 0
   AND starts_at > $2::timestamptz RETURNING id

-- name: give_back
UPDATE healthcare.slot SET remaining = remaining + 1 WHERE id = $1::uuid

-- name: add_appointment
INSERT INTO healthcare.appointment (slot_id, schedule_id, doctor_id, department_id, hospital_id, patient_id, booked_by,
                                    starts_at, ends_at, fee_cents, number, booked_at)
SELECT s.id, c.id, s.doctor_id, s.department_id, c.hospital_id, $2::uuid, $3::uuid, s.starts_at, s.ends_at, s.fee_cents,
       (SELECT min(n) FROM generate_series(s.first_number, s.first_number + s.capacity - 1) n
        WHERE NOT EXISTS (SELECT FROM healthcare.appointment a
                          WHERE a.schedule_id = c.id AND a.number = n AND a.status <> 'cancelled')), $4::timestamptz
FROM healthcare.slot s JOIN healthcare.schedule c ON c.id = s.schedule_id WHERE s.id = $1::uuid
ON CONFLICT (patient_id, department_id, day) WHERE status <> 'cancelled' DO NOTHING RETURNING id

-- name: record
SELECT haian.record($1::uuid, 'citizen', $2::uuid, 'APPOINTMENT_BOOKED', $3, '{}', '', $4::timestamptz)

-- name: tell
INSERT INTO haian.outbox (type, citizen_id, payload, at)
SELECT 'healthcare.booked', w, to_jsonb(f) - 'patient_id', $2::timestamptz
FROM (SELECT a.id, a.patient_id, p.name AS patient, o.name AS hospital, d.name AS department, d.place, r.name AS doctor,
             a.starts_at, a.number, a.reason
      FROM healthcare.appointment a JOIN healthcare.department d ON d.id = a.department_id
      JOIN healthcare.doctor r ON r.id = a.doctor_id JOIN haian.organisation o ON o.id = a.hospital_id
      JOIN haian.citizen p ON p.id = a.patient_id WHERE a.id = $1::uuid) f, healthcare.watchers_of(f.patient_id, $2) w

-- name: answer_key
SELECT haian.answer_key($1::uuid, 'healthcare.book', $2, $3::jsonb)

-- name: appointment
SELECT id, status, number, day, starts_at, ends_at, fee_cents, reason, cancelled_by, patient_id, doctor_id, department_id,
       hospital_id, status = 'booked' AND starts_at > $2::timestamptz AS cancellable
FROM healthcare.appointment WHERE id = $1::uuid

-- name: patients
SELECT id, name FROM haian.citizen WHERE id = ANY($1::uuid[])

-- name: doctors
SELECT id, name, title, specialty, demo, department_id FROM healthcare.doctor WHERE id = ANY($1::uuid[])

-- name: departments
SELECT id, name, place, hospital_id FROM healthcare.department WHERE id = ANY($1::uuid[])

-- name: hospitals
SELECT h.id, o.name, h.address, h.phone, o.demo FROM healthcare.hospital h JOIN haian.organisation o ON o.id = h.id
WHERE h.id = ANY($1::uuid[])
