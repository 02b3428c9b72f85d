-- 用证场景: who may ask for which claims of which kind, and on what ground. A row is data. `claims`: names of the kind's claims, or
-- age_18 for "18 or over"; with none, only that a valid certificate is held. `role`: the post that may ask.
CREATE TABLE certificates.scene (
    id          text PRIMARY KEY CHECK (id ~ '^[a-z_]+$'),
    area        text NOT NULL CHECK (area IN ('LAW', 'SOCIAL')),
    position    int NOT NULL,
    name_zh     text NOT NULL,
    name_en     text NOT NULL,
    role        text NOT NULL,
    kind_id     text NOT NULL REFERENCES certificates.kind,
    claims      text[] NOT NULL,
    ground_zh   text NOT NULL,
    ground_en   text NOT NULL,
    UNIQUE (area, position)
);
INSERT INTO certificates.scene (id, area, position, name_zh, name_en, role, kind_id, claims, ground_zh, ground_en) VALUES
    ('traffic_stop', 'LAW', 1, '路面查验驾驶证', 'Licence check on the road', 'inspector', 'driving_licence', '{name,vehicle_class,points}',
     '道路交通安全法', 'Road Traffic Safety Law'),
    ('drunk_driving', 'LAW', 2, '酒驾查处', 'Drink-driving check', 'inspector', 'driving_licence', '{name,number,vehicle_class}',
     '道路交通安全法', 'Road Traffic Safety Law'),
    ('road_accident', 'LAW', 3, '交通事故处理', 'Road accident', 'inspector', 'driving_licence', '{name,number}',
     '道路交通安全法', 'Road Traffic Safety Law'),
    ('ride_hailing', 'LAW', 4, '网约车驾驶员核查', 'Ride-hailing driver check', 'inspector', 'driving_licence', '{name,vehicle_class,first_issued}',
     '网络预约出租汽车经营服务管理暂行办法', 'Interim Measures on Online Taxi Services'),
    ('road_freight', 'LAW', 5, '道路运输检查', 'Road freight check', 'inspector', 'driving_licence', '{name,vehicle_class}',
     '道路运输条例', 'Road Transport Regulations'),
    ('identity_check', 'LAW', 6, '治安查验身份', 'Identity check by police', 'inspector', 'id_card', '{name,number}',
     '居民身份证法', 'Resident Identity Card Law'),
    ('hotel_inspection', 'LAW', 7, '旅馆登记检查', 'Hotel register inspection', 'inspector', 'id_card', '{name,number}',
     '旅馆业治安管理办法', 'Measures on Public Security of Hotels'),
    ('internet_cafe', 'LAW', 8, '网吧未成年人检查', 'Minors in internet cafes', 'inspector', 'id_card', '{age_18}',
     '互联网上网服务营业场所管理条例', 'Regulations on Internet Cafes'),
    ('tobacco_sale', 'LAW', 9, '售烟检查', 'Sale of tobacco', 'inspector', 'id_card', '{age_18}',
     '未成年人保护法', 'Law on the Protection of Minors'),
    ('alcohol_sale', 'LAW', 10, '售酒检查', 'Sale of alcohol', 'inspector', 'id_card', '{age_18}',
     '未成年人保护法', 'Law on the Protection of Minors'),
    ('entertainment', 'LAW', 11, '歌舞娱乐场所检查', 'Entertainment venues', 'inspector', 'id_card', '{age_18}',
     '娱乐场所管理条例', 'Regulations on Entertainment Venues'),
    ('e_bike', 'LAW', 12, '电动自行车骑行检查', 'Riding an e-bike', 'inspector', 'id_card', '{age_16}',
     '道路交通安全法实施条例', 'Implementing Regulations of the Road Traffic Safety Law'),
    ('child_labour', 'LAW', 13, '禁用童工检查', 'Child labour inspection', 'inspector', 'id_card', '{age_16}',
     '禁止使用童工规定', 'Provisions against Child Labour'),
    ('fishing_ban', 'LAW', 14, '休渔期检查', 'Fishing ban inspection', 'inspector', 'id_card', '{name,number}',
     '渔业法', 'Fisheries Law'),
    ('residence_check', 'LAW', 15, '居住登记检查', 'Residence registration check', 'inspector', 'residence_permit', '{name,since}',
     '居住证暂行条例', 'Interim Regulations on Residence Permits'),
    ('food_safety', 'LAW', 16, '餐饮经营检查', 'Food business inspection', 'inspector', 'business', '{company,uscc,scope}',
     '食品安全法', 'Food Safety Law'),
    ('licence_display', 'LAW', 17, '亮照经营检查', 'Display of the business licence', 'inspector', 'business', '{company,uscc}',
     '市场主体登记管理条例', 'Regulations on Registration of Market Entities'),
    ('fire_safety', 'LAW', 18, '消防监督检查', 'Fire safety inspection', 'inspector', 'business', '{company,address,representative}',
     '消防法', 'Fire Protection Law'),
    ('price_check', 'LAW', 19, '价格监督检查', 'Price inspection', 'inspector', 'business', '{company,uscc}',
     '价格法', 'Price Law'),
    ('street_trade', 'LAW', 20, '占道经营检查', 'Street trading inspection', 'inspector', 'business', '{company,scope}',
     '城市市容和环境卫生管理条例', 'Regulations on City Appearance and Sanitation'),
    ('environment', 'LAW', 21, '排污检查', 'Pollution inspection', 'inspector', 'business', '{company,address,representative}',
     '环境保护法', 'Environmental Protection Law'),
    ('labour_inspection', 'LAW', 22, '劳动保障监察', 'Labour inspection', 'inspector', 'business', '{company,representative}',
     '劳动保障监察条例', 'Regulations on Labour Inspection'),
    ('advertising', 'LAW', 23, '广告检查', 'Advertising inspection', 'inspector', 'business', '{company,scope}',
     '广告法', 'Advertising Law'),
    ('library_card', 'SOCIAL', 1, '图书馆办证', 'Library card', 'librarian', 'id_card', '{name}',
     '公共图书馆法', 'Public Library Law'),
    ('senior_bus', 'SOCIAL', 2, '老年人免费乘车', 'Free bus for seniors', 'conductor', 'senior', '{age_65}',
     '老年人权益保障法', 'Law on Rights of the Elderly'),
    ('disabled_bus', 'SOCIAL', 3, '残疾人免费乘车', 'Free bus for disabled persons', 'conductor', 'disability', '{}',
     '残疾人保障法', 'Law on Protection of Disabled Persons'),
    ('student_bus', 'SOCIAL', 4, '学生乘车优惠', 'Student bus fare', 'conductor', 'student_card', '{}',
     '本人同意', 'Consent'),
    ('senior_park', 'SOCIAL', 5, '老年人景区优待', 'Seniors at attractions', 'ticket_inspector', 'senior', '{benefit}',
     '老年人权益保障法', 'Law on Rights of the Elderly'),
    ('student_park', 'SOCIAL', 6, '学生景区半价', 'Students at attractions', 'ticket_inspector', 'student_card', '{}',
     '本人同意', 'Consent'),
    ('disabled_park', 'SOCIAL', 7, '残疾人景区免票', 'Disabled persons at attractions', 'ticket_inspector', 'disability', '{}',
     '残疾人保障法', 'Law on Protection of Disabled Persons'),
    ('senior_canteen', 'SOCIAL', 8, '长者食堂优惠', 'Seniors'' canteen', 'canteen_clerk', 'senior', '{age_60}',
     '老年人权益保障法', 'Law on Rights of the Elderly'),
    ('hospital_record', 'SOCIAL', 9, '就医建档', 'Hospital record', 'registrar', 'social_security', '{name,card_number}',
     '基本医疗卫生与健康促进法', 'Basic Healthcare Law'),
    ('hospital_admission', 'SOCIAL', 10, '住院登记', 'Hospital admission', 'registrar', 'id_card', '{name,number}',
     '医疗机构管理条例', 'Regulations on Medical Institutions'),
    ('birth_registration', 'SOCIAL', 11, '出生登记', 'Registering a birth', 'window_clerk', 'marriage', '{name,spouse,married_on}',
     '户口登记条例', 'Household Registration Regulations'),
    ('school_enrolment', 'SOCIAL', 12, '义务教育入学', 'School enrolment', 'window_clerk', 'household', '{name,address}',
     '义务教育法', 'Compulsory Education Law'),
    ('migrant_enrolment', 'SOCIAL', 13, '随迁子女入学', 'Enrolment of migrant children', 'window_clerk', 'residence_permit', '{name,since}',
     '居住证暂行条例', 'Interim Regulations on Residence Permits'),
    ('public_housing', 'SOCIAL', 14, '公租房申请', 'Public rental housing', 'window_clerk', 'household', '{name,household_number}',
     '公共租赁住房管理办法', 'Measures on Public Rental Housing'),
    ('unemployment', 'SOCIAL', 15, '失业登记', 'Registering as unemployed', 'window_clerk', 'social_security', '{name,number}',
     '就业促进法', 'Employment Promotion Law'),
    ('startup_loan', 'SOCIAL', 16, '创业担保贷款', 'Start-up loan', 'window_clerk', 'business', '{company,uscc,representative}',
     '就业促进法', 'Employment Promotion Law'),
    ('residence_renewal', 'SOCIAL', 17, '居住证签注', 'Renewing a residence permit', 'window_clerk', 'residence_permit', '{name,address}',
     '居住证暂行条例', 'Interim Regulations on Residence Permits'),
    ('provident_fund', 'SOCIAL', 18, '公积金提取', 'Housing provident fund', 'window_clerk', 'marriage', '{name,spouse}',
     '住房公积金管理条例', 'Regulations on the Housing Provident Fund'),
    ('old_age_allowance', 'SOCIAL', 19, '高龄津贴', 'Old-age allowance', 'desk_officer', 'id_card', '{name,age_80}',
     '老年人权益保障法', 'Law on Rights of the Elderly'),
    ('disability_allowance', 'SOCIAL', 20, '残疾人两项补贴', 'Disability allowance', 'desk_officer', 'disability', '{name,category,grade}',
     '残疾人保障法', 'Law on Protection of Disabled Persons'),
    ('pension', 'SOCIAL', 21, '养老待遇资格认证', 'Pension eligibility', 'desk_officer', 'social_security', '{name}',
     '社会保险法', 'Social Insurance Law'),
    ('subsistence', 'SOCIAL', 22, '最低生活保障', 'Subsistence allowance', 'desk_officer', 'household', '{name,household_number,relation}',
     '社会救助暂行办法', 'Interim Measures on Social Assistance'),
    ('volunteer', 'SOCIAL', 23, '志愿者注册', 'Volunteer registration', 'desk_officer', 'id_card', '{name,age_14}',
     '志愿服务条例', 'Regulations on Voluntary Service'),
    ('residents_vote', 'SOCIAL', 24, '居委会选民登记', 'Voters of the residents'' committee', 'desk_officer', 'household', '{name,address,age_18}',
     '城市居民委员会组织法', 'Organic Law of Urban Residents'' Committees');

-- A credential that was issued of a certificate, with its place in a status list. It counts as long as its certificate does, in the
-- version that it was issued of. `wallet`: HERE for one presentation, OTHER for good.
CREATE TABLE certificates.credential (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    certificate_id uuid REFERENCES certificates.certificate ON DELETE SET NULL,
    version     int NOT NULL,
    list        int NOT NULL,
    index       int NOT NULL,
    wallet      text NOT NULL CHECK (wallet IN ('HERE', 'OTHER')),
    issued_at   timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    UNIQUE (list, index)
);
CREATE INDEX credential_certificate ON certificates.credential (certificate_id);
CREATE INDEX credential_until ON certificates.credential (until);

-- 0: counts; 1: not any more; 2: not now.
CREATE FUNCTION certificates.status_of(x certificates.credential) RETURNS int LANGUAGE sql STABLE AS
$$ SELECT coalesce((SELECT CASE WHEN c.state = 'REVOKED' OR c.version <> $1.version THEN 1
                                WHEN c.state = 'SUSPENDED' THEN 2 ELSE 0 END
                    FROM certificates.certificate c WHERE c.id = $1.certificate_id), 1) $$;

-- What a verifier asked of somebody, and what came of it. `token`: SHA-256 of what is in the QR code. `seen`: what was shown, for a day.
CREATE TABLE certificates.request (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    token       bytea NOT NULL UNIQUE CHECK (length(token) = 32),
    scene_id    text NOT NULL REFERENCES certificates.scene,
    organisation_id uuid NOT NULL,
    whom        text NOT NULL,
    role        text NOT NULL,
    verifier_id uuid,
    nonce       text NOT NULL,
    asked_at    timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    outcome     text CHECK (outcome IN ('PRESENTED', 'DECLINED', 'REFUSED')),
    trouble     text NOT NULL DEFAULT '',
    answered_at timestamptz,
    holder_id   uuid,
    seen        jsonb
);
CREATE INDEX request_verifier ON certificates.request (verifier_id, asked_at DESC);
CREATE INDEX request_old ON certificates.request (asked_at);
CREATE INDEX certificate_serial ON certificates.certificate (kind_id, issuer_code, serial);
CREATE INDEX use_old ON certificates.use (at);
CREATE INDEX use_scene ON certificates.use (scene_id) WHERE what = 'PRESENTED';
CREATE INDEX request_holder ON certificates.request (holder_id);
