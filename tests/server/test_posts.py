"""A post that began, ended or moved counts at the very next request, at every server, and costs no statement of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from tests.clients import Phone, Served, serving

from haian.db import WAKE

DESK = "ParkingDeskSpaces"
APPOINT = """INSERT INTO staff.membership (citizen_id, organisation_id, role, during)
    SELECT $1, organisation_id, role, tstzrange($2, $3) FROM staff.membership WHERE role = 'property_clerk' LIMIT 1"""
MOVE = """UPDATE identity.organisation SET division = (SELECT max(code) FROM identity.division WHERE level = 'community')
          WHERE id IN (SELECT organisation_id FROM haian.membership WHERE citizen_id = $1)"""


@pytest_asyncio.fixture
async def twins(served: Served) -> AsyncIterator[tuple[Served, Served]]:
    """The product on two servers with one clock."""
    async with serving(served.platform.settings) as other:
        other.platform.clock._offset = served.platform.clock._offset
        yield served, other


async def write(served: Served, statement: str, *values: Any, noun: str = "staff") -> None:
    async with served.platform.db.writing_as(noun) as connection:
        await connection.execute(statement, *values)


def at(server: Served, phone: Phone) -> Phone:
    moved = server.phone()
    moved.http.cookies, moved.id = phone.http.cookies, phone.id
    return moved


async def code(phone: Phone) -> str:
    """"" where the desk may be seen."""
    answer = (await phone.send(DESK)).json()
    return str(answer["errors"][0]["extensions"]["code"]) if answer.get("errors") else ""


async def test_a_post_counts_until_it_ends_and_from_when_it_begins_at_every_server(twins: tuple[Served, Served]) -> None:
    clerk = await twins[0].signed_in("clerk")
    phones = [at(server, clerk) for server in twins]
    assert [await code(phone) for phone in phones * 2] == [""] * 4
    await write(twins[0], "DELETE FROM staff.membership WHERE citizen_id = $1", UUID(clerk.id))
    assert [await code(phone) for phone in phones * 2] == ["FORBIDDEN"] * 4


async def test_a_new_post_counts_at_once(twins: tuple[Served, Served]) -> None:
    resident = await twins[0].signed_in("resident")
    phones = [at(server, resident) for server in twins]
    assert [await code(phone) for phone in phones] == ["FORBIDDEN"] * 2
    now = twins[0].platform.clock.now()
    await write(twins[0], APPOINT, UUID(resident.id), now, None)
    assert [await code(phone) for phone in phones * 2] == [""] * 4


async def test_a_post_begins_and_ends_by_time(served: Served) -> None:
    resident, clock = await served.signed_in("resident"), served.platform.clock
    begins = clock.now() + timedelta(hours=1)
    await write(served, APPOINT, UUID(resident.id), begins, begins + timedelta(hours=1))
    found = []
    for _ in range(3):
        found.append(await code(resident))
        clock.move(timedelta(hours=1, seconds=1) if len(found) == 1 else timedelta(minutes=59, seconds=59))
        resident.http.headers["X-Haian-Address"] = served.signed("10.9.9.9")
    assert found == ["FORBIDDEN", "", "FORBIDDEN"]


async def test_a_desk_that_moves_to_another_district_sees_that_district(served: Served) -> None:
    clerk = await served.signed_in("clerk")
    async with served.platform.db.writing_as("parking") as connection:
        await connection.execute("UPDATE parking.space SET status = 'PENDING'")
    assert (await clerk.ask(DESK))["edges"]
    await write(served, MOVE, UUID(clerk.id), noun="identity")
    assert (await clerk.ask(DESK))["edges"] == []


async def test_a_mutation_is_for_who_holds_the_post_now(served: Served) -> None:
    editor = await served.signed_in("editor")
    await editor.ask("MessagesUnread")
    news = (await editor.ask("MessagesNews"))["edges"][0]["node"]["id"]
    await write(served, "DELETE FROM staff.membership WHERE citizen_id = $1", UUID(editor.id))
    assert await editor.refused("MessagesWithdrawNews", id=news) == "FORBIDDEN"
    assert news in [edge["node"]["id"] for edge in (await editor.ask("MessagesNews"))["edges"]]


@pytest.mark.parametrize("who", ["resident", "clerk"])
async def test_posts_cost_no_statement_of_their_own(shared: Served, monkeypatch: pytest.MonkeyPatch, who: str) -> None:
    phone = await shared.signed_in(who)
    for _ in range(2):
        await phone.ask("IdentityViewer")
    statements: list[str] = []
    fetch = shared.platform.db.fetch

    async def counted(statement: str, *values: Any) -> Any:
        if statement != WAKE:  # the bell of having signed in
            statements.append(statement)
        return await fetch(statement, *values)
    monkeypatch.setattr(shared.platform.db, "fetch", counted)
    await phone.ask("IdentityViewer")
    assert len(statements) == 1
