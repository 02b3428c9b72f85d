"""Every place where a citizen's id may stand in a schema: a mini-app reads and says its own names there, both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import strawberry
from strawberry import Info
from tests.clients import Served
from tests.gateway.equal import both

from gateway.composition import made_of
from gateway.documents import Documents, Operation
from gateway.execution import Gateway
from gateway.federation import Root
from gateway.incremental import Form
from gateway.nodes import nodes
from haian import fields
from haian.call import Call
from haian.citizens import NOBODY, CitizenId
from haian.entities import ENTITIES, Key
from haian.reads import sql
from haian.registry import Registry
from haian.rules import GIVEN, PUBLIC
from haian.viewer import Client, Viewer

ONE, OTHER = str(UUID(int=1)), str(UUID(int=2))


@sql
def pair(one: UUID) -> Any:
    "SELECT {one} AS id, '00000000-0000-0000-0000-000000000002'::uuid AS other, NULL::uuid AS third"


@sql
def both_of(one: UUID) -> Any:
    "SELECT id FROM unnest(ARRAY[{one}, NULL]) id"


@sql
def same(one: UUID) -> Any:
    "{one}"


@sql
def text(given: str) -> Any:
    "{given}"


@strawberry.input
class Named:
    whom: CitizenId
    more: list[CitizenId] | None = None


@fields.object_type(allow=GIVEN)
class Made:
    id: CitizenId


@fields.object_type(allow=GIVEN)
class Pair:
    id: CitizenId
    other: CitizenId | None
    third: CitizenId | None

    @fields.field()
    def again(self) -> CitizenId:
        return same(self.id)

    @fields.field()
    async def told(self) -> list[CitizenId | None]:
        """Only Python knows it."""
        return [self.id, None]

    @fields.field()
    def made(self) -> Made:
        """Python knows it at once."""
        return Made(id=CitizenId(str(self.id)))


@strawberry.type
class Query:
    @fields.field(allow=PUBLIC)
    def pair(self, one: CitizenId) -> Pair | None:
        return pair(one)

    @fields.field(allow=PUBLIC)
    def several(self, one: CitizenId) -> list[CitizenId | None]:
        return both_of(one)

    @fields.field(allow=PUBLIC)
    def said(self, named: Named, each: list[CitizenId]) -> str:
        return text(" ".join([named.whom, *(named.more or ()), *each]))


@strawberry.type
class Mutation:
    @fields.mutation(allow=PUBLIC, unagreed=True)
    async def change(self, info: Info[Call, None], one: CitizenId) -> CitizenId:
        return one

    @fields.mutation(allow=PUBLIC, unagreed=True)
    async def make(self, info: Info[Call, None], one: CitizenId) -> Made:
        return Made(id=one)


@strawberry.type
class Subscription:
    @fields.subscription(allow=PUBLIC)
    async def heard(self, one: CitizenId) -> AsyncIterator[Pair]:
        yield Pair(id=one, other=CitizenId(OTHER), third=None)


class Places:
    """A noun's module."""

    Query, Mutation, Subscription = Query, Mutation, Subscription


REFERENCES: dict[type, Key] = {Pair: Key("id", pair, PUBLIC)}
GATEWAY = Gateway(made_of([Places, Root(REFERENCES, [])]), Documents([]), Registry([]))
EVERYWHERE = "query($one: CitizenId!) { pair(one: $one) { id other third again told made { id } } several(one: $one) }"
SAID = "query($one: CitizenId!) { said(named: {whom: $one, more: [$one]}, each: [$one]) }"
REFERENCE = "query($of: [_Any!]!) { _entities(representations: $of) { ... on Pair { other } } }"


def mini_app() -> Viewer:
    return Viewer(uuid4(), "session", scopes=frozenset(), client=Client(uuid4(), None))


def name_of(served: Served, viewer: Viewer, citizen: str) -> str:
    assert viewer.client
    return str(served.platform.services["names"].of(citizen, str(viewer.client.id)))


async def asked(served: Served, viewer: Viewer, query: str, **variables: Any) -> Any:
    operation = Operation("", "", query)
    if query.startswith("mutation"):
        answer = orjson.loads(await GATEWAY.run(operation, variables, Call(served.platform, viewer)))
        plain = orjson.loads(await GATEWAY.run_plainly(operation, variables, Call(served.platform, viewer)))
        assert answer == plain
    else:
        answer = await both(GATEWAY, served.platform, viewer, operation, variables)
    assert "errors" not in answer, answer
    return answer["data"]


async def test_everybody_else_reads_and_says_ids(shared: Served) -> None:
    viewer = Viewer(uuid4(), "session")
    assert await asked(shared, viewer, EVERYWHERE, one=ONE) == {
        "pair": {"id": ONE, "other": OTHER, "third": None, "again": ONE, "told": [ONE, None],
                 "made": {"id": ONE}}, "several": [ONE, None]}
    assert await asked(shared, viewer, SAID, one=ONE) == {"said": f"{ONE} {ONE} {ONE}"}


async def test_a_mini_app_reads_and_says_its_own_names(shared: Served) -> None:
    """One plan serves all mini-apps with the same scopes: their names are filled in afterwards."""
    for viewer in (mini_app(), mini_app()):
        one, other = (name_of(shared, viewer, citizen) for citizen in (ONE, OTHER))
        assert await asked(shared, viewer, EVERYWHERE, one=one) == {
            "pair": {"id": one, "other": other, "third": None, "again": one, "told": [one, None],
                     "made": {"id": one}}, "several": [one, None]}
        assert await asked(shared, viewer, SAID, one=one) == {"said": f"{ONE} {ONE} {ONE}"}
        assert await asked(shared, viewer, "mutation($one: CitizenId!) { change(one: $one) make(one: $one) { id } }",
                           one=one) == {"change": one, "make": {"id": one}}
        reference = [{"__typename": "Pair", "id": one}]
        assert await asked(shared, viewer, REFERENCE, of=reference) == {"_entities": [{"other": other}]}


async def test_events_and_what_comes_later_say_the_names_of_who_hears_them(shared: Served) -> None:
    for viewer in (mini_app(), mini_app(), Viewer(uuid4(), "session")):
        one, other = ((ONE, OTHER) if viewer.client is None else
                      tuple(name_of(shared, viewer, citizen) for citizen in (ONE, OTHER)))
        call = Call(shared.platform, viewer)
        heard = Operation("", "", "subscription($one: CitizenId!) { heard(one: $one) { id other } }")
        assert [orjson.loads(each) async for each in GATEWAY.stream(heard, {"one": one}, call)] == [
            {"data": {"heard": {"id": one, "other": other}}}]
        late = Operation("", "", "query($one: CitizenId!) { pair(one: $one) { id ... @defer { again } } }")
        first, then = [orjson.loads(each) async for each in GATEWAY.parts(late, {"one": one}, call, Form.V2022)]
        assert (first["data"], then["incremental"][0]["data"]) == ({"pair": {"id": one}}, {"again": one})


def test_a_name_is_no_id_of_a_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENTITIES, Pair, REFERENCES[Pair])
    assert nodes() and Pair not in dict(nodes())


async def test_what_stands_in_a_document_is_a_name_as_well(shared: Served) -> None:
    """And another's in the same document is not kept from who asked first."""
    first, second = mini_app(), mini_app()
    query = f'{{ said(named: {{whom: "{name_of(shared, first, ONE)}"}}, each: "{ONE}") }}'
    assert await asked(shared, first, query) == {"said": f"{ONE} {NOBODY}"}
    assert await asked(shared, second, query) == {"said": f"{NOBODY} {NOBODY}"}
    assert await asked(shared, Viewer(), query) == {"said": f"{name_of(shared, first, ONE)} {ONE}"}


async def test_nobody_else_pays_for_it(shared: Served) -> None:
    """Their plans leave no hole for a citizen; those of mini-apps do."""
    gateway, operation = Gateway(GATEWAY.schema, Documents([]), Registry([])), Operation("", "", EVERYWHERE)
    for viewer, one, many in ((Viewer(uuid4(), "session"), ONE, 0), (mini_app(), "", 5)):
        await gateway.run(operation, {"one": one}, Call(shared.platform, viewer))
        walk = list(gateway.plans.prepare(operation.plain).walks.values())[-1]
        assert [sum(hole.citizen is not None for hole in plan.holes) for plan in walk.plans.values()] == [many]
