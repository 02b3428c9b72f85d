"""One transaction: what is asked twice is decided once, and what is undone leaves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis.strategies import characters, text

from haian.call import Call, Platform
from haian.connections import Connection
from haian.db import WAKE
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


async def test_what_a_migration_made_stale_begins_again(kernel: Platform) -> None:
    call, owner = call_of(kernel), await asyncpg.connect(kernel.settings.database_migration_url)
    await owner.execute("CREATE TABLE messages.kept (a int); INSERT INTO messages.kept VALUES (1);"
                        "GRANT SELECT ON messages.kept TO app_messages")

    async def decide() -> Answer:
        async with call.writing("messages") as tx:
            return dict(await tx.row("SELECT * FROM messages.kept"))
    assert [await decide() for _ in range(2)] == [{"a": 1}] * 2
    await owner.execute("ALTER TABLE messages.kept ADD b text DEFAULT 'new'")
    assert await decide() == {"a": 1, "b": "new"}
    await owner.close()


async def test_a_value_that_is_never_sent_leaves_nothing_begun(kernel: Platform) -> None:
    call = call_of(kernel)
    for value in (1, 2**70, 2):
        with pytest.raises(asyncpg.DataError, match="out of int64") if value > 2**63 else nullcontext():
            async with call.writing("messages") as tx:
                assert await tx.value("SELECT $1::int8", value) == value


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


async def test_what_failed_outside_a_savepoint_is_not_taken_for_done(kernel: Platform) -> None:
    call = call_of(kernel)
    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        async with call.writing("messages") as tx:
            with pytest.raises(asyncpg.DivisionByZeroError):
                await tx.value("SELECT 1 / 0")
    async with call.writing("messages") as tx:
        assert await tx.value("SELECT 1") == 1


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


async def test_an_event_of_a_savepoint_that_failed_is_not_told(kernel: Platform, migration_url: str) -> None:
    call = call_of(kernel)
    async with call.writing("messages") as tx:
        await tx.emit("messages.before", None)
        with pytest.raises(LookupError):
            async with tx.savepoint():
                await tx.emit("messages.undone", None)
                raise LookupError
        await tx.emit("messages.after", None)
    owner = await asyncpg.connect(migration_url)
    rows = await owner.fetch("SELECT type FROM haian.outbox ORDER BY id")
    await owner.close()
    assert [row["type"] for row in rows] == ["messages.before", "messages.after"]


async def test_what_leaves_is_what_was_said(kernel: Platform, migration_url: str) -> None:
    call, other = call_of(kernel), uuid4()
    async with call.writing("messages") as tx:
        await tx.audit("FIRST", other, role="clerk", object_="it's \\ it", fields=["name", "电话"], reason="'); SELECT 1 --")
        await tx.audit("SECOND", None, role="citizen")
        await tx.emit("messages.test", other, id=other, at=tx.now, many=[1, None, "二"], text="\\x27' $1")
    owner = await asyncpg.connect(migration_url)
    lines = [tuple(row) for row in await owner.fetch(
        "SELECT action, at, actor_id, actor_role, subject_id, object, fields, reason FROM haian.audit ORDER BY id")]
    [event] = await owner.fetch("SELECT type, citizen_id, payload, at FROM haian.outbox")
    await owner.close()
    assert lines == [
        ("FIRST", tx.now, call.viewer.id, "clerk", other, "it's \\ it", ["name", "电话"], "'); SELECT 1 --"),
        ("SECOND", tx.now, call.viewer.id, "citizen", None, None, [], "")]
    assert (event["type"], event["citizen_id"], event["at"]) == ("messages.test", other, tx.now)
    assert orjson.loads(event["payload"]) == {"id": str(other), "at": tx.now.isoformat(), "many": [1, None, "二"],
                                              "text": "\\x27' $1"}


SIGNS = text(characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=8, max_size=64)


@settings(max_examples=50)
@given(SIGNS)
@example("'; DROP TABLE haian.audit; --")
@example("\\'\\x27$1 $$")
async def test_a_key_may_be_of_any_signs(kernel: Platform, key: str) -> None:
    call, decide = call_of(kernel), Deciding()
    first = await ask(call, {"a": 1}, decide, key)
    assert (await ask(call, {"a": 1}, decide, key))["id"] == str(first["id"])
    assert decide.times == 1


async def test_what_cannot_leave_undoes_the_transaction(kernel: Platform) -> None:
    call = call_of(kernel)
    with pytest.raises(asyncpg.CheckViolationError):
        async with call.writing("messages") as tx:
            await tx.value("SELECT 1")
            await tx.audit("FINE", call.viewer.id, role="citizen")
            await tx.audit("not an action", call.viewer.id, role="citizen")
    assert await kernel.db.fetch("SELECT 1 FROM haian.audit WHERE subject_id = $1", call.viewer.id) == []
    assert (await ask(call, {"a": 1}, Deciding()))["n"] == 1


async def test_beginning_and_ending_cost_no_round_trip_of_their_own(kernel: Platform, trips: list[str]) -> None:
    call = call_of(kernel)

    async def decide() -> Answer:
        await tx.value("SELECT 1")
        await tx.audit("DECIDED", call.viewer.id, role="citizen")
        await tx.emit("messages.test", call.viewer.id)
        return {}
    for _ in range(2):  # the first time what is called has to be prepared
        trips.clear()
        async with call.writing("messages") as tx:
            await tx.once("messages.test", str(uuid4()), {}, decide)
    assert len(trips) == 3
    trips.clear()
    async with call.writing("messages"):
        pass
    assert trips == []


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that connections send."""
    found: list[str] = []
    for name in ("execute", "rows"):
        sent = getattr(Connection, name)

        async def noted(self: Connection, statement: str, *rest: Any, sent: Any = sent) -> Any:
            if statement != WAKE:  # the bell of an earlier one
                found.append(statement)
            return await sent(self, statement, *rest)
        monkeypatch.setattr(Connection, name, noted)
    return found
