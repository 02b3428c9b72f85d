"""Structured logs: one JSON object a line, with the request's id and no personal data."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog

PERSONAL = re.compile(r"(?<![0-9a-fA-F-])(1[3-9]\d{9}|\d{17}[\dXx])(?![0-9a-fA-F])")


def without_personal(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Phone and citizen ID numbers leave no trace, wherever in a text or a traceback they stand."""
    return {name: PERSONAL.sub("[removed]", value) if isinstance(value, str) else value for name, value in event.items()}


def configure(level: str) -> None:
    """All logs of the process, those of libraries too, to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars, structlog.stdlib.add_logger_name, structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.format_exc_info, without_personal]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(), cache_logger_on_first_use=False)
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)])
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for noisy in ("httpx", "httpcore", "asyncio", "uvicorn.access", "engineio", "socketio", "watchfiles"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
