"""Identity's refusals."""

from haian.errors import PublicError


class PhoneInvalid(PublicError):
    """Not a mobile number of mainland China (11 places, 13 to 19 first)."""

    code = "IDENTITY_PHONE_INVALID"


class CodeWrong(PublicError):
    """The one-time code is not the one that was sent to this browser, or it ran out (5 minutes), or 5 tries are spent.
    One answer for all of them: it reveals nothing."""

    code = "IDENTITY_CODE_WRONG"


class NoCookie(PublicError):
    """Signing in leaves a cookie in the browser, which no answer over an open connection can: use a request of its own."""

    code = "IDENTITY_NO_COOKIE"


class DeviceUnknown(PublicError):
    """No such device of mine."""

    code = "IDENTITY_DEVICE_UNKNOWN"
