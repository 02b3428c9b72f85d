"""Refusals of search."""

from haian.errors import PublicError


class TextInvalid(PublicError):
    """A text to search for has 1 to 50 characters, the blanks around it not counted."""

    code = "SEARCH_TEXT_INVALID"
