"""Refusals outside GraphQL, in the same words: each has a code, says when to come again, and is kept by nobody."""

from __future__ import annotations

from typing import Any

import structlog
from litestar import Request, Response

from gateway.masking import as_public, said
from haian.call import Platform
from server.incoming import BadRequest

log = structlog.get_logger()


def refuse(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """A refusal; what is none is in the log whole."""
    platform: Platform = request.app.state.platform
    refusal = as_public(error)
    if refusal.code in ("INTERNAL", "UNAVAILABLE"):
        log.error("request.failed", code=refusal.code, path=request.scope["path"], exc_info=error)
    locale = "en" if request.headers.get("accept-language", "").startswith("en") else "zh"
    status = 500 if refusal.code == "INTERNAL" else 400 if refusal.status == 200 else refusal.status
    again = {"retry-after": str(refusal.details["retry_after"])} if "retry_after" in refusal.details else {}
    return Response({"errors": [said(refusal, platform.registry.catalogue, locale)]}, status_code=status,
                    headers={"cache-control": "no-store", **again})


def unread(request: Request[Any, Any, Any], _: Exception) -> Response[dict[str, Any]]:
    """A body of another shape, or nested deeper than is read."""
    return refuse(request, BadRequest())
