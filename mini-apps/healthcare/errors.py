"""Refusals of healthcare that are told in a sentence. Those with a screen of their own are types of the result."""

from haian.errors import PublicError


class NotYourPatient(PublicError):
    """The patient is neither the viewer nor a child whose guardian the viewer is now."""

    code = "HEALTHCARE_NOT_YOUR_PATIENT"


class SlotBegan(PublicError):
    """A slot that began is not booked any more."""

    code = "HEALTHCARE_SLOT_BEGAN"


class ScheduleClosed(PublicError):
    """停诊: the doctor does not sit."""

    code = "HEALTHCARE_SCHEDULE_CLOSED"


class ScheduleOver(PublicError):
    """A schedule that ended is neither closed nor opened."""

    code = "HEALTHCARE_SCHEDULE_OVER"


class TooLate(PublicError):
    """An appointment is cancelled until its slot begins."""

    code = "HEALTHCARE_TOO_LATE"


class NotCancellable(PublicError):
    """Only what is booked is cancelled: the patient arrived, was seen, or did not come."""

    code = "HEALTHCARE_NOT_CANCELLABLE"


class NotToday(PublicError):
    """Arrival is marked on the day of the appointment."""

    code = "HEALTHCARE_NOT_TODAY"


class NotMarkable(PublicError):
    """This mark does not follow from the status that the appointment has, or the slot has not begun (no-show)."""

    code = "HEALTHCARE_NOT_MARKABLE"


class ReasonInvalid(PublicError):
    """The reason of 停诊 has 2 to 100 characters."""

    code = "HEALTHCARE_REASON_INVALID"
