-- A scene 场景 is data. One role at one kind of organisation serves several: what is registered for its gate decides which, and
-- where nothing is, the usual one. `organisation_id`: at one organisation only. `since` is empty until a second official has
-- agreed, `until` until it is ended; an ended one stays for the history. `offline`: what becomes of a code that was signed for
-- the time without a network. NONE: not accepted. REFUSE: accepted, but only while the server with its Redis can look whether
-- it was used or suspended. OFFLINE: accepted without that too, and settled later.
ALTER TABLE onecode.scene
    DROP CONSTRAINT scene_organisation_kind_role_key,
    ADD organisation_id uuid,
    ADD usual boolean NOT NULL DEFAULT false,
    ADD ground_zh text NOT NULL DEFAULT '' CHECK (length(ground_zh) <= 200),
    ADD ground_en text NOT NULL DEFAULT '' CHECK (length(ground_en) <= 400),
    ADD source text NOT NULL DEFAULT '' CHECK (length(source) <= 200),
    ADD retention_days int NOT NULL DEFAULT 90 CHECK (retention_days BETWEEN 1 AND 1095),
    ADD offline text NOT NULL DEFAULT 'NONE' CHECK (offline IN ('NONE', 'OFFLINE', 'REFUSE')),
    ADD since timestamptz,
    ADD until timestamptz CHECK (since <= until),
    ADD CHECK (cardinality(facts) BETWEEN 0 AND 8 AND cardinality(beyond) <= 4),
    ADD CHECK (length(name_zh) BETWEEN 2 AND 20 AND length(name_en) BETWEEN 2 AND 60);

UPDATE onecode.scene SET usual = true, since = '2026-01-01',
    ground_zh = '核实来人是不是本小区居民，维护小区秩序和居民安全', ground_en = 'To see whether who comes lives here, for the order and safety of the residents (Civil Code, art. 942; PIPL, art. 13(1)(2))',
    source = '《民法典》第九百四十二条；《个人信息保护法》第十三条第一款第二项', retention_days = 30, offline = 'OFFLINE' WHERE id = 'residential_gate';
UPDATE onecode.scene SET usual = true, since = '2026-01-01',
    ground_zh = '确认您预约的就诊，安排就诊顺序', ground_en = 'To find the appointment that you booked (PIPL, art. 13(1)(2)); the phone number by your consent (art. 13(1)(1))',
    source = '《个人信息保护法》第十三条第一款第二项；手机号依您的同意，第一项', retention_days = 180, offline = 'REFUSE' WHERE id = 'hospital_check_in';
INSERT INTO onecode.scene (id, name_zh, name_en, organisation_kind, role, usual, facts, demands, beyond, ground_zh, ground_en, source,
                           retention_days, offline, code_seconds, since) VALUES
    ('parking_entry', '共享车位入场', 'Shared parking', 'property', 'property_guard', false,
     '{name,parking.booking_here}', '{parking.booking_here}', '{}',
     '核对您此刻在本小区预约的车位和车牌', 'To find the space and the plate that you booked here for now (PIPL, art. 13(1)(2))',
     '《个人信息保护法》第十三条第一款第二项', 30, 'REFUSE', 30, '2026-01-01'),
    ('school_pick_up', '校园接送', 'School gate', 'school', 'school_guard', true,
     '{name,education.fetches}', '{education.fetches}', '{phone}',
     '放学时把孩子交给监护人，不交给无关的人', 'To hand a child to its guardians and to nobody else (Safety of Schools, art. 31); a phone number by your consent',
     '《中小学幼儿园安全管理办法》第三十一条；《个人信息保护法》第十三条第一款第三项；手机号依您的同意，第一项', 90, 'REFUSE', 30, '2026-01-01'),
    ('hall_queue', '政务大厅取号', 'Government hall: a number', 'hall', 'window_clerk', true,
     '{name,id_number}', '{}', '{}',
     '按实名取号、叫号', 'To call you by your name in turn (PIPL, art. 13(1)(3))',
     '《个人信息保护法》第十三条第一款第三项', 30, 'REFUSE', 30, '2026-01-01'),
    ('show_papers', '办事亮证', 'Papers at the window', 'hall', 'window_clerk', false,
     '{name,id_number,adult}', '{}', '{phone,delegation.guardian}',
     '办事时核对身份，不再收复印件', 'To know who asks, instead of taking a copy of a card (State Council Order 716, art. 10; PIPL, art. 13(1)(3)); what is beyond by your consent',
     '《国务院关于在线政务服务的若干规定》（国务院令第 716 号）第十条；《个人信息保护法》第十三条第一款第三项；另要的依您的同意，第一项', 180, 'NONE', 30, '2026-01-01'),
    ('library_loan', '图书馆借阅', 'Library', 'library', 'librarian', true,
     '{name,adult}', '{}', '{phone}',
     '登记借书的人；未成年人借少儿读物', 'To note who borrows, and who is under 18 (PIPL, art. 13(1)(2)); a phone number for reminders by your consent',
     '《个人信息保护法》第十三条第一款第二项；手机号依您的同意，第一项', 180, 'OFFLINE', 30, '2026-01-01'),
    ('bus_ride', '公交乘车', 'Bus', 'transit', 'conductor', true,
     '{senior}', '{}', '{}',
     '65 岁以上老年人乘车优待；不看您是谁', 'Rides for people of 65 and over; not who you are (Law on the Elderly, art. 58; PIPL, art. 13(1)(3))',
     '《老年人权益保障法》第五十八条；《个人信息保护法》第十三条第一款第三项', 7, 'OFFLINE', 30, '2026-01-01'),
    ('park_entry', '景区入园', 'Scenic area', 'attraction', 'ticket_inspector', true,
     '{senior,resident_of_district}', '{}', '{}',
     '老年人和本区居民入园优待；不看您是谁', 'Entry for elders and people of the district; not who you are (Law on the Elderly, art. 59; PIPL, art. 13(1)(3))',
     '《老年人权益保障法》第五十九条；《个人信息保护法》第十三条第一款第三项', 7, 'OFFLINE', 30, '2026-01-01'),
    ('community_canteen', '社区食堂', 'Community canteen', 'community', 'canteen_clerk', true,
     '{name,senior,resident}', '{}', '{}',
     '本社区老年人用餐优惠', 'Meals for elders of the community at a lower price (Law on the Elderly, ch. 5; PIPL, art. 13(1)(2))',
     '《老年人权益保障法》第五章；《个人信息保护法》第十三条第一款第二项', 30, 'OFFLINE', 30, '2026-01-01');
ALTER TABLE onecode.scene ALTER ground_zh DROP DEFAULT, ALTER ground_en DROP DEFAULT, ALTER source DROP DEFAULT;
CREATE UNIQUE INDEX scene_usual ON onecode.scene (organisation_kind, role, organisation_id) NULLS NOT DISTINCT WHERE usual AND until IS NULL;

-- Which scenes run at which gate 岗位地点 of an organisation. Rows end and stay.
CREATE TABLE onecode.assignment (
    id              uuid PRIMARY KEY DEFAULT uuidv7(),
    organisation_id uuid NOT NULL,
    place           text NOT NULL CHECK (length(place) <= 40),
    scene_id        text NOT NULL REFERENCES onecode.scene,
    since           timestamptz NOT NULL,
    until           timestamptz,
    set_by          uuid
);
CREATE UNIQUE INDEX assignment_once ON onecode.assignment (organisation_id, place, scene_id) WHERE until IS NULL;

-- Whether a scene runs at a gate, for a role there.
CREATE FUNCTION onecode.runs_at(scene text, is_usual boolean, role text, organisation uuid, place text) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT coalesce(bool_or(a.scene_id = $1), $2) FROM onecode.assignment a JOIN onecode.scene s ON s.id = a.scene_id
   WHERE a.organisation_id = $4 AND a.place = $5 AND a.until IS NULL AND s.role = $3 $$;
GRANT EXECUTE ON FUNCTION onecode.runs_at TO haian_read, app_onecode;

-- Which of the scenes of their own post a verifier has chosen to serve now.
CREATE TABLE onecode.choice (
    citizen_id      uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    place           text NOT NULL,
    scene_id        text NOT NULL REFERENCES onecode.scene,
    chosen_at       timestamptz NOT NULL
);

-- 核验方: who may read codes when, where and in which scene: the post, the scene and the gate have to be at once.
DROP VIEW onecode.post;
CREATE VIEW onecode.post AS
    SELECT m.citizen_id, m.during * tstzrange(s.since, s.until) AS during, m.organisation_id, m.place, m.role, o.name AS organisation,
           trim(o.name || ' ' || m.place) AS whole_place, s.id AS scene_id, s.facts, s.demands, s.code_seconds, s.beyond,
           s.name_zh, s.name_en, s.offline, s.retention_days, s.usual
    FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
    JOIN onecode.scene s ON s.role = m.role AND s.organisation_kind = o.kind AND s.since IS NOT NULL
                        AND (s.organisation_id IS NULL OR s.organisation_id = o.id)
    WHERE onecode.runs_at(s.id, s.usual, m.role, m.organisation_id, m.place);

-- The one that counts for a verifier at a moment: what they chose, while it is theirs, else the first.
CREATE FUNCTION onecode.post_of(verifier uuid, at timestamptz) RETURNS SETOF onecode.post LANGUAGE sql STABLE AS
$$ SELECT p.* FROM onecode.post p LEFT JOIN onecode.choice c ON c.citizen_id = p.citizen_id AND c.scene_id = p.scene_id
                                     AND c.organisation_id = p.organisation_id AND c.place = p.place
   WHERE p.citizen_id = $1 AND p.during @> $2
   ORDER BY c.citizen_id IS NULL, p.organisation_id, NOT p.usual, p.scene_id, p.place LIMIT 1 $$;
GRANT EXECUTE ON FUNCTION onecode.post_of TO haian_read, app_onecode;
