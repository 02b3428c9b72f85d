"""Refusals of delegation."""

from haian.errors import PublicError


class MandateInvalid(PublicError):
    """A mandate names what it covers (of `delegationScopes`), lasts 1 to 366 days (2 at least where it is asked for),
    and calls its delegate by 1 to 20 characters; `argument` says what is wrong."""

    code = "DELEGATION_MANDATE_INVALID"


class ToMyself(PublicError):
    """Nobody acts for themself by a mandate; at the desk, nor is the officer one of the two."""

    code = "DELEGATION_TO_MYSELF"


class TooYoung(PublicError):
    """A mandate is given by who is 18."""

    code = "DELEGATION_TOO_YOUNG"


class CodeWrong(PublicError):
    """The code is not the one that was sent, or it ran out (10 minutes), or 5 tries are spent."""

    code = "DELEGATION_CODE_WRONG"


class NotOpen(PublicError):
    """The mandate has ended, was confirmed or accepted already, or is not offered to me."""

    code = "DELEGATION_NOT_OPEN"


class PersonUnknown(PublicError):
    """At the desk: one of the two numbers, which `argument` names, belongs to nobody who uses this service."""

    code = "DELEGATION_PERSON_UNKNOWN"


class OfAge(PublicError):
    """A guardian is of a child, whose day of birth is known; whoever is 18 has none."""

    code = "DELEGATION_OF_AGE"


class GuardianUnfit(PublicError):
    """A guardian is real-named and 18."""

    code = "DELEGATION_GUARDIAN_UNFIT"


class KinDisagrees(PublicError):
    """The register of certificates does not call the viewer a guardian of this child."""

    code = "DELEGATION_KIN_DISAGREES"


class KinAway(PublicError):
    """The register of certificates did not answer in time, or there is none."""

    code = "DELEGATION_KIN_AWAY"


class KinContradicted(PublicError):
    """Another is this child's mother or father already: a desk looks at the papers of both."""

    code = "DELEGATION_KIN_CONTRADICTED"


class LinkEnded(PublicError):
    """A desk ended this guardianship; only a desk makes it anew."""

    code = "DELEGATION_LINK_ENDED"


class TheirPhone(PublicError):
    """Whoever holds a second factor confirms on a phone of their own: that they told the code is not enough."""

    code = "DELEGATION_THEIR_PHONE"
