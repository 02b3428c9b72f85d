"""Refusals of messages."""

from haian.errors import PublicError


class NewsInvalid(PublicError):
    """The title has 2 to 80 characters, the body 2 to 5000, the street is one of the district's."""

    code = "MESSAGES_NEWS_INVALID"
