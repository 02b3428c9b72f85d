"""Identity's refusals."""

from haian.errors import PublicError


class PhoneInvalid(PublicError):
    """Not a mobile number of mainland China (11 places, 13 to 19 first)."""

    code = "IDENTITY_PHONE_INVALID"


class CodeWrong(PublicError):
    """The one-time code is not the one that was sent to this browser, or it ran out (5 minutes), or 5 tries are spent.
    One answer for all of them: it reveals nothing."""

    code = "IDENTITY_CODE_WRONG"


class WorkNeeded(PublicError):
    """Many codes are asked for: the browser finds the number that solves `challenge` (`bits.until.nonce.mac`) and asks again
    with `challenge:number` as its work; the SHA-256 of that text begins with `bits` zero bits."""

    code = "IDENTITY_WORK_NEEDED"


class NoCookie(PublicError):
    """Signing in leaves a cookie in the browser, which no answer over an open connection can: use a request of its own."""

    code = "IDENTITY_NO_COOKIE"


class PhoneSame(PublicError):
    """The number is mine already."""

    code = "IDENTITY_PHONE_SAME"


class PhoneTaken(PublicError):
    """The number has an account of its own, which is not real-named: whoever has the number signs in there, and closes it or
    gives it another number."""

    code = "IDENTITY_PHONE_TAKEN"


class PhoneHeld(PublicError):
    """The number is that of a real-named account, which keeps it until its owner changes it."""

    code = "IDENTITY_PHONE_HELD"


class PhoneShared(PublicError):
    """A demo account is everybody's: its number stays."""

    code = "IDENTITY_PHONE_SHARED"


class FactorStale(PublicError):
    """Nobody waits in this browser to show a second factor, or not any more (10 minutes)."""

    code = "IDENTITY_FACTOR_STALE"


class DeviceUnknown(PublicError):
    """No such device of mine."""

    code = "IDENTITY_DEVICE_UNKNOWN"


class DeviceNameInvalid(PublicError):
    """What I call a device has 1 to 30 characters."""

    code = "IDENTITY_DEVICE_NAME_INVALID"


class NameInvalid(PublicError):
    """Not a name as it stands on an identity card: 2 to 50 Chinese characters with · between its parts, or Latin letters."""

    code = "IDENTITY_NAME_INVALID"


class NumberInvalid(PublicError):
    """Not a citizen ID number (GB 11643-1999): 18 places, a province, a date and its check digit."""

    code = "IDENTITY_NUMBER_INVALID"


class NumberNone(PublicError):
    """No citizen ID number is kept of this account."""

    code = "IDENTITY_NUMBER_NONE"


class AlreadyVerified(PublicError):
    """This account is real-named already."""

    code = "IDENTITY_ALREADY_VERIFIED"


class GuardianNeeded(PublicError):
    """Who is under 14 gives name and number by a guardian's consent only (PIPL art. 31)."""

    code = "IDENTITY_GUARDIAN_NEEDED"


class ChildPhoneUnfit(PublicError):
    """At the desk: a child is enrolled with its own phone where that has signed in once, and is not real-named."""

    code = "IDENTITY_CHILD_PHONE_UNFIT"


class ChildDisputed(PublicError):
    """At the desk: the number of a child's papers is that of an account with another name. Staff settle whose it is."""

    code = "IDENTITY_CHILD_DISPUTED"


class ClaimOpen(PublicError):
    """The number that was given last is another account's, and staff have not yet settled whose it is."""

    code = "IDENTITY_CLAIM_OPEN"


class DisputeSettled(PublicError):
    """Somebody has settled this dispute already."""

    code = "IDENTITY_DISPUTE_SETTLED"


class DisputeReasonInvalid(PublicError):
    """What a settlement rests on is told in 4 to 200 characters."""

    code = "IDENTITY_DISPUTE_REASON_INVALID"


class TriesSpent(PublicError):
    """Name and number were given 5 times within 24 hours."""

    code = "IDENTITY_TRIES_SPENT"


class PhoneTheirs(PublicError):
    """At the desk: the number is that of the account of this card. Who cannot sign in with it goes to the recovery desk."""

    code = "IDENTITY_PHONE_THEIRS"


class PhoneFree(PublicError):
    """At the desk: no account has the number, and none waits for one. Who has it signs in with it."""

    code = "IDENTITY_PHONE_FREE"


class DeskSelf(PublicError):
    """At the desk: an officer does nothing about their own account."""

    code = "IDENTITY_DESK_SELF"
