"""One transaction: what is asked twice is decided once, and what is undone leaves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from haian.call import Call, Platform
from haian.errors import InvalidArgument, KeyReused, Unauthenticated
from haian.viewer import Viewer

Answer = dict[str, Any]
KEY = "0197a1b2-key"


def call_of(platform: Platform, citizen: UUID | None = None) -> Call:
    return Call(platform, Viewer(citizen or uuid4(), "session"))


async def ask(call: Call, given: Answer, decide: Callable[[], Awaitable[Answer]], key: str = KEY) -> Answer:
    async with call.writing("messages") as tx:
        return await tx.once("messages.test", key, given, decide)


class Deciding:
    """A decision that counts how often it was made and may wait for another."""

    def __init__(self, wait: float = 0.0) -> None:
        self.times, self.wait = 0, wait

    async def __call__(self) -> Answer:
        self.times += 1
        await asyncio.sleep(self.wait)
        return {"id": uuid4(), "n": self.times}


async def test_two_at_once_with_one_key_are_one_decision_and_one_answer(kernel: Platform) -> None:
    call, decide = call_of(kernel), Deciding(0.1)
    first, second = await asyncio.gather(ask(call, {"a": 1}, decide), ask(call, {"a": 1}, decide))
    assert decide.times == 1
    assert str(first["id"]) == str(second["id"])


async def test_a_repeat_gets_the_first_answer(kernel: Platform) -> None:
    call, decide = call_of(kernel), Deciding()
    first = await ask(call, {"a": 1, "b": [1, 2]}, decide)
    again = await ask(call, {"b": [1, 2], "a": 1}, decide)
    assert (again["id"], again["n"], decide.times) == (str(first["id"]), 1, 1)


async def test_another_input_under_the_same_key_is_refused(kernel: Platform) -> None:
    call = call_of(kernel)
    await ask(call, {"a": 1}, Deciding())
    with pytest.raises(KeyReused):
        await ask(call, {"a": 2}, Deciding())


async def test_another_input_is_refused_while_the_first_is_still_decided(kernel: Platform) -> None:
    call = call_of(kernel)
    both = (ask(call, {"a": number}, Deciding(0.1)) for number in (1, 2))
    found = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(each).__name__ for each in found) == ["KeyReused", "dict"]


async def test_an_error_frees_the_key(kernel: Platform) -> None:
    call = call_of(kernel)

    async def fail() -> Answer:
        raise LookupError
    with pytest.raises(LookupError):
        await ask(call, {"a": 1}, fail)
    assert (await ask(call, {"a": 2}, Deciding()))["n"] == 1


async def test_one_waits_for_the_other_and_decides_when_that_failed(kernel: Platform) -> None:
    call, begun = call_of(kernel), asyncio.Event()

    async def fail() -> Answer:
        begun.set()
        await asyncio.sleep(0.1)
        raise LookupError
    failing = asyncio.create_task(ask(call, {"a": 1}, fail))
    await begun.wait()
    assert (await ask(call, {"a": 1}, Deciding()))["n"] == 1
    with pytest.raises(LookupError):
        await failing


async def test_a_key_is_the_citizens_own(kernel: Platform) -> None:
    decide = Deciding()
    for _ in range(2):
        await ask(call_of(kernel), {"a": 1}, decide)
    assert decide.times == 2


@pytest.mark.parametrize("key", ["", "1234567", "x" * 65, "a\x00bcdefgh"], ids=repr)
async def test_a_key_has_8_to_64_characters(kernel: Platform, key: str) -> None:
    with pytest.raises(InvalidArgument):
        await ask(call_of(kernel), {}, Deciding(), key)


async def test_nobody_has_no_key(kernel: Platform) -> None:
    with pytest.raises(Unauthenticated):
        await ask(Call(kernel), {}, Deciding())


async def test_what_fails_in_a_savepoint_is_undone_alone(kernel: Platform) -> None:
    call = call_of(kernel)
    async with call.writing("messages") as tx:
        await tx.audit("KEPT", call.viewer.id, role="citizen")
        with pytest.raises(asyncpg.PostgresError):
            async with tx.savepoint():
                await tx.audit("UNDONE", call.viewer.id, role="citizen")
                await tx.value("SELECT 1 / 0")
        await tx.emit("messages.kept", call.viewer.id, id=uuid4())
    rows = await kernel.db.fetch("SELECT action FROM haian.audit WHERE subject_id = $1", call.viewer.id)
    assert [row["action"] for row in rows] == ["KEPT"]


async def test_a_transaction_that_fails_leaves_neither_audit_nor_event(kernel: Platform, migration_url: str) -> None:
    call = call_of(kernel)
    with pytest.raises(LookupError):
        async with call.writing("messages") as tx:
            await tx.audit("SEEN", call.viewer.id, role="citizen")
            await tx.emit("messages.test", call.viewer.id)
            raise LookupError
    owner = await asyncpg.connect(migration_url)
    assert await owner.fetchval("SELECT (SELECT count(*) FROM haian.audit) + (SELECT count(*) FROM haian.outbox)") == 0
    await owner.close()
