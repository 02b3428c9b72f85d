"""An answer in parts is the answer: put together, in either form, it is what comes in one piece."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from tests.clients import Served
from tests.gateway.test_permissions import viewers

from gateway.composition import compose
from gateway.documents import Documents, Operation
from gateway.execution import Gateway
from gateway.incremental import Form
from haian.call import Call
from server.apps import registry

GATEWAY = Gateway(compose(registry()), Documents.load(), registry())
QUERIES = [
    '{ __typename ... @defer { identityStreets { code } } }',
    '{ identityStreets { code ... @defer(label: "n") { name } } }',
    '{ healthcareHospitals { id ... @defer(label: "a") { name departments { id ... @defer(label: "b") { name } } } } }',
    '{ healthcareHospitals { ...A @defer(label: "x") ...B @defer(label: "y") } }'
    ' fragment A on HealthcareHospital { id name } fragment B on HealthcareHospital { id grade departments { name } }',
    "{ identityStreets @stream(initialCount: 2) { code name } }",
    "{ identityStreets @stream(initialCount: 0) { code ... @defer { name } } }",
    "{ ... @defer { identityStreets @stream(initialCount: 3) { code } } }",
    "{ healthcareHospitals @stream(initialCount: 1) { departments @stream(initialCount: 1) { name } } }",
    "{ ... @defer(if: false) { identityStreets { code } } identityStreets @stream(if: false) { name } }",
    "{ ... @defer { parkingDeskSpaces { edges { node { id } } } } messagesUnread }",
    "{ ... @defer { identityDevices { id } } ... @defer { identityStreets { code } } }",
]


def below(data: Any, path: list[Any]) -> Any:
    for key in path:
        data = data[key]
    return data


def merge(into: Any, more: Any) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        elif isinstance(value, list) and isinstance(into.get(key), list):
            for one, other in zip(into[key], value, strict=False):
                merge(one, other)
        else:
            into[key] = value


def together(parts: list[Any], form: Form) -> tuple[Any, set[str]]:
    """The whole answer as a client makes it of the parts, and the codes of its errors."""
    first, *later = parts
    data, errors, pending = first["data"], list(first.get("errors", ())), {p["id"]: p for p in first.get("pending", ())}
    for part in later:
        pending |= {p["id"]: p for p in part.get("pending", ())}
        for each in part.get("incremental", ()):
            errors += each.get("errors", ())
            at = each["path"] if form is Form.V2022 else [*pending[each["id"]]["path"], *each.get("subPath", ())]
            if each.get("items") is not None:
                items = below(data, at[:-1] if form is Form.V2022 else at)
                assert form is Form.V0_2 or at[-1] == len(items)
                items += each["items"]
            elif each.get("data") is not None:
                merge(below(data, at), each["data"])
        errors += [error for each in part.get("completed", ()) for error in each.get("errors", ())]
    assert [part.get("hasNext", False) for part in parts] == [True] * len(later) + [False]
    return data, {error["extensions"]["code"] for error in errors}


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
async def test_the_parts_are_the_whole(shared: Served, query: str, form: Form) -> None:
    operation = Operation("", "", query)
    for who in ("nobody", "resident", "clerk"):
        viewer = (await viewers(shared))[who]
        whole = orjson.loads(await GATEWAY.run(operation, {}, Call(shared.platform, viewer)))
        found = [orjson.loads(part) async for part in GATEWAY.parts(operation, {}, Call(shared.platform, viewer), form)]
        data, codes = together(found, form)
        expected = {error["extensions"]["code"] for error in whole.get("errors", ())}
        if expected:
            assert codes == expected
        else:
            assert (data, codes) == (whole["data"], set())


def test_what_is_in_one_piece_has_no_trace_of_the_parts() -> None:
    for query in QUERIES:
        operation = Operation("", "", query)
        assert operation.is_incremental
        assert "@defer" not in operation.plain.body and "@stream" not in operation.plain.body
        assert operation.plain.plain is operation.plain
    plain = Operation("", "", "{ __typename @include(if: true) }")
    assert plain.plain is plain and not plain.is_incremental


async def test_staff_who_see_something_later_are_in_the_ledger_before_it_leaves(served: Served) -> None:
    """A part is like an answer: its looks are written first."""
    viewer = (await viewers(served))["clerk"]
    query = "{ __typename ... @defer { parkingDeskSpaces { edges { node { id owner { name } } } } } }"
    call, before = Call(served.platform, viewer), await looks(served)
    parts = GATEWAY.parts(Operation("", "", query), {}, call, Form.V0_2)
    first = orjson.loads(await anext(parts))
    assert (first["data"], await looks(served)) == ({"__typename": "Query"}, before)
    later = orjson.loads(await anext(parts))
    assert later["incremental"][0]["data"]["parkingDeskSpaces"]["edges"]
    assert await looks(served) > before
    await parts.aclose()  # type: ignore[attr-defined]


async def looks(served: Served) -> int:
    return int((await served.platform.db.fetch("SELECT count(*) FROM haian.audit WHERE action = 'SPACE_OWNER_SEEN'"))[0][0])
