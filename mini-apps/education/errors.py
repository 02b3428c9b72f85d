"""Education's refusals. Those with a screen of their own (a notice that was withdrawn, a reminder too soon) are results."""

from haian.errors import PublicError


class NoticeInvalid(PublicError):
    """The title has 2 to 60 characters, the body 2 to 5000."""

    code = "EDUCATION_NOTICE_INVALID"


class DeadlineInvalid(PublicError):
    """The deadline of a notice is to come, within the next 120 days."""

    code = "EDUCATION_DEADLINE_INVALID"


class ReasonInvalid(PublicError):
    """A withdrawal has a reason of 2 to 200 characters."""

    code = "EDUCATION_REASON_INVALID"


class ClassEmpty(PublicError):
    """No child is in this class, so nobody would read it."""

    code = "EDUCATION_CLASS_EMPTY"


class NothingToConfirm(PublicError):
    """The notice does not ask for confirmation."""

    code = "EDUCATION_NOTHING_TO_CONFIRM"


class NobodyToRemind(PublicError):
    """Every child's guardian has confirmed, or the notice does not ask for it."""

    code = "EDUCATION_NOBODY_TO_REMIND"


class NoticeWithdrawn(PublicError):
    """The notice was withdrawn before."""

    code = "EDUCATION_NOTICE_WITHDRAWN"


class RemindTooSoon(PublicError):
    """The last reminder was less than 12 hours ago. Its screen says when the next can be sent."""

    code = "EDUCATION_REMIND_TOO_SOON"
