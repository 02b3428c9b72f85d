"""Refusals of consent."""

from haian.errors import PublicError


class TermsChanged(PublicError):
    """Another version of the terms is in force by now: read that one."""

    code = "CONSENT_TERMS_CHANGED"


class TermsByGuardian(PublicError):
    """Under 14 a guardian agrees to the terms (PIPL art. 31)."""

    code = "CONSENT_TERMS_BY_GUARDIAN"


class TermsInvalid(PublicError):
    """A text of the terms has `shortest` to `longest` characters; `field` names it."""

    code = "CONSENT_TERMS_INVALID"


class TermsTooSoon(PublicError):
    """A version is in force 7 days after it was published at the earliest, and after the one before it."""

    code = "CONSENT_TERMS_TOO_SOON"


class TermsTooLate(PublicError):
    """A version is in force within 366 days after it was proposed: until then no later one can be."""

    code = "CONSENT_TERMS_TOO_LATE"


class TermsWaiting(PublicError):
    """Another proposal waits to be decided."""

    code = "CONSENT_TERMS_WAITING"


class TermsDecided(PublicError):
    """The proposal has been decided meanwhile."""

    code = "CONSENT_TERMS_DECIDED"


class FourEyes(PublicError):
    """Who proposed terms does not publish them."""

    code = "CONSENT_FOUR_EYES"


class QuestionInvalid(PublicError):
    """A question about a line of the ledger has 2 to 500 characters."""

    code = "CONSENT_QUESTION_INVALID"


class AnswerInvalid(PublicError):
    """An answer has 2 to 1,000 characters."""

    code = "CONSENT_ANSWER_INVALID"


class OwnDoing(PublicError):
    """The line is of what the citizen did: there is nobody to question."""

    code = "CONSENT_OWN_DOING"


class AskedAlready(PublicError):
    """The citizen has questioned this line before."""

    code = "CONSENT_ASKED_ALREADY"


class LastManager(PublicError):
    """An organisation is never without a manager: the last one cannot close the account."""

    code = "CONSENT_LAST_MANAGER"


class AnsweredAlready(PublicError):
    """Another manager has answered meanwhile."""

    code = "CONSENT_ANSWERED_ALREADY"


class GuardianNeeded(PublicError):
    """Under 14 a guardian consents (PIPL art. 31): the page offers to ask them."""

    code = "CONSENT_GUARDIAN_NEEDED"


class GuardianUnknown(PublicError):
    """Under 14 a guardian consents, and none is known who may: a guardian adds the child, or a desk attests them."""

    code = "CONSENT_GUARDIAN_UNKNOWN"


class YourOwn(PublicError):
    """Who is 14 agrees by themself, and asks nobody."""

    code = "CONSENT_YOUR_OWN"


class NotWaiting(PublicError):
    """What a child asked waits no more, or not for this guardian: another answered, it lapsed, the child is 14, or the
    guardianship is another."""

    code = "CONSENT_NOT_WAITING"
