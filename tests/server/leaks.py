"""What no answer may tell, whatever was asked: how the server is made inside."""

from __future__ import annotations

import re

INSIDE = re.compile(
    r"Traceback|File \\?\"|line \d+, in |\.py\b|/site-packages|/backend/|/usr/lib|object at 0x|<class |<function |"
    r"\b[A-Z]\w+(?:Error|Exception)\b|asyncpg|asyncio|litestar|strawberry\.|graphql\.|redis\.|orjson|uvicorn|"
    r"\bSELECT \S+.* FROM\b|\bINSERT INTO\b|\b(?:relation|column) \\?\"\w+\\?\" |\bSQLSTATE\b|\bpg_\w+|[Mm]aximum recursion")


def leak_in(text: str) -> str | None:
    """The first trace of the inside in a text."""
    found = INSIDE.search(text)
    return text[max(0, found.start() - 80):found.end() + 80] if found else None
