-- A class of a school (an organisation of kind `school`), and who teaches it. A teacher counts only while she is one of
-- that school: see the view `teaching`.
CREATE TABLE education.class (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    school_id   uuid NOT NULL,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 30),
    demo        boolean NOT NULL DEFAULT false,
    UNIQUE (school_id, name)
);
CREATE TABLE education.class_teacher (
    class_id    uuid NOT NULL REFERENCES education.class ON DELETE CASCADE,
    teacher_id  uuid NOT NULL,
    PRIMARY KEY (teacher_id, class_id)
);
CREATE INDEX class_teacher_class ON education.class_teacher (class_id);

-- A child in a class, for a while. A child is in one class at a time.
CREATE TABLE education.pupil (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    class_id    uuid NOT NULL REFERENCES education.class,
    child_id    uuid NOT NULL,
    during      tstzrange NOT NULL CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)),
    EXCLUDE USING gist (child_id WITH =, during WITH &&)
);
CREATE INDEX pupil_class ON education.pupil (class_id);
CREATE INDEX pupil_child ON education.pupil (child_id);

-- A notice to a class. It is never edited; it can be withdrawn. Where guardians must confirm, there is a deadline.
CREATE TABLE education.notice (
    id              uuid PRIMARY KEY DEFAULT uuidv7(),
    class_id        uuid NOT NULL REFERENCES education.class,
    author_id       uuid,
    title           text NOT NULL CHECK (length(title) BETWEEN 2 AND 60),
    body            text NOT NULL CHECK (length(body) BETWEEN 2 AND 5000),
    deadline        timestamptz CHECK (deadline > published_at),
    published_at    timestamptz NOT NULL,
    reminded_at     timestamptz,
    due_told_at     timestamptz,
    withdrawn_at    timestamptz,
    reason          text CHECK (length(reason) BETWEEN 2 AND 200),
    demo            boolean NOT NULL DEFAULT false,
    CHECK ((withdrawn_at IS NULL) = (reason IS NULL))
);
CREATE INDEX notice_class ON education.notice (class_id, published_at DESC, id DESC);
CREATE INDEX notice_due ON education.notice (deadline) WHERE due_told_at IS NULL AND withdrawn_at IS NULL;

-- One guardian has confirmed for one child: the first stands. `confirmed_by` is empty once that person was erased.
CREATE TABLE education.confirmation (
    notice_id       uuid NOT NULL REFERENCES education.notice,
    pupil_id        uuid NOT NULL REFERENCES education.pupil ON DELETE CASCADE,
    confirmed_by    uuid,
    relation        text NOT NULL CHECK (relation IN ('MOTHER', 'FATHER', 'GRANDPARENT', 'OTHER')),
    confirmed_at    timestamptz NOT NULL,
    PRIMARY KEY (notice_id, pupil_id)
);
CREATE INDEX confirmation_by ON education.confirmation (confirmed_by);
CREATE INDEX confirmation_pupil ON education.confirmation (pupil_id);

-- Who teaches which class when: held by her and by her post at the school.
CREATE VIEW education.teaching AS
    SELECT t.teacher_id, t.class_id, m.during FROM education.class_teacher t
    JOIN education.class c ON c.id = t.class_id
    JOIN haian.membership m ON m.citizen_id = t.teacher_id AND m.organisation_id = c.school_id AND m.role = 'teacher';

-- The children whom a notice is for: those who were in its class when it was published. `during`: and as long as they are.
CREATE VIEW education.addressee AS
    SELECT n.id AS notice_id, p.id AS pupil_id, p.class_id, p.child_id, p.during FROM education.notice n
    JOIN education.pupil p ON p.class_id = n.class_id AND p.during @> n.published_at;
