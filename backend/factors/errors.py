"""Refusals of factors."""

from haian.errors import PublicError


class PasskeyWrong(PublicError):
    """Not a right answer of a passkey that we know, for the challenge, the page and the citizen that it was asked for, with
    its user verified. One answer for all of them: it reveals nothing."""

    code = "FACTORS_PASSKEY_WRONG"


class PasskeyStale(PublicError):
    """The challenge was answered before, or it ran out (5 minutes)."""

    code = "FACTORS_PASSKEY_STALE"


class PasskeyCloned(PublicError):
    """The counter of a passkey went back: two devices have it. It is suspended."""

    code = "FACTORS_PASSKEY_CLONED"


class PasskeyUnknown(PublicError):
    """No such passkey of mine."""

    code = "FACTORS_PASSKEY_UNKNOWN"


class PasskeyTaken(PublicError):
    """This passkey is there already."""

    code = "FACTORS_PASSKEY_TAKEN"


class TooMany(PublicError):
    """10 passkeys are the most."""

    code = "FACTORS_TOO_MANY"


class NameWrong(PublicError):
    """A passkey's name has 1 to 60 characters."""

    code = "FACTORS_NAME_WRONG"


class RecoveryCodeWrong(PublicError):
    """Not a recovery code of this citizen, or used before. One answer for both."""

    code = "FACTORS_RECOVERY_CODE_WRONG"


class HelpUnknown(PublicError):
    """Nobody asks for help with this number now: it is another, it ran out (an hour), or it was helped already."""

    code = "FACTORS_HELP_UNKNOWN"


class CardWrong(PublicError):
    """The number on the card is not that of the account: it is not helped."""

    code = "FACTORS_CARD_WRONG"


class SameOfficer(PublicError):
    """Whoever gave an account its number at a desk does not let its owner in for 30 days: it takes another officer."""

    code = "FACTORS_SAME_OFFICER"


class HelpPending(PublicError):
    """The desk has not helped yet."""

    code = "FACTORS_HELP_PENDING"


class NoFactor(PublicError):
    """There is nothing yet to show that it is me: neither a passkey nor a recovery code."""

    code = "FACTORS_NONE"


class HelpCooling(PublicError):
    """Somebody of the family has vouched; it counts a day later, since the old devices may say that it is not me."""

    code = "FACTORS_HELP_COOLING"


class HelpStopped(PublicError):
    """A device of the account has said that it is somebody else who asks."""

    code = "FACTORS_HELP_STOPPED"


class VouchUnfit(PublicError):
    """Who vouches is real-named and of age, has been a guardian or delegate for a week, and has had a factor for a day."""

    code = "FACTORS_VOUCH_UNFIT"
