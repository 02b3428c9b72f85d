"""Refusals of staff."""

from haian.errors import PublicError


class NotManager(PublicError):
    """Somebody manages, but not this organisation."""

    code = "STAFF_NOT_MANAGER"


class RoleUnknown(PublicError):
    """There is no such role in an organisation of this kind."""

    code = "STAFF_ROLE_UNKNOWN"


class PlaceInvalid(PublicError):
    """A place has at most 40 characters."""

    code = "STAFF_PLACE_INVALID"


class DatesInvalid(PublicError):
    """A post begins within a year and ends after it began."""

    code = "STAFF_DATES_INVALID"


class Yourself(PublicError):
    """Nobody gives a post to themself."""

    code = "STAFF_YOURSELF"


class InvitedAlready(PublicError):
    """This number has an open invitation to this role here."""

    code = "STAFF_INVITED_ALREADY"


class SecondPerson(PublicError):
    """Who invited does not approve it: a second official of the organisation does."""

    code = "STAFF_SECOND_PERSON"


class InvitationOver(PublicError):
    """The invitation was answered, taken back or ran out; or who gave it holds the office no longer."""

    code = "STAFF_INVITATION_OVER"


class NameFirst(PublicError):
    """A post is for somebody whose name is proven."""

    code = "STAFF_NAME_FIRST"


class HeldAlready(PublicError):
    """This person holds this role here in part of that time."""

    code = "STAFF_HELD_ALREADY"


class LastManager(PublicError):
    """An organisation is never without a manager."""

    code = "STAFF_LAST_MANAGER"


class ReasonMissing(PublicError):
    """A post is ended with a reason of 2 to 100 characters: who held it reads it."""

    code = "STAFF_REASON_MISSING"


class NoteInvalid(PublicError):
    """A note to the next shift has at most 500 characters."""

    code = "STAFF_NOTE_INVALID"


class NoColleague(PublicError):
    """A shift is handed to somebody else who holds the same role in the same organisation now."""

    code = "STAFF_NO_COLLEAGUE"


class BurstAnswered(PublicError):
    """Another manager has answered this alert meanwhile."""

    code = "STAFF_BURST_ANSWERED"
