"""What may be said to a client. Everything that is not a `PublicError` reaches it as INTERNAL, and the log whole."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

LOCALES = ("zh", "en")


class PublicError(Exception):
    """A refusal with a code that is never renamed. `details` fill its sentence and travel as extensions."""

    code: ClassVar[str] = "INTERNAL"
    status: ClassVar[int] = 200

    def __init__(self, **details: Any) -> None:
        super().__init__(self.code)
        self.details = details


class Unauthenticated(PublicError):
    """Nobody is signed in, and this needs somebody."""

    code = "UNAUTHENTICATED"


class Forbidden(PublicError):
    """Somebody is signed in, but may not do or see this."""

    code = "FORBIDDEN"


class NotCovered(PublicError):
    """Somebody acts for another, and this is not among what they may see or do for them."""

    code = "ACTING_NOT_COVERED"


class StepUpNeeded(PublicError):
    """This needs a second factor that was given within the last 5 minutes."""

    code = "STEP_UP_NEEDED"


class TermsNeeded(PublicError):
    """The terms in force are not agreed to yet. Reading what is one's own, taking back and leaving need no terms."""

    code = "TERMS_NEEDED"


class NotFound(PublicError):
    """Nothing has this id, or not for this viewer."""

    code = "NOT_FOUND"


class InvalidArgument(PublicError):
    """An argument has the right GraphQL type and still makes no sense; `argument` names it."""

    code = "INVALID_ARGUMENT"


class InvalidCursor(PublicError):
    """A cursor that this server did not give out (Relay Cursor Connections, §4.2)."""

    code = "INVALID_CURSOR"


class RateLimited(PublicError):
    """Too many; `retry_after` is in seconds."""

    code = "RATE_LIMITED"
    status = 429


class Unavailable(PublicError):
    """A server behind this one does not answer. Try again; nothing was written."""

    code = "UNAVAILABLE"
    status = 503


class TryAgain(PublicError):
    """Others changed the same things at that moment, and one had to give way. Nothing was written; try again."""

    code = "TRY_AGAIN"
    status = 503


class KeyReused(PublicError):
    """An idempotency key came back with another input."""

    code = "IDEMPOTENCY_KEY_REUSED"


class Catalogue:
    """The sentences of all codes, in every language of the product."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.sentences: dict[str, Mapping[str, str]] = {}
        for file in files:
            for code, texts in tomllib.loads(file.read_text(encoding="utf-8")).items():
                if missing := set(LOCALES) - set(texts):
                    raise ValueError(f"{file}: {code} lacks {', '.join(sorted(missing))}")
                if code in self.sentences:
                    raise ValueError(f"{file}: {code} is said twice")
                self.sentences[code] = texts

    def say(self, code: str, locale: str, details: Mapping[str, Any] | None = None) -> str:
        """The sentence of a code; placeholders that `details` lack stay empty rather than fail."""
        return self.sentences[code][locale].format_map(_Blank(details or {}))


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""
