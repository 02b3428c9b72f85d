"""What healthcare speaks of. Values in the database are those of HL7 FHIR R5 where it has them."""

from __future__ import annotations

import enum

READ, WRITE = "healthcare.appointments.read", "healthcare.appointments.write"
"""What one citizen may let another see and do here."""


class Grade(enum.Enum):
    """医院等级: 三级, 二级, 社区卫生服务中心."""

    TERTIARY = "TERTIARY"
    SECONDARY = "SECONDARY"
    COMMUNITY = "COMMUNITY"


class Title(enum.Enum):
    """职称: 主任医师, 副主任医师, 主治医师, 住院医师."""

    CHIEF = "CHIEF"
    ASSOCIATE_CHIEF = "ASSOCIATE_CHIEF"
    ATTENDING = "ATTENDING"
    RESIDENT = "RESIDENT"


class Status(enum.Enum):
    """FHIR AppointmentStatus: 已预约, 已签到, 已就诊, 未到, 已取消."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    FULFILLED = "fulfilled"
    NOSHOW = "noshow"
    CANCELLED = "cancelled"


class Mark(enum.Enum):
    """What a registrar marks on the day: 签到, 未到, or neither after all."""

    ARRIVED = "arrived"
    NOSHOW = "noshow"
    BOOKED = "booked"


class SlotStatus(enum.Enum):
    """FREE may be booked; BUSY is sold out 约满; CLOSED is 停诊; PAST has begun."""

    FREE = "FREE"
    BUSY = "BUSY"
    CLOSED = "CLOSED"
    PAST = "PAST"


class Canceller(enum.Enum):
    PATIENT = "patient"
    HOSPITAL = "hospital"


class SlotChange(enum.Enum):
    """What happened to a doctor's times. READY and RESYNC are about the listening itself."""

    READY = "ready"
    SLOT = "slot"
    SCHEDULE = "schedule"
    RESYNC = "resync"
