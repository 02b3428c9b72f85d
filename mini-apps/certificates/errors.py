"""Refusals of certificates. Those with a screen of their own (nothing found, the office is away) are results."""

from haian.errors import PublicError


class NameNeeded(PublicError):
    """A certificate is claimed by name and number: who is not real-named has neither."""

    code = "CERTIFICATES_NAME_NEEDED"


class AlreadyHeld(PublicError):
    """A certificate of this kind is in the wallet."""

    code = "CERTIFICATES_ALREADY_HELD"


class NotFoundThere(PublicError):
    """The office has no such certificate of this person. A result."""

    code = "CERTIFICATES_NOT_FOUND_THERE"


class IssuerAway(PublicError):
    """The office does not answer, or not in words that we know. A result; nothing was changed."""

    code = "CERTIFICATES_ISSUER_AWAY"


class CorrectionInvalid(PublicError):
    """What it should say has 1 to 100 characters and differs from what it says, the reason 2 to 200."""

    code = "CERTIFICATES_CORRECTION_INVALID"


class CorrectionOpen(PublicError):
    """A correction of this certificate is being checked."""

    code = "CERTIFICATES_CORRECTION_OPEN"


class NotMine(PublicError):
    """Whoever asked for a correction does not answer it themself."""

    code = "CERTIFICATES_NOT_MINE"


class RequestOver(PublicError):
    """A request can be answered once, for three minutes."""

    code = "CERTIFICATES_REQUEST_OVER"


class NothingToPresent(PublicError):
    """No certificate of the kind that is asked counts in this wallet."""

    code = "CERTIFICATES_NOTHING_TO_PRESENT"
