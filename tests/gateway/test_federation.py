"""Each noun as a subgraph: what is shown of it, who may follow a reference, and that both public composers take them all."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from graphql import GraphQLObjectType, ObjectTypeDefinitionNode, parse
from tests.clients import Served

from gateway.composition import compose, print_sdl
from gateway.documents import Documents, Operation
from gateway.execution import Gateway
from gateway.federation import subgraph, subgraphs
from haian import fields
from haian.call import Call
from haian.demo import demo_id
from haian.entities import Key
from haian.ids import new_id
from haian.registry import MiniApp, Registry
from haian.rules import GIVEN, PUBLIC
from haian.settings import PROJECT
from haian.viewer import ANONYMOUS, Viewer
from identity import store
from identity.schema import Child
from server import node
from server.apps import registry
from server.supergraph import write

SCALE = PROJECT / "infra" / "scale"
NOUNS = registry()
ENTITIES = "query($all: [_Any!]!) { _entities(representations: $all) { __typename ... on Citizen { maskedName name } " \
           "... on Division { name } ... on Organisation { name } } }"


@pytest.fixture(scope="module")
def identity() -> Gateway:
    return Gateway(subgraph(NOUNS, "identity").schema, Documents([]), NOUNS)


@pytest.fixture(scope="module")
def sdl() -> dict[str, str]:
    return {noun: subgraph(NOUNS, noun).sdl for noun in subgraphs(NOUNS)}


async def ask(gateway: Gateway, served: Served, viewer: Viewer, *representations: Any) -> dict[str, Any]:
    operation = Operation("", "", ENTITIES)
    given: dict[str, Any] = json.loads(await gateway.run(operation, {"all": list(representations)},
                                                         Call(served.platform, viewer)))
    return given


def citizen(who: str) -> dict[str, str]:
    return {"__typename": "Citizen", "id": str(demo_id(f"citizen:{who}"))}


def of(who: str) -> Viewer:
    return Viewer(demo_id(f"citizen:{who}"), str(new_id()))


def test_both_composers_take_all_subgraphs_and_make_the_whole_schema_of_them(tmp_path: Path) -> None:
    """@apollo/composition without a hint, and @theguild/federation-composition."""
    node.install(SCALE)
    write(tmp_path / "subgraphs")
    out = tmp_path / "supergraph.graphql"
    done = subprocess.run([node.program(), "compose.mjs", tmp_path / "subgraphs", out, "http://{name}:8000/graphql"],
                          cwd=SCALE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    supergraph = {d.name.value: {f.name.value for f in d.fields or ()} for d in parse(out.read_text()).definitions
                  if isinstance(d, ObjectTypeDefinitionNode)}
    plain = compose(NOUNS)._schema.type_map.values()
    supergraph["Query"].add("node")  # the plain schema's own: a router refers to objects in its own way
    assert supergraph == {type_.name: set(type_.fields) for type_ in plain
                          if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")}


def test_the_plain_schema_shows_nothing_of_federation() -> None:
    text = print_sdl(compose(NOUNS))
    assert not [word for word in ("@key", "@shareable", "@link", "_entities", "_service", "_Any") if word in text]


def test_a_subgraph_shows_its_own_noun_and_others_by_their_key_alone(sdl: dict[str, str]) -> None:
    assert 'type Division @key(fields: "code", resolvable: false) {\n  code: ID!\n}' in sdl["parking"]
    assert 'type Division @key(fields: "code") {' in sdl["identity"]
    assert "parkingOffer" in sdl["parking"]
    assert not [word for word in ("identityViewer", "healthcare", "Organisation") if word in sdl["parking"]]
    assert all("v2.9" in text for text in sdl.values())


def test_what_the_kernel_gives_to_all_is_shared(sdl: dict[str, str]) -> None:
    assert all("type PageInfo @shareable" in text for text in sdl.values() if "PageInfo" in text)


def test_a_subgraph_answers_its_schema(identity: Gateway) -> None:
    shown = identity.core.query_type
    assert shown is not None
    assert {"_service", "_entities"} < set(shown.fields)


async def test_a_reference_is_followed_by_the_rule_of_its_key(identity: Gateway, shared: Served) -> None:
    """Who I am is mine; whom I don't know by right, I don't know by reference either."""
    mine = await ask(identity, shared, of("resident"), citizen("resident"))
    assert mine["data"]["_entities"][0]["maskedName"]
    for viewer, code in ((of("elder"), "FORBIDDEN"), (ANONYMOUS, "UNAUTHENTICATED")):
        answer = await ask(identity, shared, viewer, citizen("resident"))
        assert (answer["data"]["_entities"], answer["errors"][0]["extensions"]["code"]) == ([None], code)


async def test_one_refused_reference_hides_no_other(identity: Gateway, shared: Served) -> None:
    code = next(row["code"] for row in await Call(shared.platform).rows(store.streets()))
    answer = await ask(identity, shared, of("resident"), citizen("elder"), {"__typename": "Division", "code": code},
                       {"__typename": "Division", "code": "nowhere"}, citizen("resident"))
    hidden, street, nowhere, me = answer["data"]["_entities"]
    assert (hidden, nowhere) == (None, None)
    assert (street["__typename"], me["__typename"]) == ("Division", "Citizen")


@pytest.mark.parametrize("given", [{}, {"__typename": "Citizen"}, {"__typename": "Citizen", "id": 1}, "Citizen",
                                   {"__typename": "ParkingSpace", "id": "1"}, {"__typename": "Citizen", "id": "x"}, [1]])
async def test_a_reference_that_is_none_is_refused(identity: Gateway, shared: Served, given: Any) -> None:
    answer = await ask(identity, shared, of("resident"), given)
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_ARGUMENT"


def test_a_key_without_a_rule_is_no_key() -> None:
    """A type that is given with its object was decided on by a field; a reference passes no field."""
    with pytest.raises(TypeError, match="nobody led to the object"):
        fields.object_type(allow=GIVEN, key=Key("id", store.citizen))(type("Given", (), {"__annotations__": {"id": str}}))


def test_a_reference_to_a_type_without_a_key_is_not_served() -> None:
    @strawberry.type
    class Query:
        @fields.field(allow=PUBLIC)
        def parking_children(self) -> list[Child]:
            return store.children("")

    parking = MiniApp("parking")
    parking.__dict__["schema"] = SimpleNamespace(Query=Query)
    with pytest.raises(LookupError, match="Child of identity, which has no key"):
        subgraph(Registry([MiniApp("identity"), parking]), "parking")


def test_an_unknown_noun_has_no_subgraph() -> None:
    with pytest.raises(KeyError):
        subgraph(NOUNS, "nothing")
