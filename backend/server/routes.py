"""The few routes that are no GraphQL: health, keys, and what only a demo has."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException

from haian.call import Platform
from haian.demo import ACCOUNTS
from haian.errors import Unavailable
from identity.demo import children, samples
from identity.service import checked_phone
from identity.sms import OutboxSender

PROBE_SECONDS = 2


@get("/health/live", sync_to_thread=False)
def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/health/ready")
async def ready(platform: NamedDependency[Platform]) -> Response[dict[str, str]]:
    """PostgreSQL and Redis answer within 2 seconds: 200, else 503 naming which does not."""
    async def probe(awaited: Any) -> str:
        """A server that hangs is not waited for, not even until it heard that nobody waits any more."""
        question = asyncio.ensure_future(awaited)
        await asyncio.wait({question}, timeout=PROBE_SECONDS)
        if question.done() and question.exception() is None:
            return "ok"
        question.cancel()
        return "away"
    async def database_answers() -> None:
        if platform.db.is_away:
            raise Unavailable
        await platform.db.fetch("SELECT 1")
    database, redis = await asyncio.gather(probe(database_answers()), probe(platform.redis.ping()))
    good = database == redis == "ok"
    return Response({"database": database, "redis": redis}, status_code=200 if good else 503)


@get("/.well-known/jwks.json", sync_to_thread=False)
def jwks(platform: NamedDependency[Platform]) -> Response[dict[str, Any]]:
    """The public keys of access tokens (RFC 7517)."""
    return Response(platform.services["tokens"].ring.jwks(), headers={"cache-control": "public, max-age=300"})


@get("/demo/accounts", sync_to_thread=False)
def demo_accounts(platform: NamedDependency[Platform]) -> list[dict[str, str]]:
    """演示: who may be signed in as. 404 in production."""
    if not platform.settings.demo:
        raise NotFoundException
    return [{"phone": a.phone, "name": a.name, "zh": a.what_zh, "en": a.what_en} for a in ACCOUNTS]


@get("/demo/sms")
async def demo_sms(request: Request[Any, Any, Any], platform: NamedDependency[Platform]) -> dict[str, str | None]:
    """演示: the code that was last sent to a number. 404 in production."""
    if not platform.settings.demo or platform.settings.sms != "outbox":
        raise NotFoundException
    phone = checked_phone(request.query_params.get("phone", ""))
    return {"code": await OutboxSender(platform.redis).last(phone)}


@get("/demo/numbers", sync_to_thread=False)
def demo_numbers(platform: NamedDependency[Platform], request: Request[Any, Any, Any]) -> list[dict[str, str]]:
    """演示: names and synthetic numbers to be real-named with, or `of=children` to be added, and what the demo's verifier
    does with each. 404 in production."""
    if not platform.settings.demo:
        raise NotFoundException
    return (children if request.query_params.get("of") == "children" else samples)(secrets.randbelow(2_800_000))


ROUTES = [live, ready, jwks, demo_accounts, demo_sms, demo_numbers]
