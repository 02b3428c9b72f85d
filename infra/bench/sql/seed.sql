-- The citizens whom the load generator plays, in the tables `bench.player` (residents), `bench.developer` and `bench.guard`.
-- Each resident has what one in use has: children with notices, two appointments, a parking booking, an inbox with three
-- unread messages. Run again, it changes only what is over by now. $players is replaced by their number.
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE IF NOT EXISTS bench.player (n int PRIMARY KEY, id uuid NOT NULL UNIQUE, session uuid NOT NULL DEFAULT uuidv7());
CREATE TABLE IF NOT EXISTS bench.developer (n int PRIMARY KEY, id uuid NOT NULL UNIQUE, session uuid NOT NULL DEFAULT uuidv7());

INSERT INTO bench.player (n, id)
SELECT row_number() OVER (ORDER BY md5(g.guardian_id::text)), g.guardian_id
FROM (SELECT DISTINCT guardian_id FROM haian.guardianship WHERE relation = 'MOTHER') g
JOIN haian.citizen c ON c.id = g.guardian_id AND c.level = 'VERIFIED' AND c.phone NOT LIKE '138000000%'
ORDER BY 1 LIMIT $players ON CONFLICT DO NOTHING;

INSERT INTO bench.developer (n, id)
SELECT row_number() OVER (ORDER BY md5(g.guardian_id::text)), g.guardian_id
FROM (SELECT DISTINCT guardian_id FROM haian.guardianship WHERE relation = 'FATHER') g
JOIN haian.citizen c ON c.id = g.guardian_id AND c.level = 'VERIFIED'
ORDER BY 1 LIMIT $players ON CONFLICT DO NOTHING;

INSERT INTO staff.membership (citizen_id, organisation_id, role, during)
SELECT d.id, o.id, 'developer', tstzrange(now() - interval '1 day', NULL)
FROM bench.developer d, (SELECT id FROM identity.organisation WHERE kind = 'developer' LIMIT 1) o ON CONFLICT DO NOTHING;

-- Guards at the gate where the guard of the demo data stands.
CREATE TABLE IF NOT EXISTS bench.guard (n int PRIMARY KEY, id uuid NOT NULL UNIQUE, session uuid NOT NULL DEFAULT uuidv7());
INSERT INTO bench.guard (n, id) SELECT n, id FROM bench.developer WHERE n <= 40 ON CONFLICT DO NOTHING;
INSERT INTO staff.membership (citizen_id, organisation_id, role, place, during)
SELECT g.id, m.organisation_id, m.role, m.place, tstzrange(now() - interval '1 day', NULL)
FROM bench.guard g, (SELECT organisation_id, role, place FROM staff.membership
                     WHERE role = 'property_guard' AND place = '东门' LIMIT 1) m ON CONFLICT DO NOTHING;

INSERT INTO messages.message (id, citizen_id, type, payload, at, read_at)
SELECT md5('haian bench message ' || p.id || k)::uuid, p.id, 'education.published',
       '{"id": "0", "class": "一年级1班", "title": "本周学习安排", "school": "演示实验小学"}', now() - k * interval '7 hours',
       CASE WHEN k > 3 THEN now() - (k - 1) * interval '7 hours' END
FROM bench.player p, generate_series(1, 20) k ON CONFLICT DO NOTHING;

-- Two appointments to come: the nth player has the nth free slot of the day after tomorrow, and of the day after that.
WITH due AS (
    SELECT p.id, p.n, k FROM bench.player p, (VALUES (2), (3)) d(k)
    WHERE NOT EXISTS (SELECT FROM healthcare.appointment a WHERE a.patient_id = p.id
                      AND a.day = (now() AT TIME ZONE 'Asia/Shanghai')::date + k AND a.status <> 'cancelled')),
chosen AS (
    SELECT *, row_number() OVER (PARTITION BY day ORDER BY md5(id::text)) AS n FROM healthcare.slot s
    WHERE s.open AND s.remaining = s.capacity
      AND s.day BETWEEN (now() AT TIME ZONE 'Asia/Shanghai')::date + 2 AND (now() AT TIME ZONE 'Asia/Shanghai')::date + 3),
made AS (
    INSERT INTO healthcare.appointment (slot_id, schedule_id, doctor_id, department_id, hospital_id, patient_id, booked_by,
                                        starts_at, ends_at, fee_cents, number, booked_at)
    SELECT s.id, s.schedule_id, s.doctor_id, s.department_id, d.hospital_id, due.id, due.id, s.starts_at, s.ends_at,
           s.fee_cents, s.first_number, now()
    FROM due JOIN chosen s ON s.n = due.n AND s.day = (now() AT TIME ZONE 'Asia/Shanghai')::date + due.k
    JOIN healthcare.department d ON d.id = s.department_id ON CONFLICT DO NOTHING RETURNING slot_id)
UPDATE healthcare.slot s SET remaining = remaining - 1 FROM made WHERE s.id = slot_id;

INSERT INTO parking.booking (offer_id, space_id, holder_id, plate, during, price_cents, booked_at)
SELECT o.id, o.space_id, p.id, '鲁B' || lpad((90000 + p.n)::text, 5, '0'),
       tstzrange(lower(o.during) + interval '6 hours', lower(o.during) + interval '9 hours'), 300, now()
FROM bench.player p
JOIN (SELECT o.*, row_number() OVER (ORDER BY md5(o.id::text)) AS n FROM parking.offer o
      WHERE o.withdrawn_at IS NULL AND lower(o.during) BETWEEN now() + interval '1 day' AND now() + interval '3 days'
        AND NOT EXISTS (SELECT FROM parking.booking b WHERE b.offer_id = o.id AND b.status = 'BOOKED')) o ON o.n = p.n
WHERE NOT EXISTS (SELECT FROM parking.booking b WHERE b.holder_id = p.id AND b.status = 'BOOKED' AND upper(b.during) > now())
ON CONFLICT DO NOTHING;

-- What was there before the bookings that are measured: each round begins from it (reset.sql).
DROP TABLE IF EXISTS bench.began;
CREATE TABLE bench.began AS SELECT now() AS at;

-- Book-a-slot in one call: what the hand-written endpoint does, with the same rules and the same traces.
CREATE OR REPLACE FUNCTION bench.book(viewer uuid, slot uuid, patient uuid, key text, asked bytea, at timestamptz)
RETURNS json LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_variable
DECLARE held record; made uuid; someone uuid;
BEGIN
    SELECT * INTO held FROM haian.claim_key(viewer, 'healthcare.book', key, asked, at);
    IF FOUND THEN
        IF held.asked <> asked THEN RETURN '{"errors":[{"message":"KEY_REUSED"}]}'; END IF;
        made := held.answered ->> 'id';
    ELSE
        IF NOT patient IN (SELECT p FROM healthcare.patients_of(viewer, at) p) THEN
            RAISE EXCEPTION 'NOT_YOUR_PATIENT';
        END IF;
        SELECT id INTO someone FROM haian.citizen WHERE id IN (viewer, patient) AND level = 'UNVERIFIED' LIMIT 1;
        IF FOUND THEN RAISE EXCEPTION 'NOT_VERIFIED'; END IF;
        UPDATE healthcare.slot SET remaining = remaining - 1
        WHERE id = slot AND open AND remaining > 0 AND starts_at > at;
        IF NOT FOUND THEN RETURN json_build_object('data', json_build_object('healthcareBook',
            json_build_object('__typename', 'HealthcareSoldOut'))); END IF;
        INSERT INTO healthcare.appointment (slot_id, schedule_id, doctor_id, department_id, hospital_id, patient_id, booked_by,
                                            starts_at, ends_at, fee_cents, number, booked_at)
        SELECT s.id, c.id, s.doctor_id, s.department_id, c.hospital_id, patient, viewer, s.starts_at, s.ends_at, s.fee_cents,
               (SELECT min(n) FROM generate_series(s.first_number, s.first_number + s.capacity - 1) n
                WHERE NOT EXISTS (SELECT FROM healthcare.appointment a
                                  WHERE a.schedule_id = c.id AND a.number = n AND a.status <> 'cancelled')), at
        FROM healthcare.slot s JOIN healthcare.schedule c ON c.id = s.schedule_id WHERE s.id = slot
        ON CONFLICT (patient_id, department_id, day) WHERE status <> 'cancelled' DO NOTHING RETURNING id INTO made;
        IF made IS NULL THEN RAISE EXCEPTION 'ALREADY_BOOKED'; END IF;
        PERFORM haian.record(viewer, 'citizen', patient, 'APPOINTMENT_BOOKED', made::text, '{}', '', at);
        INSERT INTO haian.outbox (type, citizen_id, payload, at)
        SELECT 'healthcare.booked', w, to_jsonb(f) - 'patient_id', at
        FROM (SELECT a.id, a.patient_id, p.name AS patient, o.name AS hospital, d.name AS department, d.place,
                     r.name AS doctor, a.starts_at, a.number, a.reason
              FROM healthcare.appointment a JOIN healthcare.department d ON d.id = a.department_id
              JOIN healthcare.doctor r ON r.id = a.doctor_id JOIN haian.organisation o ON o.id = a.hospital_id
              JOIN haian.citizen p ON p.id = a.patient_id WHERE a.id = made) f, healthcare.watchers_of(f.patient_id, at) w;
        PERFORM haian.answer_key(viewer, 'healthcare.book', key,
                                 jsonb_build_object('typename', 'HealthcareAppointment', 'id', made));
    END IF;
    RETURN (SELECT json_build_object('data', json_build_object('healthcareBook', json_build_object(
        '__typename', 'HealthcareAppointment', 'id', a.id, 'status', upper(a.status), 'number', a.number, 'day', a.day,
        'startsAt', a.starts_at, 'endsAt', a.ends_at, 'feeCents', a.fee_cents,
        'cancellable', a.status = 'booked' AND a.starts_at > at, 'reason', a.reason, 'cancelledBy', upper(a.cancelled_by),
        'patient', json_build_object('id', p.id, 'name', p.name, 'isMe', p.id = viewer),
        'doctor', json_build_object('id', r.id, 'name', r.name, 'title', r.title, 'specialty', r.specialty, 'demo', r.demo),
        'department', json_build_object('id', d.id, 'name', d.name, 'place', d.place),
        'hospital', json_build_object('id', o.id, 'name', o.name, 'address', h.address, 'phone', h.phone))))
      FROM healthcare.appointment a JOIN haian.citizen p ON p.id = a.patient_id
      JOIN healthcare.doctor r ON r.id = a.doctor_id JOIN healthcare.department d ON d.id = a.department_id
      JOIN healthcare.hospital h ON h.id = a.hospital_id JOIN haian.organisation o ON o.id = h.id WHERE a.id = made);
END $$;
