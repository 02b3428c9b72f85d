"""Structured logs: one JSON object a line, with the request's id and no personal data."""

from __future__ import annotations

import logging
import re
import sys
from contextvars import ContextVar
from typing import Any

import structlog

ID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?<![0-9a-zA-Z])[0-9a-fA-F]{32,64}(?![0-9a-zA-Z])"
PERSONAL = re.compile(rf"({ID})|(?<!\d)(?:86)?(?:1[3-9]\d{{9}}|\d{{17}}[\dXx])(?!\d)")
"""A phone or citizen ID number; the first group is an identifier, which may look like one and stays."""


ROW = re.compile(r"^(DETAIL:\s*(?:Failing row contains|Key \([^)]*\)=)).*", re.MULTILINE)
"""PostgreSQL tells the values of a row that breaks a constraint: names, plates and all."""


def without_personal(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Phone and citizen ID numbers leave no trace, wherever in a text, a value or a traceback they stand."""
    return {name: scrubbed(value) for name, value in event.items()}


def scrubbed(value: Any) -> Any:
    """A value without them. What is no JSON becomes its text."""
    match value:
        case None | bool() | float():
            return value
        case int():
            return "[removed]" if PERSONAL.fullmatch(str(value)) else value
        case dict():
            return {scrubbed(str(name)): scrubbed(inner) for name, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [scrubbed(inner) for inner in value]
        case _:
            text = ROW.sub(r"\1 [removed]", str(value))
            return PERSONAL.sub(lambda found: found.group(1) or "[removed]", text)


REQUEST: ContextVar[str] = ContextVar("request")
"""The id of the request that is answered: in every log line of it."""


def with_request(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """A line with the id of its request, if it has one."""
    id_ = REQUEST.get("")
    return {**event, "request": id_} if id_ else event


def configure(level: str) -> None:
    """All logs of the process, those of libraries too, to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars, with_request, structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.format_exc_info,
        structlog.stdlib.PositionalArgumentsFormatter(), without_personal]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(), cache_logger_on_first_use=False)
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)])
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for noisy in ("httpx", "httpcore", "asyncio", "uvicorn.access", "uvicorn.error", "engineio", "socketio", "watchfiles"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
