"""Declared fields: each row and field is authorised where it is declared, and a look of staff is in the ledger first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID, uuid4

import orjson
import pytest
import pytest_asyncio
import strawberry
from strawberry import ID, Private

from gateway.composition import compose
from gateway.documents import Documents, Operation
from gateway.execution import Gateway
from haian import fields
from haian.call import Call, Platform
from haian.fields import Audit, Connection
from haian.reads import keyset, sql
from haian.registry import Registry
from haian.rules import GIVEN, PUBLIC, SIGNED_IN, role, when
from haian.viewer import ANONYMOUS, Viewer

CLERK = role("clerk")


@sql
def all_rows() -> Any:
    "SELECT *, citizen_id AS subject, type AS title, 'x' AS secret FROM messages.message ORDER BY at, id"


@sql
def one_row(id: UUID) -> Any:
    "SELECT *, citizen_id AS subject, type AS title, 'x' AS secret FROM messages.message WHERE id = {id}"


@sql
def is_mine(citizen: UUID) -> Any:
    "{citizen} = {viewer}"


@sql
def how_many() -> Any:
    "(SELECT count(*) FROM messages.message)"


@sql
def titles() -> Any:
    "SELECT type FROM messages.message ORDER BY at, id"


@keyset("at timestamptz", "id uuid")
def pages() -> Any:
    "SELECT *, citizen_id AS subject, type AS title, 'x' AS secret FROM messages.message"


@sql
def named_types() -> Any:
    "SELECT 'Apple' AS typename, 1 AS weight, NULL AS colour UNION ALL SELECT 'Leaf', NULL, 'green'"


@sql
def unknown_type() -> Any:
    "SELECT 'Stone' AS typename"


MINE = when("mine", lambda row: is_mine(row.subject))


@fields.object_type(allow=MINE | CLERK)
class Thing:
    id: ID
    title: str
    subject: Private[UUID]
    secret: str = fields.field(allow=MINE)

    @fields.field(allow=MINE)
    def note(self) -> str:
        return "only for its owner"


@fields.object_type(allow=PUBLIC)
class Apple:
    weight: int


@fields.object_type(allow=PUBLIC)
class Leaf:
    colour: str


Grown = Annotated[Apple | Leaf, strawberry.union("Grown")]


@strawberry.type
class Query:
    @fields.field(allow=SIGNED_IN)
    def things(self) -> list[Thing]:
        return all_rows()

    @fields.field(allow=CLERK, audit=Audit("THINGS_SEEN", subject="subject"))
    def desk(self) -> list[Thing]:
        return all_rows()

    @fields.field(allow=CLERK, audit=Audit("PAGE_SEEN", subject="subject"))
    def desk_page(self, first: int = 2, after: str | None = None) -> Connection[Thing]:
        return pages(first=first, after=after)

    @fields.field(allow=PUBLIC)
    def thing(self, id: ID) -> Thing:
        return one_row(id)

    @fields.field(allow=PUBLIC)
    def perhaps(self, id: ID) -> Thing | None:
        return one_row(id)

    @fields.field(allow=PUBLIC)
    def many(self) -> int:
        return how_many()

    @fields.field(allow=PUBLIC)
    def titles(self) -> list[str]:
        return titles()

    @fields.field(allow=PUBLIC)
    def grown(self) -> list[Grown]:
        return named_types()

    @fields.field(allow=PUBLIC)
    def stone(self) -> Grown | None:
        return unknown_type()


THINGS = SimpleNamespace(noun="things", schema=SimpleNamespace(Query=Query), live=None, providers=None)
GATEWAY = Gateway(compose(Registry([THINGS])), Documents([]), Registry([]))  # type: ignore[list-item]


@pytest_asyncio.fixture
async def rows(kernel: Platform) -> AsyncIterator[dict[str, UUID]]:
    """Two citizens with a thing each."""
    owners = {"ann": uuid4(), "ben": uuid4()}
    async with kernel.db.writing_as("messages") as connection:
        await connection.executemany(
            "INSERT INTO messages.message (id, citizen_id, type, payload, at) VALUES ($1, $2, $3, '{}', $4)",
            [(owner, owner, name, kernel.clock.now()) for name, owner in owners.items()])
    yield owners


async def ask(platform: Platform, viewer: Viewer, query: str) -> tuple[Any, list[str]]:
    """The data and the codes of all errors."""
    answer = orjson.loads(await GATEWAY.run(Operation("", "", query), {}, Call(platform, viewer)))
    return answer["data"], [error["extensions"]["code"] for error in answer.get("errors", ())]


async def ledger(platform: Platform) -> list[Any]:
    return [tuple(row) for row in await platform.db.fetch(
        "SELECT actor_id, actor_role, subject_id, action, fields FROM haian.audit ORDER BY id")]


def clerk() -> Viewer:
    return Viewer(uuid4(), "s", frozenset({"clerk"}))


async def test_a_row_that_is_not_mine_is_refused_and_nothing_of_it_is_told(kernel: Platform, rows: dict[str, UUID]) -> None:
    data, codes = await ask(kernel, Viewer(rows["ann"]), f'{{ perhaps(id: "{rows["ben"]}") {{ title }} many }}')
    assert (data, codes) == ({"perhaps": None, "many": 2}, ["FORBIDDEN"])
    data, codes = await ask(kernel, Viewer(rows["ben"]), f'{{ perhaps(id: "{rows["ben"]}") {{ title }} }}')
    assert (data, codes) == ({"perhaps": {"title": "ben"}}, [])


async def test_nobody_is_asked_to_sign_in(kernel: Platform, rows: dict[str, UUID]) -> None:
    assert (await ask(kernel, ANONYMOUS, f'{{ perhaps(id: "{rows["ben"]}") {{ title }} }}'))[1] == ["UNAUTHENTICATED"]
    assert (await ask(kernel, ANONYMOUS, "{ things { title } }"))[1] == ["UNAUTHENTICATED"]


async def test_a_field_may_be_narrower_than_its_object(kernel: Platform, rows: dict[str, UUID]) -> None:
    query = f'{{ perhaps(id: "{rows["ben"]}") {{ title secret note }} }}'
    seen = {"title": "ben", "secret": "x", "note": "only for its owner"}
    assert await ask(kernel, Viewer(rows["ben"]), query) == ({"perhaps": seen}, [])
    data, codes = await ask(kernel, clerk(), query)
    assert (data, set(codes)) == ({"perhaps": None}, {"FORBIDDEN"})


async def test_what_is_not_there_is_null_or_not_found(kernel: Platform, rows: dict[str, UUID]) -> None:
    assert await ask(kernel, ANONYMOUS, f'{{ perhaps(id: "{uuid4()}") {{ title }} }}') == ({"perhaps": None}, [])
    assert (await ask(kernel, ANONYMOUS, f'{{ thing(id: "{uuid4()}") {{ title }} }}'))[1] == ["NOT_FOUND"]
    assert (await ask(kernel, ANONYMOUS, '{ thing(id: "x") { title } }'))[1] == ["INVALID_ARGUMENT"]


async def test_leaves_and_lists_of_leaves_are_values(kernel: Platform, rows: dict[str, UUID]) -> None:
    data, codes = await ask(kernel, ANONYMOUS, "{ many titles }")
    assert (data["many"], sorted(data["titles"]), codes) == (2, ["ann", "ben"], [])


async def test_a_union_takes_its_member_from_the_row(kernel: Platform) -> None:
    data, codes = await ask(kernel, ANONYMOUS, "{ grown { __typename ... on Apple { weight } ... on Leaf { colour } } }")
    assert (data["grown"], codes) == ([{"__typename": "Apple", "weight": 1}, {"__typename": "Leaf", "colour": "green"}], [])


async def test_a_row_of_no_known_member_is_a_fault_of_ours_that_nobody_is_told(kernel: Platform) -> None:
    assert await ask(kernel, ANONYMOUS, "{ many stone { __typename } }") == ({"many": 0, "stone": None}, ["INTERNAL"])


async def test_a_look_of_staff_is_in_the_ledger_of_each_who_was_shown(kernel: Platform, rows: dict[str, UUID]) -> None:
    viewer = clerk()
    data, codes = await ask(kernel, viewer, "{ desk { title } again: desk { title } }")
    assert (len(data["desk"]), codes) == (2, [])
    expected = [(viewer.id, "clerk", subject, "THINGS_SEEN", ["title"]) for subject in rows.values()]
    assert sorted(await ledger(kernel), key=str) == sorted(expected, key=str), "once each, however often it was asked for"


async def test_a_page_tells_of_the_rows_that_it_shows_and_no_other(kernel: Platform, rows: dict[str, UUID]) -> None:
    await ask(kernel, clerk(), "{ deskPage(first: 1) { edges { node { id title } } pageInfo { hasNextPage } } }")
    [(_, _, subject, action, names)] = await ledger(kernel)
    assert subject in rows.values()
    assert action == "PAGE_SEEN"
    assert {"id", "title"} <= set(names)


async def test_looking_at_my_own_is_no_look_of_staff(kernel: Platform, rows: dict[str, UUID]) -> None:
    await ask(kernel, Viewer(rows["ann"], "s", frozenset({"clerk"})), "{ desk { title } }")
    assert [subject for _, _, subject, *_ in await ledger(kernel)] == [rows["ben"]]


async def test_where_the_ledger_cannot_be_written_nothing_is_shown(
        kernel: Platform, rows: dict[str, UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> Any:
        raise OSError("the disk is full")
    monkeypatch.setattr(kernel.db, "work", away)
    assert await ask(kernel, clerk(), "{ desk { title } }") == (None, ["UNAVAILABLE"])


async def test_who_is_refused_leaves_no_look(kernel: Platform, rows: dict[str, UUID]) -> None:
    assert (await ask(kernel, Viewer(rows["ann"]), "{ desk { title } }"))[1] == ["FORBIDDEN"]
    assert await ledger(kernel) == []


def test_rules_add_up_and_say_themselves() -> None:
    both = MINE | CLERK | role("guard")
    assert str(both) == "clerk | guard | mine"
    assert (str(PUBLIC), str(SIGNED_IN), str(GIVEN)) == ("everybody", "signed in", "with its object")
