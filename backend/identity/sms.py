"""Text messages. The demo keeps them where its own pages can show them; production has an HTTP adapter."""

from __future__ import annotations

from typing import Protocol

import httpx
import orjson
from redis.asyncio import Redis

from haian.call import Platform
from haian.errors import Unavailable

KEPT = 300


class SmsSender(Protocol):
    async def send(self, phone: str, template: str, code: str) -> None:
        """Send a one-time code. Unavailable when the operator does not take it."""


class OutboxSender:
    """演示: keeps the last message to each number for 5 minutes, and sends nothing."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis

    async def send(self, phone: str, template: str, code: str) -> None:
        await self.redis.set(f"haian:sms:{phone}", orjson.dumps({"template": template, "code": code}), ex=KEPT)

    async def last(self, phone: str) -> str | None:
        """The code that was sent last, for the demo's sign-in page."""
        found = await self.redis.get(f"haian:sms:{phone}")
        return str(orjson.loads(found)["code"]) if found else None


class HttpSender:
    """POSTs {phone, template, code} as JSON with a bearer token to an SMS operator's gateway; 2xx is taken."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.client = url, httpx.AsyncClient(timeout=5, headers={"Authorization": f"Bearer {token}"})

    async def send(self, phone: str, template: str, code: str) -> None:
        try:
            answer = await self.client.post(self.url, json={"phone": phone, "template": template, "code": code})
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise Unavailable from error


def sender(platform: Platform) -> SmsSender:
    settings = platform.settings
    if settings.sms == "http":
        return platform.service("sms", lambda: HttpSender(settings.sms_url, settings.sms_token))
    return OutboxSender(platform.redis)
