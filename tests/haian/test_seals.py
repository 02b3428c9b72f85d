"""The ledger's seals: a line that a superuser changed, took away or put in is found and named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from haian import seals
from haian.call import Call, Platform
from haian.seals import Fault, Found, bounds_of, hash_of, leaf_of, netstring, seal, split
from haian.viewer import Viewer
from server.audit import look, report
from server.housekeeping import drop_months, prepare_months

CITIZEN = uuid4()
JANUARY, FEBRUARY = date(2027, 1, 1), date(2027, 2, 1)


@pytest_asyncio.fixture
async def superuser(kernel: Platform) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(kernel.settings.database_migration_url)
    yield connection
    await connection.close()


async def write(platform: Platform, *actions: str, **given: Any) -> None:
    """A line each, in a transaction of its own."""
    for action in actions:
        async with Call(platform, Viewer(CITIZEN, "session")).writing("messages") as tx:
            await tx.audit(action, CITIZEN, **{"role": "citizen", "fields": ["name", "born"], **given})


async def found(platform: Platform, head: bytes | None = None) -> Found:
    return await look(platform.settings, head)


async def faults(platform: Platform) -> list[tuple[str, int | None, UUID | None]]:
    return [(fault.what, fault.seal, fault.line) for fault in (await found(platform)).faults]


async def line(superuser: asyncpg.Connection, action: str) -> UUID:
    id_: UUID = await superuser.fetchval("SELECT id FROM haian.audit WHERE action = $1", action)
    return id_


async def test_a_ledger_that_nobody_touched_is_whole(kernel: Platform) -> None:
    assert (await found(kernel)).faults == []
    await write(kernel, "ONE", "TWO", reason="因为：a,b", object_="x", ground="law", office=uuid4())
    assert (await found(kernel)).lines == 0, "what is not sealed yet is not looked at"
    await seal(kernel)
    await write(kernel, "THREE")
    await seal(kernel)
    await seal(kernel)
    whole = await found(kernel)
    assert (whole.faults, whole.lines, whole.seals) == ([], 3, 2)
    assert "账本完整：2 个封条，3 行" in report(whole)[0]


@pytest.mark.parametrize("change", [
    "actor_id = gen_random_uuid()", "actor_role = 'nobody'", "subject_id = NULL", "action = 'LIES'", "object = ''",
    "fields = '{name}'", "fields = '{\"name,4:born\"}'", "reason = 'x'", "ground = 'x'", "office = gen_random_uuid()",
    "acting = 'x'", "at = at + interval '1 microsecond'"])
async def test_a_line_that_a_superuser_changed_is_found_and_named(
        kernel: Platform, superuser: asyncpg.Connection, change: str) -> None:
    await write(kernel, "ONE", "TWO")
    await seal(kernel)
    id_ = await line(superuser, "TWO")
    await superuser.execute(f"UPDATE haian.audit SET {change} WHERE id = $1", id_)
    assert await faults(kernel) == [("changed", 1, id_)]
    told = report(await found(kernel))
    assert f"记录 {id_}" in told[0]
    assert "1 处不对" in told[1]


async def test_a_line_that_is_gone_is_found(kernel: Platform, superuser: asyncpg.Connection) -> None:
    await write(kernel, "ONE", "TWO")
    await seal(kernel)
    id_ = await line(superuser, "ONE")
    await superuser.execute("DELETE FROM haian.audit WHERE id = $1", id_)
    assert await faults(kernel) == [("gone", 1, id_)]


async def test_a_line_that_was_put_in_later_is_found(kernel: Platform, superuser: asyncpg.Connection) -> None:
    await write(kernel, "ONE")
    await seal(kernel)
    await superuser.execute("INSERT INTO haian.audit (at, actor_role, action, xid)"
                            " SELECT at, 'x', 'BEFORE', xid FROM haian.audit")
    await superuser.execute("INSERT INTO haian.audit (at, actor_role, action, xid)"
                            " SELECT at, 'x', 'AHEAD', '999999999999' FROM haian.audit WHERE action = 'ONE'")
    named = {("added", None, await line(superuser, action)) for action in ("BEFORE", "AHEAD")}
    assert set(await faults(kernel)) == named


async def test_a_line_that_was_moved_to_another_month_is_found(kernel: Platform, superuser: asyncpg.Connection) -> None:
    await write(kernel, "ONE", "TWO")
    await seal(kernel)
    id_ = await line(superuser, "ONE")
    await superuser.execute("UPDATE haian.audit SET at = at - interval '2 months' WHERE id = $1", id_)
    assert set(await faults(kernel)) == {("gone", 1, id_), ("added", None, id_)}


async def test_a_seal_that_was_made_anew_does_not_fit_the_next(kernel: Platform, superuser: asyncpg.Connection) -> None:
    for action in ("ONE", "TWO", "THREE"):
        await write(kernel, action)
        await seal(kernel)
    head = (await found(kernel)).newest
    await superuser.execute("UPDATE haian.audit_seal SET lines = 0, leaves = '' WHERE number = 2")
    assert ("chain", 2, None) in await faults(kernel)
    await superuser.execute("UPDATE haian.audit SET reason = 'x' WHERE action = 'THREE'")
    await superuser.execute("DELETE FROM haian.audit_seal WHERE number > 1")
    await superuser.execute("UPDATE haian.audit_sealing SET sealed_to = (SELECT xid FROM haian.audit WHERE action = 'TWO')")
    await seal(kernel)
    assert await faults(kernel) == [], "who makes the whole end anew cannot be seen from inside"
    assert [fault.what for fault in (await found(kernel, head)).faults] == ["head"], "but by what was written down elsewhere"


async def test_what_commits_late_is_sealed_once_and_not_forgotten(
        kernel: Platform, superuser: asyncpg.Connection) -> None:
    async with superuser.transaction():
        await superuser.execute("SELECT haian.record(NULL, 'citizen', NULL, 'LATE', NULL, '{}', '', $1)", kernel.clock.now())
        await write(kernel, "EARLY")
        await seal(kernel)
        assert (await found(kernel)).lines == 0, "nothing is sealed beyond a transaction that is still open"
    await seal(kernel)
    await seal(kernel)
    whole = await found(kernel)
    assert (whole.faults, whole.lines, whole.seals) == ([], 2, 1)


async def test_a_ledger_that_was_restored_into_another_cluster_goes_on(
        kernel: Platform, superuser: asyncpg.Connection) -> None:
    await write(kernel, "ONE")
    await seal(kernel)
    await write(kernel, "TWO")
    await superuser.execute("UPDATE haian.audit_sealing SET cluster = 'elsewhere', sealed_to = '999999999999'")
    await superuser.execute("UPDATE haian.audit SET xid = '999999999990' WHERE action = 'ONE'")
    for _ in range(2):
        await seal(kernel)
    await write(kernel, "THREE")
    await seal(kernel)
    whole = await found(kernel)
    assert (whole.faults, whole.lines) == ([], 3)


async def test_months_are_sealed_apart_and_dropped_when_their_time_is_over(
        kernel: Platform, superuser: asyncpg.Connection) -> None:
    clock = kernel.clock
    for month in (JANUARY, FEBRUARY):
        clock.move(datetime(month.year, month.month, 28, 12, tzinfo=UTC) - clock.now())
        await prepare_months(kernel)
        await write(kernel, f"IN_{month:%B}".upper())
    await seal(kernel)
    assert (await found(kernel)).seals == 2
    clock.move(datetime(2030, 1, 31, 12, tzinfo=UTC) - clock.now())
    await drop_months(kernel)
    assert (await found(kernel)).lines == 2, "three years are not over"
    clock.move(timedelta(days=1))
    await drop_months(kernel)
    whole = await found(kernel)
    assert (whole.faults, whole.lines, whole.seals) == ([], 1, 3)
    assert await superuser.fetchval("SELECT array_agg(action) FROM haian.audit") == ["IN_FEBRUARY"]
    await drop_months(kernel)
    assert (await found(kernel)).seals == 3


async def test_a_month_is_not_dropped_before_its_time_nor_before_it_is_sealed(
        kernel: Platform, superuser: asyncpg.Connection) -> None:
    kernel.clock.move(datetime(2027, 1, 28, tzinfo=UTC) - kernel.clock.now())
    await prepare_months(kernel)
    await write(kernel, "ONE")
    for at in (datetime(2030, 1, 31, tzinfo=UTC), datetime(2030, 2, 1, tzinfo=UTC)):
        with pytest.raises(asyncpg.RaiseError):
            await superuser.execute("SELECT haian.drop_audit($1, $2)", JANUARY, at)
    await seal(kernel)
    await superuser.execute("SELECT haian.add_seal('DROPPED', $1, 1, '', $2)", JANUARY, datetime(2028, 1, 1, tzinfo=UTC))
    assert Fault("early", 2, month=JANUARY) in (await found(kernel)).faults


VALUES = st.tuples(*[st.none() | st.text(alphabet="a1:,-é", max_size=4)] * 3)


@given(rows=st.lists(VALUES, min_size=2, max_size=2, unique=True))
def test_no_two_lines_have_one_text(rows: list[tuple[str | None, ...]]) -> None:
    one, other = ("".join(map(netstring, row)) for row in rows)
    assert one != other


async def test_python_and_the_database_hash_the_same(kernel: Platform, superuser: asyncpg.Connection) -> None:
    await write(kernel, "ONE", fields=[], reason="é,\n:" * 3, object_="")
    await write(kernel, "TWO", fields=["", ",", "名"], office=uuid4())
    await seal(kernel)
    lines = {row["id"]: leaf_of(row) for row in await superuser.fetch(f"SELECT {seals.LINE} FROM haian.audit")}
    [made] = await superuser.fetch("SELECT * FROM haian.audit_seal")
    assert dict(split(made["leaves"])) == lines
    assert (made["hash"], made["previous"]) == (hash_of(made), seals.FIRST)


def test_a_month_ends_where_the_next_begins() -> None:
    assert bounds_of(date(2027, 12, 1)) == (datetime(2027, 12, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
