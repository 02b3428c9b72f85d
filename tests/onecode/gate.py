"""A gate at the property's east door, as its manager, the district and its maker make it, over HTTP alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
from tests.clients import Phone, Served

from haian.demo import demo_id
from server.turnstile import Turnstile

PROPERTY = str(demo_id("organisation:property"))


async def registered(manager: Phone, place: str = "", scene: str = "residential_gate", kind: str = "GATE",
                     organisation: str = PROPERTY) -> dict[str, Any]:
    """What the manager asked for."""
    found: dict[str, Any] = await manager.ask("OnecodeRegisterVerifier", organisation=organisation, kind=kind, scene=scene,
                                              place=place or f"闸机 {uuid4().hex[:8]}", key=str(uuid4()))
    return found


async def approved(served: Served, manager: Phone, **given: Any) -> dict[str, Any]:
    """The same, with which the district agrees."""
    made = await registered(manager, **given)
    found: dict[str, Any] = await (await served.signed_in("desk")).ask("OnecodeDecideVerifier", id=made["id"], agree=True)
    return found


@asynccontextmanager
async def turnstile(served: Served, key: Any = None, origin: str = "") -> AsyncIterator[Turnstile]:
    """A device without a registration, whose clock is the server's."""
    await served.platform.redis.delete("haian:rate:onecode:enrol:127.0.0.1")  # at which the gates of all tests are
    async with httpx.AsyncClient(timeout=60) as http:
        yield Turnstile(http, origin or served.origin, key, clock=served.platform.clock.epoch)


@asynccontextmanager
async def gate_at(served: Served, manager: Phone, key: Any = None, **given: Any) -> AsyncIterator[Turnstile]:
    """A gate that reads codes."""
    made = await approved(served, manager, **given)
    async with turnstile(served, key) as gate:
        code = (await manager.ask("OnecodeEnrolVerifier", id=made["id"]))["code"]
        answer = await gate.enrol(code)
        assert answer.status_code == 200, answer.text
        yield gate


def code_of(answer: httpx.Response) -> str:
    """The code of a refusal; empty where there was none."""
    return "" if answer.status_code == 200 else str(answer.json()["errors"][0]["extensions"]["code"])
