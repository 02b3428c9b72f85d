"""Decisions of one moment share a transaction: each has its own answer, refusal and key, and nobody another's."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.waiting import until_async

from haian import moment
from haian.call import Call, Platform
from haian.db import Database
from haian.errors import InvalidArgument, KeyReused, NotFound, Unauthenticated
from haian.moment import MOST, Decision, Moment, Wish
from haian.transaction import Answer, key_of
from haian.viewer import Viewer

NOTES = """CREATE TABLE messages.note (citizen uuid, number int); CREATE TABLE messages.place (number int PRIMARY KEY);
           INSERT INTO messages.place SELECT generate_series(-9, 99);
           GRANT ALL ON messages.note, messages.place TO app_messages"""
"""A note for each wish of a number. 0 is an error of the whole statement, a number below it one that is refused, 99 sleeps,
and the place of each is locked."""
NOTE = """WITH wish AS (SELECT * FROM unnest($1::uuid[], $2::int[]) WITH ORDINALITY w(citizen, number, n)),
               held AS MATERIALIZED (SELECT p.number, CASE p.number WHEN 99 THEN pg_sleep(30) END FROM messages.place p
                        WHERE p.number = ANY($2) ORDER BY p.number FOR UPDATE),
               made AS (INSERT INTO messages.note SELECT w.citizen, w.number FROM wish w JOIN held h USING (number)
                        WHERE w.number >= 0 AND 1 / w.number > -1)
          SELECT h.number, pg_current_xact_id()::text AS transaction FROM wish JOIN held h USING (number) ORDER BY n"""


async def ask(wishes: Sequence[Wish]) -> Sequence[Any]:
    return await wishes[0].tx.rows(NOTE, [each.tx.viewer.id for each in wishes], [each.given["number"] for each in wishes])


async def tell(wish: Wish, row: Any) -> Answer:
    if row["number"] < 0:
        raise NotFound
    await wish.tx.audit("NOTED", wish.tx.viewer.id, role="citizen", object_=str(row["number"]))
    await wish.tx.emit("messages.noted", wish.tx.viewer.id, number=row["number"])
    await wish.tx.rows("SELECT number FROM messages.note WHERE citizen = $1", wish.tx.viewer.id)
    return dict(row)


TAKE = Decision("messages.note", "messages", "messages.write", ask, tell)


class Notes:
    """Wishes of many citizens, asked for at one moment."""

    def __init__(self, platform: Platform, owner: asyncpg.Connection, db: Database | None = None) -> None:
        self.platform, self.owner = platform, owner
        self.moment = Moment(TAKE, db or platform.db, platform.clock)

    async def take(self, *numbers: int) -> list[Any]:
        """What each got; the first is under way when the others ask, so that those go together."""
        return await asyncio.gather(*(self.one(number) for number in numbers), return_exceptions=True)

    async def one(self, number: int, citizen: UUID | None = None, key: str = "") -> Answer:
        viewer = Viewer(citizen or uuid4(), "session")
        given = {"number": number}
        return (await self.moment.decide(viewer, key_of(viewer, TAKE.operation, key or str(uuid4()), given), given))[0]

    @asynccontextmanager
    async def holding(self, *numbers: int) -> AsyncIterator[None]:
        """Their places are locked by somebody else."""
        other = await asyncpg.connect(self.platform.settings.database_migration_url)
        async with other.transaction():
            await other.execute("SELECT FROM messages.place WHERE number = ANY($1) FOR UPDATE", numbers)
            yield
        await other.close()

    async def kept(self) -> list[int]:
        return [row["number"] for row in await self.owner.fetch("SELECT number FROM messages.note ORDER BY number")]

    async def waiting(self) -> list[int]:
        """The backends that wait for a lock."""
        rows = await self.owner.fetch("""SELECT pid FROM pg_stat_activity WHERE datname = current_database()
            AND wait_event IN ('transactionid', 'tuple') AND query LIKE '%messages.note%' AND pid <> pg_backend_pid()""")
        return [row["pid"] for row in rows]


@pytest.fixture
async def notes(kernel: Platform) -> Any:
    owner = await asyncpg.connect(kernel.settings.database_migration_url)
    await owner.execute(NOTES)
    yield Notes(kernel, owner)
    await owner.close()


def names(found: Sequence[Any]) -> list[str]:
    return [type(each).__name__ for each in found]


async def test_many_of_one_moment_are_few_transactions_and_each_has_its_own(notes: Notes) -> None:
    many = list(range(1, 40))
    found = await notes.take(*many)
    assert [each["number"] for each in found] == many == await notes.kept()
    sizes = Counter(each["transaction"] for each in found).values()
    assert list(sizes) == [1, MOST, MOST, len(many) - 2 * MOST - 1]
    lines = await notes.owner.fetch("SELECT a.object, a.actor_id = n.citizen AND a.subject_id = n.citizen AS own "
                                    "FROM haian.audit a JOIN messages.note n ON n.number::text = a.object")
    assert sorted(int(line["object"]) for line in lines if line["own"]) == many
    assert await notes.owner.fetchval("""SELECT count(*) FROM haian.outbox o JOIN messages.note n
        ON n.citizen = o.citizen_id AND n.number::text = o.payload ->> 'number'""") == len(many)


async def test_of_equal_keys_one_decides(notes: Notes) -> None:
    citizen, key = uuid4(), str(uuid4())
    found = await asyncio.gather(*(notes.one(number, citizen, key) for number in (1, 1, 1, 1, 2, 1)), notes.one(3),
                                 return_exceptions=True)
    assert names(found) == ["dict"] * 4 + ["KeyReused"] + ["dict"] * 2
    assert found[0] == found[1] == found[2] == found[3] == found[5] == await notes.one(1, citizen, key)
    with pytest.raises(KeyReused):
        await notes.one(2, citizen, key)
    assert await notes.kept() == [1, 3]


async def test_a_refusal_by_an_error_is_ones_own_and_leaves_the_key_free(notes: Notes) -> None:
    citizen, key = uuid4(), str(uuid4())
    found: Sequence[Any] = await asyncio.gather(
        notes.one(1), notes.one(2), notes.one(3), notes.one(-1, citizen, key), notes.one(4), return_exceptions=True)
    assert names(found) == ["dict", "dict", "dict", "NotFound", "dict"]
    assert found[2]["transaction"] == found[4]["transaction"]
    assert await notes.kept() == [1, 2, 3, 4]
    assert await notes.owner.fetchval("SELECT count(*) FROM haian.audit WHERE action = 'NOTED'") == 4
    assert (await notes.one(5, citizen, key))["number"] == 5


async def test_what_goes_wrong_together_is_done_apart(notes: Notes) -> None:
    found = await notes.take(1, 2, 3, 0, 4, 5)
    assert names(found) == ["dict", "dict", "dict", "DivisionByZeroError", "dict", "dict"]
    assert len({each["transaction"] for each in found if isinstance(each, dict)}) == 5
    assert await notes.kept() == [1, 2, 3, 4, 5]
    assert await notes.owner.fetchval("SELECT count(*) FROM haian.outbox") == 5


async def test_who_wants_what_another_holds_waits_for_it_alone(notes: Notes) -> None:
    async with notes.holding(7):
        asked = [asyncio.create_task(notes.one(number)) for number in (1, 2, 3, 7, 4)]
        await asyncio.wait(asked[:3] + asked[4:])
        assert not asked[3].done()
    found = await asyncio.gather(*asked)
    assert [each["number"] for each in found] == [1, 2, 3, 7, 4]
    assert await notes.kept() == [1, 2, 3, 4, 7]


async def test_whose_time_runs_out_in_the_database_has_it_for_themself(notes: Notes, kernel: Platform) -> None:
    db = await Database.open(kernel.settings.database_url, readers=1, writers=8, patience=2)
    impatient = Notes(kernel, notes.owner, db)
    found = await impatient.take(1, 2, 3, 99, 4)
    assert names(found) == ["dict", "dict", "dict", "QueryCanceledError", "dict"]
    assert await notes.kept() == [1, 2, 3, 4]
    await db.close()


async def test_a_backend_that_is_killed_in_mid_moment_has_kept_nothing(
        notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "PATIENCE", 60_000)  # however long it takes here to find and kill it
    keys = {number: (uuid4(), str(uuid4())) for number in (2, 3, 4, 5)}
    async with notes.holding(4):
        asked = [asyncio.create_task(notes.one(number, *keys.get(number, ()))) for number in (1, 2, 3, 4, 5)]
        await until_async(notes.waiting)
        for backend in await notes.waiting():
            await notes.owner.execute("SELECT pg_terminate_backend($1)", backend)
        found = await asyncio.gather(*asked, return_exceptions=True)
    assert names(found) == ["dict", *["Unavailable"] * 4]
    assert len({id(each) for each in found}) == 5
    assert await notes.kept() == [1]
    again = [await notes.one(number, *key) for number, key in keys.items()]
    assert [each["number"] for each in again] == [2, 3, 4, 5]
    assert await notes.kept() == [1, 2, 3, 4, 5]


async def test_who_leaves_takes_nobody_along_and_when_all_leave_it_ends(notes: Notes) -> None:
    async with notes.holding(1, 2):
        asked = [asyncio.create_task(notes.one(number)) for number in (1, 2, 3, 4)]
        await until_async(notes.waiting)
        for each in asked[:3]:
            each.cancel()
        assert (await asked[3])["number"] == 4
        await until_async(lambda: gone(notes))
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert names(found) == ["CancelledError"] * 3 + ["dict"]
    assert 1 not in await notes.kept() and 2 not in await notes.kept()


async def gone(notes: Notes) -> bool:
    return not await notes.waiting()


@pytest.mark.parametrize("table", ["place", "note"])
async def test_a_migration_between_two_moments_is_nobodys_error(notes: Notes, kernel: Platform, table: str) -> None:
    """Neither where they are decided nor where it is told: nothing is in the ledger twice."""
    db = await Database.open(kernel.settings.database_url, readers=1, writers=1)
    known = Notes(kernel, notes.owner, db)
    assert [each["number"] for each in await known.take(1, 2, 3)] == [1, 2, 3]
    await notes.owner.execute(f"ALTER TABLE messages.{table} ALTER number TYPE bigint")
    assert [each["number"] for each in await known.take(4, 5, 6)] == [4, 5, 6]
    lines = await notes.owner.fetch("SELECT object FROM haian.audit WHERE action = 'NOTED' ORDER BY object")
    assert [line["object"] for line in lines] == [*"123456"]
    assert await notes.owner.fetchval("SELECT count(*) FROM haian.outbox WHERE type = 'messages.noted'") == 6
    await db.close()


async def test_nobody_and_a_key_that_is_none_come_to_no_moment(kernel: Platform) -> None:
    with pytest.raises(Unauthenticated):
        await Call(kernel).decide(TAKE, str(uuid4()), {"number": 1})
    with pytest.raises(InvalidArgument):
        await Call(kernel, Viewer(uuid4(), "session")).decide(TAKE, "short", {"number": 1})
