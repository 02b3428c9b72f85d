"""The SQL of healthcare: what everybody may see, what a patient sees, what the desk sees, and the writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from haian.moment import Wish
from haian.reads import keyset, sql
from haian.transaction import Transaction
from healthcare.models import WRITE


@sql
def hospitals() -> Any:
    """SELECT h.*, o.name, o.demo, o.source FROM healthcare.hospital h JOIN haian.organisation o ON o.id = h.id
       ORDER BY h.pinyin, h.id"""


@sql
def hospital(id: UUID) -> Any:
    """SELECT h.*, o.name, o.demo, o.source FROM healthcare.hospital h JOIN haian.organisation o ON o.id = h.id
       WHERE h.id = {id}"""


@sql
def departments(hospital: UUID) -> Any:
    "SELECT * FROM healthcare.department WHERE hospital_id = {hospital} ORDER BY pinyin, id"


@sql
def department(id: UUID) -> Any:
    "SELECT * FROM healthcare.department WHERE id = {id}"


@keyset("rank int4", "pinyin text", "id uuid")
def doctors(department: UUID) -> Any:
    "SELECT * FROM healthcare.doctor WHERE department_id = {department}"


@sql
def doctor(id: UUID) -> Any:
    "SELECT * FROM healthcare.doctor WHERE id = {id}"


@sql
def doctor_remaining(doctor: UUID, day: date | None) -> Any:
    """(SELECT coalesce(sum(remaining), 0) FROM healthcare.slot WHERE doctor_id = {doctor} AND open AND starts_at > {now}
        AND day >= ({now} AT TIME ZONE 'Asia/Shanghai')::date AND ({day} IS NULL OR day = {day}))::int"""


@sql
def earliest(department: UUID) -> Any:
    """(SELECT min(starts_at) FROM healthcare.slot
        WHERE department_id = {department} AND open AND free AND starts_at > {now})"""


@sql
def days(doctor: UUID) -> Any:
    """SELECT {doctor} AS doctor_id, day, NOT bool_or(open) AS closed,
              coalesce(sum(remaining) FILTER (WHERE open AND starts_at > {now}), 0)::int AS remaining
       FROM healthcare.slot WHERE doctor_id = {doctor} AND day >= ({now} AT TIME ZONE 'Asia/Shanghai')::date
       GROUP BY day ORDER BY day"""


@sql
def slots(doctor: UUID, day: date) -> Any:
    "SELECT * FROM healthcare.slot WHERE doctor_id = {doctor} AND day = {day} ORDER BY starts_at, id"


@sql
def slot(id: UUID | None) -> Any:
    "SELECT * FROM healthcare.slot WHERE id = {id}"


@sql
def slot_status(open: bool, remaining: int, starts_at: datetime) -> Any:
    """CASE WHEN {starts_at} <= {now} THEN 'PAST' WHEN NOT {open} THEN 'CLOSED' WHEN {remaining} = 0 THEN 'BUSY'
            ELSE 'FREE' END"""


@sql
def nearest_free(slot: UUID, many: int) -> Any:
    """WITH asked AS (SELECT department_id, starts_at FROM healthcare.slot WHERE id = {slot}),
            later AS (SELECT * FROM healthcare.slot WHERE department_id = (SELECT department_id FROM asked)
                      AND open AND free AND starts_at >= greatest({now}, (SELECT starts_at FROM asked))
                      ORDER BY starts_at, id LIMIT {many}),
            sooner AS (SELECT * FROM healthcare.slot WHERE department_id = (SELECT department_id FROM asked)
                       AND open AND free AND starts_at > {now} AND starts_at < (SELECT starts_at FROM asked)
                       ORDER BY starts_at DESC, id DESC LIMIT {many}),
            nearest AS (SELECT * FROM (SELECT * FROM later UNION ALL SELECT * FROM sooner) q
                        ORDER BY abs(extract(epoch FROM starts_at - (SELECT starts_at FROM asked))), id LIMIT {many})
       SELECT * FROM nearest ORDER BY starts_at, id"""


@sql
def patient(id: UUID) -> Any:
    "SELECT id, name, masked_name, masked_phone, born FROM haian.citizen WHERE id = {id}"


@sql
def patients() -> Any:
    """SELECT id, name, masked_name, masked_phone, born FROM haian.citizen
       WHERE id IN (SELECT p FROM healthcare.patients_of({viewer}, {subject}, {now}, 'healthcare.appointments.write') p)
       ORDER BY id <> {subject}, born, id"""


@sql
def is_viewer(citizen: UUID) -> Any:
    "{citizen} = coalesce({viewer}, {subject})"


@sql
def appointment(id: UUID) -> Any:
    """SELECT 'HealthcareAppointment' AS typename, * FROM healthcare.appointment
       WHERE id = {id} AND patient_id IN (SELECT p FROM healthcare.patients_of({viewer}, {subject}, {now}) p)"""


@keyset("starts_at timestamptz", "id uuid")
def coming() -> Any:
    """SELECT * FROM healthcare.appointment WHERE ends_at > {now} AND status IN ('booked', 'arrived')
       AND patient_id IN (SELECT p FROM healthcare.patients_of({viewer}, {subject}, {now}) p)"""


@keyset("starts_at timestamptz", "id uuid", descending=True)
def past() -> Any:
    """SELECT * FROM healthcare.appointment WHERE NOT (ends_at > {now} AND status IN ('booked', 'arrived'))
       AND patient_id IN (SELECT p FROM healthcare.patients_of({viewer}, {subject}, {now}) p)"""


@sql
def is_cancellable(status: str, starts_at: datetime) -> Any:
    "{status} = 'booked' AND {starts_at} > {now}"


@sql
def sold_out(slot: UUID) -> Any:
    "SELECT 'HealthcareSoldOut' AS typename, id AS slot_id FROM healthcare.slot WHERE id = {slot}"


@sql
def already_booked(appointment: UUID) -> Any:
    "SELECT 'HealthcareAlreadyBooked' AS typename, {appointment} AS appointment_id"


@sql
def not_verified(patient: UUID) -> Any:
    "SELECT 'HealthcareNotVerified' AS typename, {patient} AS patient_id"


# The desk: only of hospitals where the viewer is registrar.

@sql
def desks() -> Any:
    """SELECT h.*, o.name, o.demo, o.source FROM healthcare.hospital h JOIN haian.organisation o ON o.id = h.id
       WHERE h.id IN (SELECT d FROM healthcare.desks_of({viewer}, {now}) d) ORDER BY h.pinyin, h.id"""


@keyset("starts_at timestamptz", "id uuid")
def desk_schedules(day: date) -> Any:
    """SELECT * FROM healthcare.schedule
       WHERE day = {day} AND hospital_id IN (SELECT d FROM healthcare.desks_of({viewer}, {now}) d)"""


@sql
def desk_schedule(id: UUID) -> Any:
    """SELECT * FROM healthcare.schedule
       WHERE id = {id} AND hospital_id IN (SELECT d FROM healthcare.desks_of({viewer}, {now}) d)"""


@sql
def booked(schedule: UUID) -> Any:
    """(SELECT count(*) FROM healthcare.appointment WHERE schedule_id = {schedule} AND status <> 'cancelled')::int"""


@sql
def capacity(schedule: UUID) -> Any:
    "(SELECT coalesce(sum(capacity), 0) FROM healthcare.slot WHERE schedule_id = {schedule})::int"


@keyset("starts_at timestamptz", "number int4", "id uuid")
def desk_appointments(day: date, schedule: UUID | None) -> Any:
    """SELECT * FROM healthcare.appointment WHERE day = {day} AND ({schedule} IS NULL OR schedule_id = {schedule})
       AND hospital_id IN (SELECT d FROM healthcare.desks_of({viewer}, {now}) d)"""


@sql
def desk_appointment(id: UUID) -> Any:
    """SELECT * FROM healthcare.appointment
       WHERE id = {id} AND hospital_id IN (SELECT d FROM healthcare.desks_of({viewer}, {now}) d)"""


# Writes. The slot is always locked before its appointments, so that no two of these wait for each other.

FACTS = """
    SELECT a.id, a.patient_id, p.name AS patient, o.name AS hospital, d.name AS department, d.place, r.name AS doctor,
           a.starts_at, a.number, a.reason, a.slot_id, a.doctor_id,
           ARRAY(SELECT w FROM healthcare.watchers_of(a.patient_id, {now}) w) AS watchers
    FROM {appointment} a JOIN healthcare.department d ON d.id = a.department_id
    JOIN healthcare.doctor r ON r.id = a.doctor_id JOIN haian.organisation o ON o.id = a.hospital_id
    JOIN haian.citizen p ON p.id = a.patient_id"""
"""What the sentences about an appointment say, and who hears them."""
BOOK = """
    SELECT b.n, b.is_mine, b.unverified, b.standing, b.open, b.starts_at AS slot_starts_at, facts.*
    FROM healthcare.book($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5, $6) b
    LEFT JOIN LATERAL (""" + FACTS.format(appointment="(SELECT (b.made).*)", now="$5") + ") facts ON true ORDER BY b.n"


async def book(wishes: Sequence[Wish]) -> Sequence[Any]:
    """For each a seat less and an appointment with the lowest free number of its slot, in one statement: what
    `healthcare.book` says of it, and the FACTS of the appointment that was made."""
    tx = wishes[0].tx
    return await tx.rows(BOOK, [each.given["slot"] for each in wishes], [each.given["patient"] for each in wishes],
                         [each.tx.viewer.linked for each in wishes], [each.tx.viewer.for_whom for each in wishes],
                         tx.now, WRITE)


async def lock_mine(tx: Transaction, appointment: UUID) -> Any:
    """My appointment, its slot locked; None where it is not mine."""
    await tx.value("""SELECT s.id FROM healthcare.slot s JOIN healthcare.appointment a ON a.slot_id = s.id
                      WHERE a.id = $1 FOR NO KEY UPDATE OF s""", appointment)
    return await tx.row("""SELECT * FROM healthcare.appointment
        WHERE id = $1 AND patient_id IN (SELECT p FROM healthcare.patients_of($2, $4, $3, $5) p)""",
        appointment, tx.viewer.linked, tx.now, tx.viewer.for_whom, WRITE)


async def cancel(tx: Transaction, appointment: UUID) -> bool:
    """Give a seat back, once."""
    return bool(await tx.value("""
        WITH gone AS (UPDATE healthcare.appointment SET status = 'cancelled', cancelled_at = $2, cancelled_by = 'patient'
                      WHERE id = $1 AND status = 'booked' AND starts_at > $2 RETURNING slot_id)
        UPDATE healthcare.slot SET remaining = remaining + 1 FROM gone WHERE id = slot_id RETURNING true""",
        appointment, tx.now))


async def facts(tx: Transaction, appointment: UUID) -> Any:
    """What the sentences about an appointment say: FACTS."""
    return await tx.row(FACTS.format(appointment="healthcare.appointment", now="$2") + " WHERE a.id = $1",
                        appointment, tx.now)


async def my_schedule(tx: Transaction, schedule: UUID) -> Any:
    """A schedule of my desk, locked."""
    return await tx.row("""SELECT * FROM healthcare.schedule WHERE id = $1
        AND hospital_id IN (SELECT d FROM healthcare.desks_of($2, $3) d) FOR NO KEY UPDATE""",
        schedule, tx.viewer.id, tx.now)


async def close(tx: Transaction, schedule: UUID, reason: str) -> list[UUID]:
    """停诊: no slot is open any more, then who was booked is cancelled; returns their appointments. A booking that holds a
    slot is waited for and seen by the second statement; one that waits for us finds the slot closed."""
    await tx.value("UPDATE healthcare.schedule SET closed_at = $2, closed_reason = $3 WHERE id = $1",
                   schedule, tx.now, reason)
    await tx.rows("""WITH held AS (SELECT id FROM healthcare.slot WHERE schedule_id = $1 ORDER BY id FOR NO KEY UPDATE)
                     UPDATE healthcare.slot s SET open = false FROM held WHERE s.id = held.id""", schedule)
    rows = await tx.rows("""
        WITH held AS MATERIALIZED (SELECT id FROM healthcare.appointment WHERE schedule_id = $1 AND status = 'booked'
                                   ORDER BY id FOR NO KEY UPDATE)
        UPDATE healthcare.appointment a SET status = 'cancelled', cancelled_at = $2, cancelled_by = 'hospital', reason = $3
        FROM held WHERE a.id = held.id RETURNING a.id""", schedule, tx.now, reason)
    await tx.rows("""UPDATE healthcare.slot s SET remaining = capacity - (SELECT count(*) FROM healthcare.appointment a
                     WHERE a.slot_id = s.id AND a.status <> 'cancelled') WHERE schedule_id = $1""", schedule)
    return [row["id"] for row in rows]


async def reopen(tx: Transaction, schedule: UUID) -> None:
    """Who was cancelled stays cancelled; what has not begun may be booked again."""
    await tx.rows("""WITH held AS (SELECT id FROM healthcare.slot WHERE schedule_id = $1 ORDER BY id FOR NO KEY UPDATE)
                     UPDATE healthcare.slot s SET open = true FROM held WHERE s.id = held.id""", schedule)
    await tx.value("UPDATE healthcare.schedule SET closed_at = NULL, closed_reason = '' WHERE id = $1", schedule)


async def of_my_desk(tx: Transaction, appointment: UUID) -> Any:
    """An appointment of my desk, locked."""
    return await tx.row("""SELECT * FROM healthcare.appointment WHERE id = $1
        AND hospital_id IN (SELECT d FROM healthcare.desks_of($2, $3) d) FOR NO KEY UPDATE""",
        appointment, tx.viewer.id, tx.now)


async def mark(tx: Transaction, appointment: UUID, status: str) -> None:
    await tx.value("""UPDATE healthcare.appointment SET status = $2,
        arrived_at = CASE $2 WHEN 'arrived' THEN $3::timestamptz END WHERE id = $1""", appointment, status, tx.now)


async def due_reminders(tx: Transaction, day: date, since: datetime) -> list[UUID]:
    """Appointments of a day that nobody was reminded of, booked before `since`; from now on they are reminded of. They are
    taken in the order in which `close` takes them."""
    rows = await tx.rows("""
        WITH held AS MATERIALIZED (SELECT id FROM healthcare.appointment WHERE day = $1 AND status = 'booked'
                                   AND reminded_at IS NULL AND booked_at < $2 ORDER BY id FOR NO KEY UPDATE)
        UPDATE healthcare.appointment a SET reminded_at = $3 FROM held WHERE a.id = held.id RETURNING a.id""",
        day, since, tx.now)
    return [row["id"] for row in rows]


async def fulfil(tx: Transaction) -> None:
    """Whoever arrived was seen when the doctor's session is over."""
    await tx.rows("""WITH held AS MATERIALIZED (
            SELECT a.id FROM healthcare.appointment a JOIN healthcare.schedule c ON c.id = a.schedule_id
            WHERE a.status = 'arrived' AND a.ends_at < $1 AND c.ends_at < $1 ORDER BY a.id FOR NO KEY UPDATE OF a)
        UPDATE healthcare.appointment a SET status = 'fulfilled' FROM held WHERE a.id = held.id""", tx.now)


async def forget(connection: Any, citizen: UUID) -> None:
    """Give back what was not used yet, then forget that the citizen was a patient, or booked for one."""
    await connection.execute("""SELECT FROM healthcare.slot WHERE id IN (
        SELECT slot_id FROM healthcare.appointment WHERE patient_id = $1) ORDER BY id FOR NO KEY UPDATE""", citizen)
    await connection.execute("""SELECT FROM healthcare.appointment WHERE $1 IN (patient_id, booked_by)
                                ORDER BY id FOR UPDATE""", citizen)
    await connection.execute("""
        WITH gone AS (DELETE FROM healthcare.appointment WHERE patient_id = $1 RETURNING slot_id, status),
             free AS (SELECT slot_id, count(*) AS n FROM gone WHERE status <> 'cancelled' GROUP BY slot_id)
        UPDATE healthcare.slot SET remaining = remaining + n FROM free WHERE id = slot_id""", citizen)
    await connection.execute("UPDATE healthcare.appointment SET booked_by = NULL WHERE booked_by = $1", citizen)
