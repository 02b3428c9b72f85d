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

INSERT INTO onecode.ask (scan_id, holder_id, facts, asked_at, until, answer, answered_at)
SELECT id, holder_id, '{phone}', at, at + interval '2 minutes', 'DENIED', at FROM onecode.scan
WHERE holder_id IS NOT NULL AND verdict = 'ACCEPTED';

INSERT INTO onecode.choice (citizen_id, organisation_id, place, scene_id, chosen_at)
SELECT DISTINCT ON (s.id) s.id, o.id, '门', 'residential_gate', timestamptz '2027-03-01'
FROM somebody s, (SELECT id FROM identity.organisation WHERE kind = 'property' LIMIT 1) o;

INSERT INTO onecode.entry (at, scene_id, organisation_id, place, role, verifier_id, cause, words, people, reviewed_at, justified)
SELECT timestamptz '2027-03-01' - i * interval '1 minute', 'residential_gate', o.id, '门 ' || i % 100, 'property_guard', s.id, 'FIRE', '', 1,
       CASE WHEN i % 50 > 0 THEN timestamptz '2027-03-01' END, CASE WHEN i % 50 > 0 THEN true END
FROM somebody s, (SELECT id FROM identity.organisation WHERE kind = 'property' LIMIT 1) o;

INSERT INTO identity.device (citizen_id, session, name, signed_in_at)
SELECT id, 'years ' || i, '手机', timestamptz '2027-03-01' - i * interval '1 minute' FROM somebody;

INSERT INTO identity.verification (citizen_id, name, asked_at, tried_at, answered_at, answer)
SELECT id, '年年', at, at, at, 'DISAGREED' FROM (SELECT id, timestamptz '2027-02-01' - i * interval '1 minute' AS at FROM somebody) s;

INSERT INTO identity.number (id) SELECT id FROM somebody ON CONFLICT DO NOTHING;
INSERT INTO identity.dispute (number_id, shown, holder_id, claimant_id, claimed_name, opened_at, settled_at, outcome, reason)
SELECT a.id, '370*************00', a.id, b.id, '年年', at, at, 'HOLDER', '当面核对'
FROM somebody a JOIN somebody b ON b.i = a.i + 1 AND b.id <> a.id, LATERAL (SELECT timestamptz '2027-02-01' - a.i * interval '1 minute' AS at) t;

INSERT INTO staff.membership (citizen_id, organisation_id, role, during)
SELECT s.id, o.id, (ARRAY['registrar', 'teacher', 'property_guard', 'property_clerk'])[1 + i % 4], '[2026-01-01,)'
FROM somebody s JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS many FROM identity.organisation) o
  ON o.n = 1 + i % o.many WHERE i % 4 = 0 ON CONFLICT DO NOTHING;

INSERT INTO staff.invitation (organisation_id, role, place, name, shown, since, invited_by, asked_at, answer_by, four_eyes, outcome,
                              closed_at, citizen_id)
SELECT o.id, 'manager', '', '年年', '138****0000', at, s.id, at, at + interval '14 days', false, 'ACCEPTED', at, s.id
FROM somebody s JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS many FROM identity.organisation) o
  ON o.n = 1 + i % o.many, LATERAL (SELECT timestamptz '2027-02-28' - i * interval '10 minutes' AS at) t;
INSERT INTO staff.hand_over (organisation_id, role, place, from_post, to_post, from_id, to_id, note, at, taken_at)
SELECT m.organisation_id, m.role, '门 ' || i, m.id, uuidv7(), m.citizen_id, s.id, '无事', at, at
FROM (SELECT *, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS many FROM staff.membership) m
JOIN somebody s ON m.n = 1 + s.i % m.many, LATERAL (SELECT timestamptz '2027-02-28' - i * interval '10 minutes' AS at) t;

INSERT INTO staff.place_before (membership_id, place, during)
SELECT id, '门', tstzrange(lower(during), lower(during) + interval '8 hours') FROM staff.membership;

INSERT INTO staff.burst (citizen_id, organisation_id, roles, people, looks, since, until, raised_at, quiet_until, outcome, note, answered_at, answered_by)
SELECT s.id, m.organisation_id, '{manager}', 200, 200, at, at, at, at, 'IN_ORDER', '登记', at, uuidv7()
FROM (SELECT *, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS many FROM staff.membership WHERE role = 'teacher') m
JOIN somebody s ON m.n = 1 + s.i % m.many, LATERAL (SELECT timestamptz '2027-02-28' - i * interval '10 minutes' AS at) t;

INSERT INTO delegation.mandate (principal_id, helper_id, scopes, since, until, asked_at, confirmed_at, confirmed_how, confirmed_by)
SELECT a.id, b.id, '{healthcare.appointments.write}', '2027-01-01', '2028-01-01', '2027-01-01', '2027-01-01', 'PHONE', a.id FROM somebody a JOIN somebody b ON b.i = a.i + 1 AND b.id <> a.id;

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
INSERT INTO identity.number (id) SELECT id FROM person ON CONFLICT DO NOTHING;
INSERT INTO identity.number_index (digest, number_id) SELECT sha256(id::text::bytea), id FROM identity.number ON CONFLICT DO NOTHING;
INSERT INTO identity.citizen_number (citizen_id, sealed, shown, number_id)
SELECT id, '\x00', '3702**********0000', id FROM person ON CONFLICT DO NOTHING;
INSERT INTO education.pupil (class_id, child_id, during)
SELECT c.id, p.id, '[2025-09-01,)' FROM person p
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS many FROM education.class WHERE NOT demo) c
  ON c.n = 1 + p.n % (c.many / 20) WHERE NOT EXISTS (SELECT FROM education.pupil x WHERE x.child_id = p.id);
INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until)
SELECT a.id, b.id, 'OTHER', '2025-01-01', '2035-01-01' FROM person a
JOIN person b ON b.n = 1 + (a.n * 7) % (SELECT count(*) FROM person) AND b.id <> a.id ON CONFLICT DO NOTHING;
INSERT INTO delegation.settled (guardian, child, limits, ended, until)
SELECT id, id, '{}', true, '2035-01-01' FROM somebody;
INSERT INTO identity.browser (citizen_id, hash, since)
    SELECT id, sha256(id::text::bytea), '2026-01-01' FROM identity.citizen;
INSERT INTO factors.help (citizen_id, number, device, asked_at, until)
    SELECT id, lpad((row_number() OVER ())::text, 8, '0'), '', '2026-01-01', '2026-01-02' FROM identity.citizen LIMIT 50000;
INSERT INTO factors.passkey (citizen_id, credential_id, public_key, name, made_at)
SELECT id, sha256(i::text::bytea), '\x00', '手机', timestamptz '2027-01-01' FROM somebody;
INSERT INTO factors.recovery_code (citizen_id, hash, made_at)
SELECT id, sha256(i::text::bytea), timestamptz '2027-01-01' FROM somebody;
INSERT INTO consent.acceptance SELECT id, 1, timestamptz '2027-01-01', id FROM person ON CONFLICT DO NOTHING;
INSERT INTO delegation.code (mandate_id, proof, until)
SELECT id, sha256(id::text::bytea), timestamptz '2027-01-01' FROM delegation.mandate;
INSERT INTO consent.question (entry_id, entry_at, citizen_id, organisation_id, text, asked_at, due_at, answer, answered_at)
SELECT uuidv7(), at, id, o, '为什么？', at, at + interval '7 days', CASE WHEN i % 20 > 0 THEN '办理业务。' END, CASE WHEN i % 20 > 0 THEN at END
FROM (SELECT i, id, timestamptz '2027-02-01' - i * interval '1 minute' AS at FROM somebody) s,
     (SELECT id AS o FROM identity.organisation WHERE kind = 'hospital' LIMIT 1) h;
INSERT INTO consent.closing SELECT p.id, timestamptz '2026-01-01', '2026-02-01', '2026-02-01'
FROM person p JOIN identity.citizen c ON c.id = p.id WHERE c.phone IS NULL OR c.phone NOT LIKE '1380000____';
INSERT INTO consent.erasure SELECT citizen_id, 'parking', 1, due_at, due_at FROM consent.closing;
INSERT INTO education.notice (class_id, author_id, title, body, published_at)
SELECT t.class_id, t.teacher_id, '年年通知', '正文。', timestamptz '2026-12-01' FROM education.class_teacher t JOIN education.class c ON c.id = t.class_id WHERE NOT c.demo;
INSERT INTO consent.consent (citizen_id, fact, receiver_kind, receiver, receiver_name, purpose, purpose_zh, purpose_en, once, since, until,
                             ended_at, given_by)
SELECT id, 'phone', 'ORGANISATION', 'years ' || i, '年年医院', 'onecode.hospital_check_in', '就医签到', 'Check-in', i % 2 = 0,
       timestamptz '2027-01-01', timestamptz '2028-01-01', CASE WHEN i % 3 > 0 THEN timestamptz '2027-02-01' END, id FROM somebody;

-- What children asked, answered long since, and some that wait.
INSERT INTO consent.request (child_id, fact, receiver_kind, receiver, receiver_name, purpose, purpose_zh, purpose_en, term, asked_at, until,
                             answered_at, agreed)
SELECT p.id, 'phone', 'ORGANISATION', k::text, '医院', 'onecode.hospital_check_in', '就医签到', 'Check-in', 'MONTH',
       timestamptz '2026-12-01' + k * interval '1 day', timestamptz '2026-12-08' + k * interval '1 day',
       CASE WHEN k < 3 THEN timestamptz '2026-12-02' + k * interval '1 day' END, CASE WHEN k < 3 THEN true END
FROM person p CROSS JOIN generate_series(0, 3) k ON CONFLICT DO NOTHING;

-- Wallets, what was done with them, and what was corrected in them.
INSERT INTO certificates.certificate (id, citizen_id, kind_id, identifier, serial, version, issuer, issuer_code, issued_on, valid_from, shown,
                                      claimed_at)
SELECT md5('years' || p.n)::uuid, p.id, 'social_security', 'years ' || p.n, 'Y' || p.n, 1, '年年局', 'YEARS', '2026-01-01', '2026-01-01', '{}',
       timestamptz '2026-12-01' - p.n * interval '1 minute' FROM person p
ON CONFLICT DO NOTHING;
INSERT INTO certificates.vault SELECT id, 'x' FROM certificates.certificate ON CONFLICT DO NOTHING;
INSERT INTO certificates.credential (certificate_id, version, list, index, wallet, issued_at, until)
SELECT id, 1, n % 64, n / 64, 'OTHER', claimed_at, claimed_at + interval '90 days'
FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM certificates.certificate) c;
INSERT INTO certificates.use (at, certificate_id, citizen_id, what, whom, scene_id, claims)
SELECT claimed_at + k * interval '1 hour', id, citizen_id, CASE WHEN k % 2 = 0 THEN 'PRESENTED' ELSE 'SHOWN' END, '年年窗口',
       CASE WHEN k % 2 = 0 THEN 'pension' END, '{name}' FROM certificates.certificate CROSS JOIN generate_series(1, 4) k;
INSERT INTO certificates.correction (certificate_id, citizen_id, kind_id, claim, says, words, asked_at, outcome, answered_at)
SELECT id, citizen_id, 'social_security', 'bank', '年年银行', '换了银行', claimed_at, 'REFUSED', claimed_at FROM certificates.certificate;
INSERT INTO certificates.request (token, scene_id, organisation_id, whom, role, verifier_id, nonce, asked_at, until)
SELECT sha256(i::text::bytea), 'pension', o.id, '年年窗口', 'desk_officer', s.id, 'x', timestamptz '2027-01-01' - i * interval '1 minute',
       timestamptz '2027-01-01' FROM somebody s, (SELECT id FROM identity.organisation WHERE kind = 'community' LIMIT 1) o;

-- 停用, 访客码, 离线码: of many citizens.
INSERT INTO onecode.suspension (citizen_id, since) SELECT gen_random_uuid(), '2027-01-01' FROM generate_series(1, 20000);
INSERT INTO onecode.pass (host_id, community, secret, visitor, during, entries, remaining, made_at)
SELECT gen_random_uuid(), '370211005001', sha256(('years ' || i)::bytea), '客', tstzrange('2027-01-01', '2027-01-02'), 1, 0, '2027-01-01'
FROM generate_series(1, 20000) i;
INSERT INTO onecode.offline_batch (id, secret, citizen_id, session, device, codes, made, since, until)
SELECT substr(sha256(('years ' || i)::bytea), 1, 8), substr(sha256(i::text::bytea), 1, 16), gen_random_uuid(), 'years ' || i,
       sha256('x') || '\x02', 1, 1, '2027-01-01', '2027-01-02' FROM generate_series(1, 20000) i;
INSERT INTO onecode.offline_code (number, batch_id) SELECT id, id FROM onecode.offline_batch;
