"""Reads that a copy of the database may answer: never older than a second, never older than what the citizen has seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from tests.clients import DOCUMENTS, Served, new_number, serving
from tests.servers import Servers, running
from tests.waiting import until_async

from gateway.composition import compose
from gateway.documents import Documents
from gateway.execution import Gateway
from haian import replica
from haian.call import Call
from haian.outbox import deliver
from haian.reads import sql
from haian.replica import BEHIND, EVERY, MARKED, is_marked, mark, mark_of
from haian.viewer import Viewer
from server.apps import registry
from server.embedded.standby import Standby
from server.reach import LOGIN

GATEWAY = Gateway(compose(registry()), Documents.load(), registry())


@sql
def in_recovery() -> Any:
    "(SELECT pg_is_in_recovery())"


@pytest.fixture(scope="module")
def standby(servers: Servers, demo_template: str) -> Iterator[Standby]:
    """A copy of the servers' whole PostgreSQL."""
    copy = Standby(servers.state, servers.postgres.lock, servers.postgres.options)
    with running(copy):
        yield copy


@pytest_asyncio.fixture
async def copied(served: Served, standby: Standby) -> AsyncIterator[Served]:
    """The product with a replica that has everything."""
    settings = served.platform.settings
    name = settings.database_url.partition("@/")[2].partition("?")[0]
    given = settings.model_copy(update={"database_replica_url": standby.url(LOGIN, name)})
    async with serving(given) as copied:
        await near(copied)
        yield copied


async def near(served: Served) -> None:
    async def is_near() -> bool:
        assert served.platform.replica
        return served.platform.replica.is_near
    await until_async(is_near)


@asynccontextmanager
async def paused(standby: Standby) -> AsyncIterator[None]:
    """The copy stands still, as it does behind a long transaction."""
    admin = await asyncpg.connect(standby.url("postgres", "postgres"))
    await admin.execute("SELECT pg_wal_replay_pause()")
    try:
        yield
    finally:
        await admin.execute("SELECT pg_wal_replay_resume()")
        await admin.close()


async def until_read_from_the_copy(served: Served, viewer: Any = None) -> None:
    """A copy that is late for a moment, on a busy machine, is not read in that moment."""
    await until_async(lambda: reads_from_the_copy(served, viewer))


async def reads_from_the_copy(served: Served, viewer: Any = None) -> bool:
    """Where a call of this viewer reads."""
    call = Call(served.platform, viewer) if viewer else Call(served.platform)
    await call.spare_the_primary()
    return bool(await call.value(in_recovery()))


async def test_a_query_of_nobody_is_read_from_the_copy(copied: Served) -> None:
    await until_read_from_the_copy(copied)


async def test_without_asking_for_it_a_call_reads_from_the_primary(copied: Served) -> None:
    assert not await Call(copied.platform).value(in_recovery())


async def test_who_wrote_reads_what_they_wrote(copied: Served, standby: Standby) -> None:
    """However far the copy is behind, on every device of theirs; and so from the first moment of a new account."""
    async with paused(standby):
        phone = await copied.signed_in(new_number())
        assert (await phone.ask("HealthcarePatients"))[0]["id"] == phone.id
        key, community = str(uuid4()), "370211005001"
        made = await phone.ask("ParkingRegisterSpace", community=community, lot="地下", label="T-9", priceCents=1, key=key)
        mine = await phone.ask("ParkingMySpaces")
        assert [edge["node"]["id"] for edge in mine["edges"]] == [made["id"]]


async def test_who_is_told_reads_what_was_written_on_the_way(copied: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The inbox is filled after the copy was waited for, so whose it is reads from the primary."""
    monkeypatch.setattr(replica, "MARKED", 600)  # however slow it is here
    citizen = uuid4()
    await until_read_from_the_copy(copied, Viewer(citizen))
    async with copied.platform.db.writing_as("messages") as connection:
        await connection.execute("SELECT haian.emit('messages.read', $1, '{}', now())", citizen)
    while await deliver(copied.platform):
        pass
    assert await is_marked(copied.platform.redis, citizen)
    assert not await reads_from_the_copy(copied, Viewer(citizen))


async def test_who_was_told_of_a_change_reads_the_change(copied: Served, standby: Standby) -> None:
    """An event is told when the copy has it, or when a copy that stands still is read by nobody any more."""
    async def tell() -> None:
        async with copied.platform.db.writing_as("messages") as connection:
            await connection.execute("SELECT haian.emit('messages.read', $1, '{}', now())", uuid4())
        while await deliver(copied.platform):
            pass
    await tell()
    await near(copied)
    async with paused(standby):
        await tell()
        assert not await reads_from_the_copy(copied)


async def test_a_mark_outlives_the_lag_that_is_allowed(copied: Served) -> None:
    citizen, began = uuid4(), time.monotonic()
    await mark(copied.platform.redis, {citizen})
    left = await copied.platform.redis.pttl(mark_of(citizen)) / 1000
    assert left + (time.monotonic() - began) > MARKED - 0.1 > BEHIND + EVERY


async def test_a_copy_that_falls_behind_is_not_read(copied: Served, standby: Standby) -> None:
    async with paused(standby):
        async with copied.platform.db.writing_as("messages") as connection:
            await connection.execute("SELECT haian.emit('messages.read', $1, '{}', now())", uuid4())
        await until_async(lambda: at_the_primary(copied))
    await near(copied)


async def at_the_primary(served: Served) -> bool:
    return not await reads_from_the_copy(served)


async def test_a_copy_that_dies_is_missed_by_nobody(copied: Served, standby: Standby) -> None:
    """Its connections break under those who read; the primary answers them."""
    admin = await asyncpg.connect(standby.url("postgres", "postgres"))

    async def ask() -> bool:
        return bool((await copied.phone().send("IdentityStreets")).json()["data"]["identityStreets"])
    asking = [asyncio.create_task(ask()) for _ in range(20)]
    await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                        "AND backend_type = 'client backend'")
    asking += [asyncio.create_task(ask()) for _ in range(20)]
    assert all(await asyncio.gather(*asking))
    await admin.close()


@pytest.mark.parametrize(("document", "late"), [
    ("HomeThings", True), ("ParkingFree", True), ("IdentityViewer", True), ("ParkingDeskSpaces", False),
    ("ParkingDeskBookings", False), ("HealthcareDeskAppointments", False), ("OnecodePostScans", False),
    ("ParkingBookSpace", False), ("MessagesLive", False)])
def test_what_leaves_a_line_in_a_ledger_or_changes_something_is_never_late(document: str, late: bool) -> None:
    assert GATEWAY.may_be_late(DOCUMENTS[document]) is late


async def test_redis_away_means_the_primary(copied: Served) -> None:
    class Away:
        async def exists(self, _: str) -> int:
            raise ConnectionError

    platform = replace(copied.platform, redis=Away())  # type: ignore[arg-type]
    assert await is_marked(platform.redis, uuid4())


