-- The words are HL7 FHIR R5's: Schedule (a doctor sits), Slot (a part of it that may be booked), Appointment.
-- A hospital is an organisation of the kernel (haian.organisation has its name); this is what booking needs beside it.
CREATE TABLE healthcare.hospital (
    id          uuid PRIMARY KEY,
    grade       text NOT NULL CHECK (grade IN ('TERTIARY', 'SECONDARY', 'COMMUNITY')),
    address     text NOT NULL,
    phone       text NOT NULL,
    pinyin      text NOT NULL
);

CREATE TABLE healthcare.department (
    id          uuid PRIMARY KEY,
    hospital_id uuid NOT NULL REFERENCES healthcare.hospital,
    name        text NOT NULL CHECK (length(name) BETWEEN 2 AND 30),
    place       text NOT NULL,
    pinyin      text NOT NULL,
    UNIQUE (hospital_id, name)
);
CREATE INDEX department_hospital ON healthcare.department (hospital_id, pinyin, id);

CREATE TABLE healthcare.doctor (
    id          uuid PRIMARY KEY,
    department_id uuid NOT NULL REFERENCES healthcare.department,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 50),
    title       text NOT NULL CHECK (title IN ('CHIEF', 'ASSOCIATE_CHIEF', 'ATTENDING', 'RESIDENT')),
    rank        int NOT NULL GENERATED ALWAYS AS (
                    CASE title WHEN 'CHIEF' THEN 1 WHEN 'ASSOCIATE_CHIEF' THEN 2 WHEN 'ATTENDING' THEN 3 ELSE 4 END) STORED,
    specialty   text NOT NULL,
    pinyin      text NOT NULL,
    demo        boolean NOT NULL DEFAULT false
);
CREATE INDEX doctor_department ON healthcare.doctor (department_id, rank, pinyin, id);

-- A doctor sits in one place at a time. `closed_at` is 停诊.
CREATE TABLE healthcare.schedule (
    id          uuid PRIMARY KEY,
    doctor_id   uuid NOT NULL REFERENCES healthcare.doctor,
    department_id uuid NOT NULL REFERENCES healthcare.department,
    hospital_id uuid NOT NULL REFERENCES healthcare.hospital,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    day         date NOT NULL GENERATED ALWAYS AS ((starts_at AT TIME ZONE 'Asia/Shanghai')::date) STORED,
    fee_cents   int NOT NULL CHECK (fee_cents >= 0),
    closed_at   timestamptz,
    closed_reason text NOT NULL DEFAULT '',
    CHECK (starts_at < ends_at),
    EXCLUDE USING gist (doctor_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
);
CREATE INDEX schedule_desk ON healthcare.schedule (hospital_id, day, starts_at, id);

-- `remaining` 余号 is capacity less the appointments that are not cancelled; the row's lock puts bookings in a queue.
-- The numbers 号序 of a slot are first_number … first_number + capacity - 1, so that an earlier time is a lower number.
CREATE TABLE healthcare.slot (
    id          uuid PRIMARY KEY,
    schedule_id uuid NOT NULL REFERENCES healthcare.schedule,
    doctor_id   uuid NOT NULL,
    department_id uuid NOT NULL,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    day         date NOT NULL GENERATED ALWAYS AS ((starts_at AT TIME ZONE 'Asia/Shanghai')::date) STORED,
    fee_cents   int NOT NULL CHECK (fee_cents >= 0),
    first_number int NOT NULL CHECK (first_number > 0),
    capacity    int NOT NULL CHECK (capacity BETWEEN 1 AND 200),
    remaining   int NOT NULL CHECK (remaining BETWEEN 0 AND capacity),
    open        boolean NOT NULL DEFAULT true,
    CHECK (starts_at < ends_at),
    UNIQUE (schedule_id, starts_at)
);
CREATE INDEX slot_doctor ON healthcare.slot (doctor_id, day, starts_at);
CREATE INDEX slot_free ON healthcare.slot (department_id, starts_at, id) WHERE open AND remaining > 0;

-- Beside its slot, an appointment has copies of what the slot has for ever: no lock on a hospital's row at each booking.
CREATE TABLE healthcare.appointment (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    slot_id     uuid NOT NULL REFERENCES healthcare.slot,
    schedule_id uuid NOT NULL,
    doctor_id   uuid NOT NULL,
    department_id uuid NOT NULL,
    hospital_id uuid NOT NULL,
    patient_id  uuid NOT NULL,
    booked_by   uuid,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    day         date NOT NULL GENERATED ALWAYS AS ((starts_at AT TIME ZONE 'Asia/Shanghai')::date) STORED,
    fee_cents   int NOT NULL CHECK (fee_cents >= 0),
    number      int NOT NULL CHECK (number > 0),
    status      text NOT NULL DEFAULT 'booked' CHECK (status IN ('booked', 'arrived', 'fulfilled', 'noshow', 'cancelled')),
    booked_at   timestamptz NOT NULL,
    arrived_at  timestamptz,
    cancelled_at timestamptz,
    cancelled_by text CHECK (cancelled_by IN ('patient', 'hospital')),
    reason      text NOT NULL DEFAULT '',
    reminded_at timestamptz,
    CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL) AND (status = 'cancelled') = (cancelled_by IS NOT NULL))
);
-- One appointment for each patient, department and day; one patient for each number.
CREATE UNIQUE INDEX appointment_once ON healthcare.appointment (patient_id, department_id, day) WHERE status <> 'cancelled';
CREATE UNIQUE INDEX appointment_number ON healthcare.appointment (schedule_id, number) WHERE status <> 'cancelled';
CREATE INDEX appointment_patient ON healthcare.appointment (patient_id, starts_at, id);
CREATE INDEX appointment_desk ON healthcare.appointment (hospital_id, day, starts_at, number, id);
CREATE INDEX appointment_slot ON healthcare.appointment (slot_id);
CREATE INDEX appointment_reminder ON healthcare.appointment (day) WHERE status = 'booked' AND reminded_at IS NULL;
CREATE INDEX appointment_arrived ON healthcare.appointment (ends_at) WHERE status = 'arrived';

-- For whom a citizen may book and see: themselves, and the children whose guardian they are at that time.
CREATE FUNCTION healthcare.patients_of(citizen uuid, at timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE AS
$$ SELECT $1 WHERE $1 IS NOT NULL
   UNION ALL SELECT child_id FROM haian.guardianship WHERE guardian_id = $1 AND $2 >= since AND $2 < until $$;

-- Who hears of what happens to a patient's appointment: the patient, and a child's guardians.
CREATE FUNCTION healthcare.watchers_of(patient uuid, at timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE AS
$$ SELECT $1 UNION ALL SELECT guardian_id FROM haian.guardianship WHERE child_id = $1 AND $2 >= since AND $2 < until $$;

-- The hospitals at whose desk a citizen works as registrar 挂号员.
CREATE FUNCTION healthcare.desks_of(citizen uuid, at timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE AS
$$ SELECT organisation_id FROM haian.membership WHERE citizen_id = $1 AND role = 'registrar' AND during @> $2 $$;
