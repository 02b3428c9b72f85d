-- 证照目录: which kinds there are, and what each says. A row is data: a new kind needs no program. `code`: 证照类型代码 (GB/T 36904);
-- these are the demo's own and name no authority. `tone`: the colour of its card.
CREATE TABLE certificates.kind (
    id          text PRIMARY KEY CHECK (id ~ '^[a-z_]+$'),
    position    int NOT NULL UNIQUE,
    name_zh     text NOT NULL,
    name_en     text NOT NULL,
    office_zh   text NOT NULL,
    office_en   text NOT NULL,
    code        text NOT NULL UNIQUE CHECK (code ~ '^[0-9A-Z]{21}$'),
    tone        text NOT NULL
);
-- `masking`: how it is shown before it is unmasked. `disclosable`: its holder says to whom; else it stands openly in the credential.
CREATE TABLE certificates.claim (
    kind_id     text NOT NULL REFERENCES certificates.kind,
    name        text NOT NULL CHECK (name ~ '^[a-z_]+$' AND name NOT IN ('iss', 'nbf', 'exp', 'cnf', 'vct', 'status', 'iat', 'sub')),
    position    int NOT NULL,
    label_zh    text NOT NULL,
    label_en    text NOT NULL,
    masking     text NOT NULL CHECK (masking IN ('WHOLE', 'NAME', 'ENDS', 'HIDDEN')),
    disclosable boolean NOT NULL DEFAULT true,
    PRIMARY KEY (kind_id, name),
    UNIQUE (kind_id, position)
);

-- A certificate in a wallet, with the metadata of GB/T 36903. `shown`: its claims, masked; whole they are in the vault alone.
-- `born`: of its holder, where it says so.
CREATE TABLE certificates.certificate (
    id          uuid PRIMARY KEY,
    citizen_id  uuid NOT NULL,
    kind_id     text NOT NULL REFERENCES certificates.kind,
    identifier  text NOT NULL UNIQUE,
    serial      text NOT NULL,
    version     int NOT NULL CHECK (version BETWEEN 1 AND 999),
    issuer      text NOT NULL,
    issuer_code text NOT NULL,
    issued_on   date NOT NULL,
    valid_from  date NOT NULL,
    valid_until date,
    born        date,
    shown       jsonb NOT NULL,
    state       text NOT NULL DEFAULT 'VALID' CHECK (state IN ('VALID', 'SUSPENDED', 'REVOKED')),
    claimed_at  timestamptz NOT NULL,
    changed_at  timestamptz,
    reason      text NOT NULL DEFAULT '',
    demo        boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX certificate_one ON certificates.certificate (citizen_id, kind_id) WHERE state <> 'REVOKED';
CREATE INDEX certificate_citizen ON certificates.certificate (citizen_id, claimed_at DESC, id DESC);

CREATE TABLE certificates.vault (
    certificate_id uuid PRIMARY KEY REFERENCES certificates.certificate ON DELETE CASCADE,
    sealed      bytea NOT NULL
);
REVOKE ALL ON certificates.vault FROM haian_read;

-- Whether it counts on a day (Asia/Shanghai).
CREATE FUNCTION certificates.standing(c certificates.certificate, at timestamptz) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN $1.state <> 'VALID' THEN $1.state
               WHEN $1.valid_from > ($2 AT TIME ZONE 'Asia/Shanghai')::date THEN 'NOT_YET'
               WHEN $1.valid_until < ($2 AT TIME ZONE 'Asia/Shanghai')::date THEN 'EXPIRED' ELSE 'VALID' END $$;

-- 纠错: what should be otherwise, and how the office answered.
CREATE TABLE certificates.correction (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    certificate_id uuid NOT NULL REFERENCES certificates.certificate ON DELETE CASCADE,
    citizen_id  uuid NOT NULL,
    kind_id     text NOT NULL,
    claim       text NOT NULL,
    says        text NOT NULL CHECK (length(says) BETWEEN 1 AND 100),
    words       text NOT NULL CHECK (length(words) BETWEEN 2 AND 200),
    asked_at    timestamptz NOT NULL,
    outcome     text CHECK (outcome IN ('CORRECTED', 'REFUSED')),
    answer      text NOT NULL DEFAULT '',
    answered_at timestamptz,
    answered_by uuid,
    FOREIGN KEY (kind_id, claim) REFERENCES certificates.claim,
    CHECK ((outcome IS NULL) = (answered_at IS NULL))
);
CREATE UNIQUE INDEX correction_one ON certificates.correction (certificate_id) WHERE outcome IS NULL;
CREATE INDEX correction_open ON certificates.correction (asked_at, id) WHERE outcome IS NULL;
CREATE INDEX correction_certificate ON certificates.correction (certificate_id, asked_at DESC);
CREATE INDEX correction_citizen ON certificates.correction (citizen_id);

-- 使用记录: what was done with a certificate, for its holder to read.
CREATE TABLE certificates.use (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    at          timestamptz NOT NULL,
    certificate_id uuid NOT NULL REFERENCES certificates.certificate ON DELETE CASCADE,
    citizen_id  uuid NOT NULL,
    what        text NOT NULL CHECK (what IN ('SHOWN', 'PRESENTED', 'DECLINED', 'ISSUED')),
    whom        text NOT NULL DEFAULT '',
    scene_id    text,
    claims      text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX use_certificate ON certificates.use (certificate_id, at DESC, id DESC);
CREATE INDEX use_citizen ON certificates.use (citizen_id);

INSERT INTO certificates.kind (position, id, name_zh, name_en, office_zh, office_en, code, tone) VALUES
    (1, 'id_card', '居民身份证', 'ID card', '公安机关', 'Public security', '11370211DEMO000001001', 'blue'),
    (2, 'driving_licence', '机动车驾驶证', 'Driving licence', '公安交管部门', 'Traffic police', '11370211DEMO000001002', 'slate'),
    (3, 'social_security', '社会保障卡', 'Social security card', '人社部门', 'Social security', '11370211DEMO000002001', 'teal'),
    (4, 'household', '居民户口簿', 'Household register', '公安机关', 'Public security', '11370211DEMO000001003', 'amber'),
    (5, 'marriage', '结婚证', 'Marriage certificate', '民政部门', 'Civil affairs', '11370211DEMO000003001', 'coral'),
    (6, 'residence_permit', '居住证', 'Residence permit', '公安机关', 'Public security', '11370211DEMO000001004', 'violet'),
    (7, 'student_card', '学生证', 'Student card', '学校', 'School', '11370211DEMO000004001', 'amber'),
    (8, 'disability', '残疾人证', 'Disability card', '残联', 'Disabled persons'' federation', '11370211DEMO000005001', 'teal'),
    (9, 'senior', '老年优待证', 'Senior citizen card', '民政部门', 'Civil affairs', '11370211DEMO000003002', 'coral'),
    (10, 'business', '营业执照', 'Business licence', '市场监管部门', 'Market regulation', '11370211DEMO000006001', 'blue');

INSERT INTO certificates.claim (kind_id, position, name, label_zh, label_en, masking, disclosable)
SELECT k.id, c.* FROM certificates.kind k, (VALUES
    (1, 'name', '姓名', 'Name', 'NAME', true), (2, 'birthdate', '出生日期', 'Date of birth', 'HIDDEN', true),
    (3, 'number', '证件号码', 'Number', 'ENDS', true)) AS c
WHERE k.id <> 'business';
INSERT INTO certificates.claim (kind_id, position, name, label_zh, label_en, masking, disclosable) VALUES
    ('id_card', 4, 'gender', '性别', 'Sex', 'WHOLE', true), ('id_card', 5, 'ethnicity', '民族', 'Ethnicity', 'WHOLE', true),
    ('id_card', 6, 'address', '住址', 'Address', 'HIDDEN', true),
    ('driving_licence', 4, 'vehicle_class', '准驾车型', 'Vehicle class', 'WHOLE', true),
    ('driving_licence', 5, 'first_issued', '初次领证日期', 'First issued', 'WHOLE', true),
    ('driving_licence', 6, 'points', '累积记分', 'Points', 'WHOLE', true),
    ('social_security', 4, 'card_number', '社会保障卡号', 'Card number', 'ENDS', true),
    ('social_security', 5, 'bank', '服务银行', 'Bank', 'WHOLE', true),
    ('household', 4, 'household_number', '户号', 'Household number', 'ENDS', true),
    ('household', 5, 'relation', '与户主关系', 'Relation to the head', 'WHOLE', true),
    ('household', 6, 'address', '户籍地址', 'Registered address', 'HIDDEN', true),
    ('marriage', 4, 'spouse', '配偶姓名', 'Spouse', 'NAME', true), ('marriage', 5, 'married_on', '登记日期', 'Registered on', 'WHOLE', true),
    ('residence_permit', 4, 'address', '居住地址', 'Address', 'HIDDEN', true),
    ('residence_permit', 5, 'since', '居住起始日期', 'Resident since', 'WHOLE', true),
    ('student_card', 4, 'school', '学校', 'School', 'WHOLE', true), ('student_card', 5, 'programme', '专业', 'Programme', 'WHOLE', true),
    ('student_card', 6, 'student_number', '学号', 'Student number', 'ENDS', true),
    ('disability', 4, 'category', '残疾类别', 'Category', 'HIDDEN', true), ('disability', 5, 'grade', '残疾等级', 'Grade', 'HIDDEN', true),
    ('senior', 4, 'benefit', '优待类别', 'Benefit', 'WHOLE', true),
    ('business', 1, 'company', '名称', 'Company', 'WHOLE', false), ('business', 2, 'uscc', '统一社会信用代码', 'Credit code', 'WHOLE', false),
    ('business', 3, 'representative', '法定代表人', 'Representative', 'NAME', true),
    ('business', 4, 'scope', '经营范围', 'Scope of business', 'WHOLE', true), ('business', 5, 'address', '住所', 'Address', 'WHOLE', true);
