-- What years of use leave behind, $many rows of each: inboxes, ledgers, scans, devices, keys, news, posts, mandates. The demo
-- data has little of it, and of a small table PostgreSQL reads all, whatever indexes there are.
CREATE TEMP TABLE person AS SELECT id, row_number() OVER (ORDER BY id) AS n FROM identity.citizen;
CREATE TEMP TABLE somebody AS
    SELECT i, p.id FROM generate_series(1, $many) i JOIN person p ON p.n = 1 + i % (SELECT count(*) FROM person);

INSERT INTO messages.message (id, citizen_id, type, payload, at, read_at)
SELECT uuidv7(), id, 'education.published', '{"id": "0", "class": "一年级1班", "title": "安排", "school": "小学"}',
       timestamptz '2027-03-01' - i * interval '1 minute', CASE WHEN i % 5 > 0 THEN timestamptz '2027-03-01' END FROM somebody;

INSERT INTO messages.news (organisation_id, author_id, street, topic, title, body, published_at)
SELECT o.id, s.id, CASE WHEN i % 3 > 0 THEN d.code END, 'NOTICE', '公告 ' || i, '正文 ' || i, timestamptz '2027-02-28' - i * interval '1 hour'
FROM somebody s JOIN (SELECT code, row_number() OVER (ORDER BY code) AS n, count(*) OVER () AS many
                      FROM identity.division WHERE level = 'street') d ON d.n = 1 + i % d.many,
     (SELECT id FROM identity.organisation WHERE kind = 'district' LIMIT 1) o WHERE i % 4 = 0;

INSERT INTO haian.audit (at, actor_id, actor_role, subject_id, action)
SELECT timestamptz '2027-03-01' - i * interval '1 minute', id, 'citizen', id, 'APPOINTMENT_BOOKED' FROM somebody;

INSERT INTO onecode.scan (at, scene_id, organisation_id, place, role, verifier_id, holder_id, code, verdict)
SELECT timestamptz '2027-03-01' - i * interval '1 minute', 'residential_gate', o.id, '门 ' || i % 100, 'property_guard', s.id, s.id,
       sha256(i::text::bytea), 'ACCEPTED'
FROM somebody s, (SELECT id FROM identity.organisation WHERE kind = 'property' LIMIT 1) o;

INSERT INTO identity.device (citizen_id, session, name, signed_in_at)
SELECT id, 'years ' || i, '手机', timestamptz '2027-03-01' - i * interval '1 minute' FROM somebody;

INSERT INTO identity.membership (citizen_id, organisation_id, role, during)
SELECT s.id, o.id, (ARRAY['registrar', 'teacher', 'property_guard', 'property_clerk'])[1 + i % 4], '[2026-01-01,)'
FROM somebody s JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS many FROM identity.organisation) o
  ON o.n = 1 + i % o.many WHERE i % 4 = 0 ON CONFLICT DO NOTHING;

INSERT INTO identity.mandate (principal_id, delegate_id, scope, since, until)
SELECT a.id, b.id, 'healthcare.book', '2027-01-01', '2028-01-01' FROM somebody a JOIN somebody b ON b.i = a.i + 1 AND b.id <> a.id;

INSERT INTO haian.idempotency (citizen_id, operation, key, input, answer, at)
SELECT id, 'healthcare.book', 'years of use ' || i, sha256(i::text::bytea), '{}', timestamptz '2027-03-01' FROM somebody;

INSERT INTO haian.outbox (type, payload, at, due)
SELECT 'years.told', '{}', timestamptz '2027-03-01', timestamptz '2028-01-01' FROM generate_series(1, $many / 4);

-- As many doctors, spaces, classes, teachers, pupils and numbers of citizens as a whole district has, without more slots.
INSERT INTO healthcare.doctor (id, department_id, name, title, specialty, pinyin)
SELECT uuidv7(), d.id, '医生' || i, 'ATTENDING', '全科', 'yi sheng ' || i
FROM somebody s JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS many FROM healthcare.department) d
  ON d.n = 1 + i % d.many WHERE i % 2 = 0;
INSERT INTO parking.space (owner_id, community, lot, label, price_cents, status, registered_at)
SELECT s.id, d.code, '年年停车场', 'Y-' || i, 100, CASE WHEN i % 20 = 0 THEN 'PENDING' ELSE 'APPROVED' END,
       timestamptz '2027-02-01' + i * interval '1 minute'
FROM somebody s JOIN (SELECT code, row_number() OVER (ORDER BY code) AS n, count(*) OVER () AS many
                      FROM identity.division WHERE level = 'community') d ON d.n = 1 + i % d.many WHERE i % 2 = 0;
INSERT INTO education.class (school_id, name)
SELECT o.id, '年年 ' || i || ' 班' FROM somebody s
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS many FROM identity.organisation WHERE kind = 'school') o
  ON o.n = 1 + i % o.many WHERE i % 2 = 0;
INSERT INTO education.class_teacher (class_id, teacher_id)
SELECT c.id, s.id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM education.class WHERE NOT demo) c
JOIN somebody s ON s.i = c.n ON CONFLICT DO NOTHING;
INSERT INTO identity.citizen_number (citizen_id, sealed, digest, shown)
SELECT id, '\x00', sha256(id::text::bytea), '3702**********0000' FROM person ON CONFLICT DO NOTHING;
INSERT INTO education.pupil (class_id, child_id, during)
SELECT c.id, p.id, '[2025-09-01,)' FROM person p
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS many FROM education.class WHERE NOT demo) c
  ON c.n = 1 + p.n % (c.many / 20) WHERE NOT EXISTS (SELECT FROM education.pupil x WHERE x.child_id = p.id);
INSERT INTO identity.guardianship (guardian_id, child_id, relation, since, until)
SELECT a.id, b.id, 'OTHER', '2025-01-01', '2035-01-01' FROM person a
JOIN person b ON b.n = 1 + (a.n * 7) % (SELECT count(*) FROM person) AND b.id <> a.id ON CONFLICT DO NOTHING;
