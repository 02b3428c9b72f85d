"""Refusals of clients: those of GraphQL, and those of the token endpoint, whose names are the standard's."""

from __future__ import annotations

from haian.errors import PublicError


class RequestStale(PublicError):
    """Nobody asks for this any more: it was answered, or ran out (10 minutes), or there never was such a request."""

    code = "OAUTH_REQUEST_STALE"


class NothingChosen(PublicError):
    """Consent to nothing of what was asked for."""

    code = "OAUTH_NOTHING_CHOSEN"


class NameWrong(PublicError):
    """The name of a client has 2 to 20 characters, the English one 2 to 40."""

    code = "OAUTH_NAME_WRONG"


class RedirectWrong(PublicError):
    """Not an address to which citizens may be sent back."""

    code = "OAUTH_REDIRECT_WRONG"


class ReasonMissing(PublicError):
    """Whoever refuses or ends a client says why."""

    code = "OAUTH_REASON_MISSING"


class ClientOver(PublicError):
    """It was decided before, or is not this person's to decide."""

    code = "OAUTH_CLIENT_OVER"


class TooMany(PublicError):
    """An organisation has `most` clients that are not ended."""

    code = "OAUTH_TOO_MANY"


class OAuthRefused(Exception):
    """A refusal of the token endpoint (RFC 6749, 5.2; RFC 9449, 5). `words` are for a developer, and reveal nothing of whose
    token it is."""

    def __init__(self, error: str, words: str = "") -> None:
        super().__init__(error)
        self.error, self.words = error, words

    @property
    def status(self) -> int:
        return 401 if self.error == "invalid_client" else 400
