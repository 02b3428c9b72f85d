"""Onecode's refusals. A code that does not pass is no error: it is a verdict, kept and told to its holder."""

from haian.errors import PublicError


class CodeUnreadable(PublicError):
    """What was scanned or typed has not the form of a code: `H1:` and 26 signs, or 8 digits."""

    code = "ONECODE_CODE_UNREADABLE"
