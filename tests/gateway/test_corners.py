"""The corners of compiled plans: each document is executed both ways, and both give what is expected."""

from __future__ import annotations

from collections.abc import Awaitable
from enum import Enum
from functools import cache
from itertools import product
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
import strawberry
from graphql import experimental_execute_incrementally
from strawberry import ID, Info, Private
from tests.gateway.equal import both

from gateway import plans
from gateway.composition import compose
from gateway.documents import Documents, Operation
from gateway.execution import Gateway
from haian import fields
from haian.call import Call, Look, Platform
from haian.errors import NotFound
from haian.fields import Audit, Connection
from haian.reads import keyset, sql
from haian.registry import Registry
from haian.rules import GIVEN, PUBLIC, role, when
from haian.viewer import ANONYMOUS, Viewer

OWNER = uuid4()
HOLE = '{"!":0}'


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@sql
def leaves(many: int) -> Any:
    """SELECT n AS id, CASE WHEN n = 2 THEN NULL ELSE 'leaf ' || n END AS name, CASE n WHEN 3 THEN 'red' END AS colour,
              '{{}}' AS note, 9 * n AS weight FROM generate_series(1, {many}) n ORDER BY n"""


@keyset("id int4", descending=True)
def pages(many: int) -> Any:
    """SELECT n AS id, 'leaf ' || n AS name, 'red' AS colour, '{{}}' AS note, 9 * n AS weight
       FROM generate_series(1, {many}) n"""


@sql
def leaf(id: int) -> Any:
    "SELECT {id} AS id, 'leaf' AS name, 'blue' AS colour, '{{\"!\":0}}' AS note, 1 AS weight WHERE {id} < 100"


@sql
def doubled(weight: int) -> Any:
    "{weight} * 2"


@sql
def is_light(weight: int) -> Any:
    "{weight} < 20"


@sql
def things(kind: str) -> Any:
    "SELECT {kind} AS typename, 1 AS size"


@sql
def numbers() -> Any:
    "SELECT n FROM unnest(ARRAY[3, 1, NULL, 2]) n"


LIGHT = when("light", lambda leaf: is_light(leaf.weight))


@fields.object_type(allow=GIVEN)
class Note:
    text: str

    @fields.field()
    def length(self) -> int:
        return len(self.text)

    @fields.field()
    def fails(self) -> int:
        raise NotFound


@fields.object_type(allow=PUBLIC)
class Twig:
    id: ID
    name: str
    colour: Colour | None
    note: str
    weight: Private[int]
    secret: int | None = fields.field(lambda self: doubled(self.weight), allow=LIGHT)
    strict: int = fields.field(lambda self: doubled(self.weight), allow=LIGHT | role("gardener"))

    @fields.field()
    def heavy(self) -> bool:
        return self.weight > 10

    @fields.field(allow=LIGHT)
    def notes(self, info: Info[Call, None], many: int = 2) -> list[Note]:
        return [Note(text=f"{info.context.viewer.locale} {self.name}")] * many

    @fields.field()
    def next(self, id: int) -> Twig | None:
        return leaf(id)

    @fields.field()
    def must(self, id: int = 200) -> Twig:
        return leaf(id)

    @fields.field()
    def below(self, first: int = 2, after: str | None = None) -> Connection[Twig]:
        return pages(self.weight, first=first, after=after)


@fields.object_type(allow=GIVEN)
class Owned:
    name: str
    owner: Private[UUID]


@fields.object_type(allow=PUBLIC)
class Big:
    size: int


@fields.object_type(allow=PUBLIC)
class Huge:
    size: int
    height: int


Thing = Annotated[Big | Huge, strawberry.union("Thing")]


@strawberry.type
class Query:
    @fields.field(allow=PUBLIC)
    def twigs(self, many: int = 3) -> list[Twig]:
        return leaves(many)

    @fields.field(allow=PUBLIC)
    def perhaps(self, many: int = 3) -> list[Twig | None] | None:
        return leaves(many)

    @fields.field(allow=PUBLIC)
    def twig(self, id: int) -> Twig | None:
        return leaf(id)

    @fields.field(allow=PUBLIC)
    def page(self, many: int = 5, first: int = 2, after: str | None = None) -> Connection[Twig]:
        return pages(many, first=first, after=after)

    @fields.field(allow=PUBLIC)
    def thing(self, kind: str) -> Thing | None:
        return things(kind)

    @fields.field(allow=PUBLIC)
    def numbers(self) -> list[int | None]:
        return numbers()

    @fields.field(allow=PUBLIC)
    def product(self, weight: int) -> int | None:
        return doubled(weight)

    @fields.field(allow=role("gardener"), audit=Audit("SEEN", subject="owner"))
    async def watched(self) -> list[Owned]:
        return [Owned(name="leaf 1", owner=OWNER), Owned(name="leaf 3", owner=OWNER)]

    @fields.field(allow=PUBLIC)
    async def slow(self, text: str) -> Note:
        return Note(text=text)


PLANTED = SimpleNamespace(noun="garden", schema=SimpleNamespace(Query=Query), live=None, providers=None)
GATEWAY = Gateway(compose(Registry([PLANTED])), Documents([]), Registry([]))  # type: ignore[list-item]
GARDENER = Viewer(uuid4(), "s", frozenset({"gardener"}))


async def ask(platform: Platform, query: str, viewer: Viewer = ANONYMOUS, refusable: bool = False,
              **variables: Any) -> tuple[Any, list[Any]]:
    """The data, and code and path of each error, the same both ways."""
    answer = await both(GATEWAY, platform, viewer, operation(query), variables, refusable)
    errors = [(error["extensions"]["code"], *error.get("path", ())) for error in answer.get("errors", ())]
    return answer["data"], sorted(errors, key=str)


@cache
def operation(query: str) -> Operation:
    return Operation("", "", query)


def is_compiled(query: str) -> bool:
    return not GATEWAY.plans.prepare(operation(query)).is_plain


async def test_a_text_that_looks_like_a_hole_is_a_text(kernel: Platform) -> None:
    assert await ask(kernel, "{ twig(id: 1) { note } }") == ({"twig": {"note": HOLE}}, [])


async def test_a_null_where_none_may_be_takes_the_nearest_that_may(kernel: Platform) -> None:
    assert await ask(kernel, "{ twigs { name } }") == (None, [("INTERNAL", "twigs", 1, "name")])
    data, errors = await ask(kernel, "{ perhaps { id name } page { edges { node { id } } } }")
    assert data["perhaps"] == [{"id": "1", "name": "leaf 1"}, None, {"id": "3", "name": "leaf 3"}]
    assert errors == [("INTERNAL", "perhaps", 1, "name")]
    assert [edge["node"]["id"] for edge in data["page"]["edges"]] == ["5", "4"]


async def test_a_row_that_must_be_there_is_not_found(kernel: Platform) -> None:
    assert await ask(kernel, "{ twig(id: 1) { id must { id } } }") == ({"twig": None}, [("NOT_FOUND", "twig", "must")])
    assert (await ask(kernel, "{ twig(id: 1) { must(id: 7) { id } } }"))[0] == {"twig": {"must": {"id": "7"}}}


async def test_a_denied_field_is_null_for_that_row_alone(kernel: Platform) -> None:
    data, errors = await ask(kernel, "{ perhaps { id secret } }")
    assert [twig["secret"] for twig in data["perhaps"]] == [18, 36, None]
    assert errors == [("UNAUTHENTICATED", "perhaps", 2, "secret")]
    assert (await ask(kernel, "{ perhaps { strict } }"))[0]["perhaps"] == [{"strict": 18}, {"strict": 36}, None]
    assert (await ask(kernel, "{ perhaps { strict } }", GARDENER))[0]["perhaps"][2] == {"strict": 54}


async def test_python_answers_from_the_row_what_no_statement_can(kernel: Platform) -> None:
    data, errors = await ask(kernel, "{ perhaps { heavy id notes { length } } }")
    assert data["perhaps"][0] == {"heavy": False, "id": "1", "notes": [{"length": 9}] * 2}
    assert data["perhaps"][2] is None
    assert errors == [("UNAUTHENTICATED", "perhaps", 2, "notes")]
    data, errors = await ask(kernel, "{ twig(id: 1) { notes(many: 1) { text fails } } slow(text: \"x\") { length } }")
    assert (data["twig"], errors) == (None, [("NOT_FOUND", "twig", "notes", 0, "fails")])
    assert data["slow"] == {"length": 1}


async def test_a_look_at_what_python_answers_is_noted(kernel: Platform) -> None:
    gardener = Call(kernel, GARDENER)
    outcome = await GATEWAY.plans.run(operation("{ watched { name } }"), {}, gardener)
    plain = Call(kernel, GARDENER)
    running = experimental_execute_incrementally(
        GATEWAY.incremental, operation("{ watched { name } }").document, context_value=plain)
    assert isinstance(running, Awaitable)
    await running
    assert outcome.data == {"watched": [{"name": "leaf 1"}, {"name": "leaf 3"}]}
    assert list(gardener.looks) == list(plain.looks) == [Look("SEEN", "gardener", OWNER, ("name",))]


async def test_pages_are_in_order_and_know_their_ends(kernel: Platform) -> None:
    query = """query($after: String, $first: Int = 2) { page(first: $first, after: $after) {
        __typename pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } } }"""
    seen: list[str] = []
    after = None
    for number in range(3):
        page = (await ask(kernel, query, after=after))[0]["page"]
        info, edges = page["pageInfo"], page["edges"]
        assert (info["hasNextPage"], info["hasPreviousPage"]) == (number < 2, number > 0)
        assert (info["startCursor"], info["endCursor"]) == (edges[0]["cursor"], edges[-1]["cursor"])
        seen += [edge["node"]["id"] for edge in edges]
        after = info["endCursor"]
    assert seen == ["5", "4", "3", "2", "1"]
    assert (await ask(kernel, query, after="garbage"))[1] == [("INVALID_CURSOR", "page")]
    assert (await ask(kernel, query, first=101))[1] == [("INVALID_ARGUMENT", "page")]
    empty = (await ask(kernel, "{ page(many: 0) { edges { node { id } } pageInfo { endCursor hasNextPage } } }"))[0]["page"]
    assert empty == {"edges": [], "pageInfo": {"endCursor": None, "hasNextPage": False}}


@pytest.mark.parametrize("many", [0, 5])
async def test_of_a_page_may_be_asked_what_no_row_of_it_tells(kernel: Platform, many: int) -> None:
    data, errors = await ask(kernel, f"{{ page(many: {many}) {{ __typename pageInfo {{ hasPreviousPage }} }} }}")
    assert (data["page"], errors) == ({"__typename": "TwigConnection", "pageInfo": {"hasPreviousPage": False}}, [])


async def test_a_page_below_a_row_has_arguments_of_its_own(kernel: Platform) -> None:
    query = "query($n: Int!, $a: String) { perhaps { id below(first: $n, after: $a) { edges { node { id } } } } }"
    data, errors = await ask(kernel, query, n=1)
    assert ([twig["below"]["edges"][0]["node"]["id"] for twig in data["perhaps"]], errors) == (["9", "18", "27"], [])
    data, errors = await ask(kernel, query, n=-1)
    assert (data["perhaps"], len(errors)) == ([None] * 3, 3)
    assert {code for code, *_ in errors} == {"INVALID_ARGUMENT"}


async def test_switches_fragments_and_aliases_select_as_graphql_says(kernel: Platform) -> None:
    query = """query($yes: Boolean!, $no: Boolean = false) {
        b: twig(id: 1) { ...F } a: twig(id: 2) { ...F id @skip(if: $yes) colour }
        ... on Query @include(if: $no) { numbers } twig(id: 1) @skip(if: $no) { id } twig(id: 1) { name } }
        fragment F on Twig { __typename x: name @include(if: $yes) ... @skip(if: true) { note } }"""
    data, errors = await ask(kernel, query, yes=True)
    assert errors == []
    assert data == {"b": {"__typename": "Twig", "x": "leaf"}, "a": {"__typename": "Twig", "x": "leaf", "colour": "BLUE"},
                    "twig": {"id": "1", "name": "leaf"}}
    assert list(data) == ["b", "a", "twig"]
    assert "numbers" in (await ask(kernel, query, yes=False, no=True))[0]


async def test_a_null_is_no_switch(kernel: Platform) -> None:
    query = "query($yes: Boolean = true) { numbers @include(if: $yes) twig(id: 1) { id @skip(if: $yes) name } }"
    assert await ask(kernel, query, yes=None) == (None, [("GRAPHQL_INVALID",)])
    assert (await ask(kernel, query))[0] == {"numbers": [3, 1, None, 2], "twig": {"name": "leaf"}}
    assert is_compiled(query)


async def test_only_so_many_kinds_of_plans_are_kept(kernel: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "KEPT_WALKS", 3)
    monkeypatch.setattr(plans, "KEPT_PLANS", 2)
    query = """query($a: Boolean!, $b: Boolean!, $n: Int!, $x: String) {
        numbers @skip(if: $a) twig(id: 1) @skip(if: $b) { id }
        page(first: $n, after: $x) { edges { cursor node { id } } } }"""
    for _ in range(2):
        for a, b in product([False, True], repeat=2):
            first = (await ask(kernel, query, a=a, b=b, n=2))[0]["page"]["edges"]
            again = (await ask(kernel, query, a=a, b=b, n=1, x=first[0]["cursor"]))[0]["page"]["edges"]
            assert again == first[1:]
            assert (await ask(kernel, query, a=a, b=b, n=-1))[1] == [("INVALID_ARGUMENT", "page")]
    walks = GATEWAY.plans.prepare(operation(query)).walks
    assert len(walks) == 3
    assert {len(walk.plans) for walk in walks.values()} == {2}


async def test_a_union_shows_the_member_that_its_row_names(kernel: Platform) -> None:
    query = "query($k: String!) { thing(kind: $k) { __typename ... on Big { size } ... on Huge { size height } } }"
    assert (await ask(kernel, query, k="Big"))[0] == {"thing": {"__typename": "Big", "size": 1}}
    assert await ask(kernel, query, k="Huge") == ({"thing": None}, [("INTERNAL", "thing")])
    assert await ask(kernel, query, k="Stone") == ({"thing": None}, [("INTERNAL", "thing")])


async def test_more_than_fifty_keys_are_one_object_in_order(kernel: Platform) -> None:
    keys = [f"k{i}" for i in range(120)]
    data, errors = await ask(kernel, f"{{ twig(id: 1) {{ {' '.join(f'{key}: note' for key in keys)} }} }}")
    assert (list(data["twig"]), set(data["twig"].values()), errors) == (keys, {HOLE}, [])


async def test_lists_of_values_keep_their_order_and_their_nulls(kernel: Platform) -> None:
    assert await ask(kernel, "{ numbers }") == ({"numbers": [3, 1, None, 2]}, [])


async def test_a_number_too_large_for_graphql_is_an_error_of_its_field(kernel: Platform) -> None:
    query = "{ product(weight: 2000000000) numbers }"
    data, errors = await ask(kernel, query, refusable=True)
    assert data == {"product": None, "numbers": [3, 1, None, 2]}
    assert errors == [("GRAPHQL_INVALID", "product")]


async def test_variables_that_do_not_fit_execute_nothing(kernel: Platform) -> None:
    data, errors = await ask(kernel, "query($id: Int!) { twig(id: $id) { id } }", id="one")
    assert (data, errors) == (None, [("GRAPHQL_INVALID",)])


@pytest.mark.parametrize("query", [
    "{ perhaps { id name colour secret next(id: 4) { id } below { edges { node { id } } } } }",
    "{ page { edges { node { heavy notes { text length } } } } thing(kind: \"Big\") { __typename } numbers }"])
async def test_what_is_declared_is_compiled(kernel: Platform, query: str) -> None:
    await ask(kernel, query)
    assert is_compiled(query)


async def test_introspection_is_left_to_plain_execution(kernel: Platform) -> None:
    query = "{ __typename __schema { queryType { name } } }"
    assert (await ask(kernel, query))[0] == {"__typename": "Query", "__schema": {"queryType": {"name": "Query"}}}
    assert not is_compiled(query)


async def test_a_plan_is_one_statement(kernel: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """One snapshot: all of an answer is from one moment."""
    query, asked = "{ perhaps { id next(id: 4) { id } } page { edges { node { id } } } numbers }", []
    await ask(kernel, query)

    async def fetch(statement: str, *values: Any) -> Any:
        asked.append(statement)
        return await original(statement, *values)
    original = kernel.db.fetch
    monkeypatch.setattr(kernel.db, "fetch", fetch)
    await GATEWAY.run(operation(query), {}, Call(kernel, ANONYMOUS))
    assert len(asked) == 1


