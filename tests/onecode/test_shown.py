"""A code that is shown tells what becomes of it, once, and that is the end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.clients import Phone, Served
from tests.onecode.test_scan import scan
from tests.sockets import event, heard, socket_to, subscribed

from haian import codes
from onecode import service
from onecode.models import KIND


async def test_who_shows_a_code_hears_by_whom_it_was_read_and_no_more(served: Served, worker: Any) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    code, other = (await holder.ask("OnecodeIssue"))["text"], (await holder.ask("OnecodeIssue"))["text"]
    async with socket_to(served, holder) as showing:
        await subscribed(showing, "OnecodeShown", code=code)
        assert (await event(showing))["fate"] == "SHOWN"
        for each in (other, code):
            await scan(guard, each)
        await worker()
        read = await event(showing)
        assert (read["fate"], read["scan"]["verdict"], read["scan"]["verifier"]) == ("READ", "ACCEPTED", "赵*国")
        assert await heard(showing) == {"id": "1", "type": "complete"}


async def test_a_code_that_was_read_meanwhile_says_so_at_once(served: Served) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    code = (await holder.ask("OnecodeIssue"))["text"]
    await scan(guard, code)
    assert await fates(served, holder, code) == ["READ"]


async def test_a_code_that_runs_out_says_so_and_ends(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "DECIDING_SECONDS", 0.05)
    holder = await served.signed_in("resident")
    code = (await holder.ask("OnecodeIssue"))["text"]
    await served.platform.redis.pexpire(codes.kept(KIND, codes.digest(code.removeprefix("H1:"))), 300)
    assert await fates(served, holder, code) == ["SHOWN", "OVER"]
    assert await fates(served, holder, code) == ["SHOWN", "OVER"], "and is not waited for again"


async def test_what_became_of_a_code_is_its_holders_alone(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "DECIDING_SECONDS", 0.05)
    holder, guard, other = [await served.signed_in(who) for who in ("resident", "guard", "elder")]
    code = (await holder.ask("OnecodeIssue"))["text"]
    await scan(guard, code)
    assert await fates(served, other, code) == ["SHOWN", "OVER"]


async def test_what_is_no_code_is_refused(shared: Served) -> None:
    phone = await shared.signed_in("resident")
    async with socket_to(shared, phone) as socket:
        await subscribed(socket, "OnecodeShown", code="12345678")
        assert (await heard(socket))["payload"]["errors"][0]["extensions"]["code"] == "ONECODE_CODE_UNREADABLE"


async def fates(served: Served, phone: Phone, code: str) -> list[str]:
    """All that is told of a code, to its end."""
    told = []
    async with socket_to(served, phone) as socket, asyncio.timeout(10):
        await subscribed(socket, "OnecodeShown", code=code)
        while (message := await heard(socket))["type"] == "next":
            told.append(message["payload"]["data"]["onecodeShown"]["fate"])
    assert message == {"id": "1", "type": "complete"}
    return told
