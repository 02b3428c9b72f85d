"""Compiled plans give what plain execution of the same declaration gives: data in the same order, and errors."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLNonNull, OperationType, TypeInfo, TypeInfoVisitor, Visitor, parse, print_ast, validate, visit
from graphql.language import StringValueNode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries
from tests.clients import Served
from tests.gateway.equal import Stopped, both
from tests.gateway.test_permissions import GATEWAY, viewers

from gateway.documents import Operation
from haian.call import Call
from haian.viewer import Viewer

QUERIES = [o for o in GATEWAY.documents.by_name.values() if o.type is OperationType.QUERY]
GIVEN = {"first": 3, "day": "2027-03-02", "startsAt": "2027-03-02T09:00:00+08:00", "endsAt": "2027-03-02T10:00:00+08:00",
         "community": "370211005001", "street": "370211005", "text": "医院"}


async def ids(served: Served, noun: str) -> list[str]:
    """Two ids of each table of a noun."""
    tables = await served.platform.db.fetch("""SELECT table_name FROM information_schema.columns
        WHERE table_schema = $1 AND column_name = 'id' AND data_type = 'uuid' ORDER BY table_name""", noun)
    found = [await served.platform.db.fetch(f'SELECT id FROM "{noun}"."{table}" ORDER BY id LIMIT 2') for table, in tables]
    return [str(row[0]) for rows in found for row in rows]


def asked(operation: Operation, known: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Variables for an operation: with each of the known ids, where it takes one."""
    names = {definition.variable.name.value for definition in operation.node.variable_definitions or ()}
    given = {name: value for name, value in GIVEN.items() if name in names}
    takes = names & {"id", "pupil", "schedule"}
    yield from ([given | dict.fromkeys(takes, id_) for id_ in [*known, "no id"]] if takes else [given])


@pytest.mark.parametrize("who", ["nobody", "resident", "guard", "registrar", "teacher", "clerk"])
async def test_every_trusted_query_is_compiled_and_gives_what_plain_execution_gives(shared: Served, who: str) -> None:
    viewer = (await viewers(shared))[who]
    for operation in QUERIES:
        for variables in asked(operation, await ids(shared, noun_of(operation))):
            await both(GATEWAY, shared.platform, viewer, operation, variables)
        assert not GATEWAY.plans.prepare(operation).is_plain, f"{operation.name} is not compiled"


async def test_those_who_ask_together_get_what_each_alone_gets(shared: Served) -> None:
    """At one moment, since some tell the time."""
    known, platform = await viewers(shared), replace(shared.platform, clock=Stopped(shared.platform.clock.now()))
    for operation in QUERIES:
        calls = [(variables, known[who]) for variables in list(asked(operation, await ids(shared, noun_of(operation))))[:3]
                 for who in ("resident", "elder", "parent", "nobody")]

        async def run(variables: dict[str, Any], viewer: Viewer, operation: Operation = operation) -> bytes:
            return await GATEWAY.run(operation, variables, Call(platform, viewer))
        alone = [await run(*call) for call in calls]
        assert await asyncio.gather(*(run(*call) for call in calls)) == alone, operation.name


def noun_of(operation: Operation) -> str:
    """The noun by which an operation's name begins."""
    nouns = [app.noun for app in GATEWAY.registry.apps]
    return next((noun for noun in nouns if operation.name.lower().startswith(noun)), "identity")


async def test_pages_follow_one_another_the_same_way(shared: Served) -> None:
    viewer = (await viewers(shared))["resident"]
    operation, pages = GATEWAY.documents.by_name["MessagesNews"], 0
    after = None
    while pages == 0 or after:
        answer = await both(GATEWAY, shared.platform, viewer, operation, {"first": 2, "after": after})
        page = answer["data"]["messagesNews"]
        after = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None
        pages += 1
    assert pages > 1
    for variables, code in (({"after": "no cursor"}, "INVALID_CURSOR"), ({"first": -1}, "INVALID_ARGUMENT")):
        refused = await both(GATEWAY, shared.platform, viewer, operation, variables)
        assert refused["errors"][0]["extensions"]["code"] == code


async def test_no_column_holds_a_number_that_json_cannot_spell(shared: Served) -> None:
    """NaN and Infinity would be texts in an answer of PostgreSQL: a column that could hold one needs a CHECK."""
    nouns = [app.noun for app in GATEWAY.registry.apps]
    assert not await shared.platform.db.fetch("""SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = ANY ($1::text[]) AND data_type IN ('real', 'double precision', 'numeric')""", nouns)


SCALARS = {"CitizenId": st.uuids().map(lambda id_: nodes.String(str(id_))),
           "DateTime": st.sampled_from(["2027-03-02T09:00:00+08:00", "2027-03-02T10:00:00+08:00"]).map(nodes.String),
           "Date": st.sampled_from(["2027-03-01", "2027-03-02", "1999-01-01"]).map(nodes.String)}
DOCUMENTS = queries(GATEWAY.core, custom_scalars=SCALARS, allow_x00=False)


class Known(Visitor):
    """Puts ids that exist where a document has some, and pages of a size that is allowed: else little would be found."""

    def __init__(self, info: TypeInfo, known: Sequence[str], draw: Any) -> None:
        super().__init__()
        self.info, self.known, self.draw = info, known, draw

    def enter_string_value(self, node: StringValueNode, *_: Any) -> Any:
        type_ = self.info.get_input_type()
        name = getattr(type_.of_type if isinstance(type_, GraphQLNonNull) else type_, "name", "")
        return nodes.String(self.draw(st.sampled_from(self.known))) if name == "ID" and self.draw(st.booleans()) else None

    def enter_int_value(self, *_: Any) -> Any:
        return nodes.Int(self.draw(st.integers(0, 4)))


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_any_document_gives_what_plain_execution_gives(shared: Served, data: st.DataObject) -> None:
    """Documents made from the schema alone, asked by anybody, with ids that exist and that do not."""
    found = await viewers(shared)
    viewer = found[data.draw(st.sampled_from(sorted(found)))]
    known = ["370211005", "370211005001"]
    for noun in ("healthcare", "parking", "education", "identity"):
        known += await ids(shared, noun)
    document, info = parse(data.draw(DOCUMENTS)), TypeInfo(GATEWAY.core)
    document = visit(document, TypeInfoVisitor(info, Known(info, known, data.draw)))
    if not validate(GATEWAY.core, document):
        await both(GATEWAY, shared.platform, viewer, Operation("", "", print_ast(document)), {})
