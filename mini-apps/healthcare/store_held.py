"""What healthcare holds about a citizen, for their own file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import RUNNING


@sql
def appointments(citizen: UUID) -> Any:
    """SELECT a.id, o.name AS hospital, d.name AS department, r.name AS doctor, a.day, a.starts_at, a.ends_at, a.number,
              a.fee_cents, a.status, a.booked_at, a.booked_by = {citizen} AS booked_by_myself, a.arrived_at, a.cancelled_at,
              a.cancelled_by, a.reason, a.reminded_at
       FROM healthcare.appointment a JOIN healthcare.department d ON d.id = a.department_id
       JOIN healthcare.doctor r ON r.id = a.doctor_id JOIN haian.organisation o ON o.id = a.hospital_id
       WHERE a.patient_id = {citizen} ORDER BY a.starts_at, a.id"""


EXPORT = {"appointments": appointments}
NOT_HELD = ("healthcare.department", "healthcare.doctor", "healthcare.hospital", "healthcare.schedule", "healthcare.slot")
LEAVES_OUT = {"healthcare.appointment.slot_id": RUNNING, "healthcare.appointment.schedule_id": RUNNING}
