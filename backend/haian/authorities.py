"""Servers of authorities: somebody else's, asked over HTTP while a citizen waits."""

from __future__ import annotations

from typing import Any

import httpx
import structlog

log = structlog.get_logger()
PATIENCE = 5.0
AT_ONCE = 16
"""So many citizens wait for a slow authority; for more it is away, so that it does not slow everything down."""


class Away(Exception):
    """No answer in time, or not in words that we know: it says nothing about the citizen."""


class Authority:
    """POSTs JSON with a bearer token; 200 and a JSON object is an answer. Whatever else comes, or nothing within `patience`
    seconds, is Away, and so is all where no `url` is set. What is logged names nobody."""

    def __init__(self, url: str, token: str, patience: float = PATIENCE) -> None:
        self.url, self.patience, self.waiting = url, patience, 0
        self.client = httpx.AsyncClient(limits=httpx.Limits(max_connections=AT_ONCE), trust_env=False,
                                        headers={"Authorization": f"Bearer {token}"})

    async def ask(self, words: dict[str, Any], path: str = "", patience: float | None = None) -> dict[str, Any]:
        """What it says to these words. Away."""
        if not self.url:
            raise Away
        if self.waiting >= AT_ONCE:
            raise self.away("busy")
        self.waiting += 1
        url = self.url.rstrip("/") + path if path else self.url
        try:
            answer = await self.client.post(url, json=words, timeout=patience or self.patience)
            answer.raise_for_status()
            said = answer.json()
        except httpx.HTTPStatusError as error:
            raise self.away("status", error.response.status_code) from None
        except (httpx.HTTPError, ValueError) as error:
            raise self.away(type(error).__name__) from None
        finally:
            self.waiting -= 1
        if not isinstance(said, dict):
            raise self.away("words")
        return said

    def away(self, reason: str, status: int | None = None) -> Away:
        """To be raised; the operator reads why."""
        log.warning("authority.away", of=type(self).__name__, reason=reason, status=status)
        return Away(reason)
