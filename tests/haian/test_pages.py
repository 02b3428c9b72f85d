"""Pages of a keyset, forwards and backwards (Relay Cursor Connections), by plan and plainly."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from tests.clients import Served

from gateway.composition import compose
from gateway.documents import Documents, Operation
from gateway.execution import Gateway
from haian.call import Call
from haian.reads import encode_cursor
from server.apps import registry

GATEWAY = Gateway(compose(registry()), Documents.load(), registry())
PAGE = "{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"




async def asked(shared: Served, arguments: str) -> Any:
    """A page, the same by plan and plainly; or the code of its refusal."""
    operation, call = Operation("", "", f"{{ page: messagesNews{arguments} {PAGE} }}"), Call(shared.platform)
    answers = [orjson.loads(await run(operation, {}, call)) for run in (GATEWAY.run, GATEWAY.run_plainly)]
    assert answers[0] == answers[1]
    errors = answers[0].get("errors")
    return errors[0]["extensions"]["code"] if errors else answers[0]["data"]["page"]


def ids(page: Any) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


async def all_of(shared: Served) -> list[Any]:
    whole = await asked(shared, "(first: 100)")
    assert len(whole["edges"]) >= 5 and not whole["pageInfo"]["hasNextPage"]
    return list(whole["edges"])


async def test_forwards_and_backwards_show_the_same_in_the_same_order(shared: Served) -> None:
    edges = await all_of(shared)
    for size in (1, 2, len(edges)):
        forwards: list[str] = []
        page: Any = {"pageInfo": {"endCursor": None, "hasNextPage": True}}
        while page["pageInfo"]["hasNextPage"]:
            after = page["pageInfo"]["endCursor"]
            page = await asked(shared, f"(first: {size}, after: {orjson.dumps(after).decode()})")
            forwards += ids(page)
        backwards: list[str] = []
        page = {"pageInfo": {"startCursor": None, "hasPreviousPage": True}}
        while page["pageInfo"]["hasPreviousPage"]:
            before = page["pageInfo"]["startCursor"]
            page = await asked(shared, f"(last: {size}, before: {orjson.dumps(before).decode()})")
            backwards = ids(page) + backwards
        assert forwards == backwards == [edge["node"]["id"] for edge in edges]


async def test_the_last_page_is_the_end_of_the_list(shared: Served) -> None:
    edges = await all_of(shared)
    page = await asked(shared, "(last: 2)")
    assert page["edges"] == edges[-2:]
    assert page["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True, "startCursor": edges[-2]["cursor"],
                                "endCursor": edges[-1]["cursor"]}
    before = await asked(shared, f'(last: 1, before: "{edges[-2]["cursor"]}")')
    assert (before["edges"], before["pageInfo"]["hasNextPage"]) == ([edges[-3]], True)


@pytest.mark.parametrize("way", ["first", "last"])
async def test_a_page_of_nothing_tells_only_whether_there_is_something(shared: Served, way: str) -> None:
    page = await asked(shared, f"({way}: 0)")
    assert page == {"edges": [], "pageInfo": {"hasNextPage": way == "first", "hasPreviousPage": way == "last",
                                              "startCursor": None, "endCursor": None}}


@pytest.mark.parametrize(("arguments", "code"), [
    ("(first: -1)", "INVALID_ARGUMENT"), ("(first: 101)", "INVALID_ARGUMENT"), ("(last: -1)", "INVALID_ARGUMENT"),
    ("(last: 101)", "INVALID_ARGUMENT"), ('(before: "x")', "INVALID_ARGUMENT"),
    ('(last: 1, after: "x")', "INVALID_ARGUMENT"),
    ('(first: 1, after: "~~~")', "INVALID_CURSOR"), ('(last: 1, before: "~~~")', "INVALID_CURSOR"),
    (f'(first: 1, after: "{encode_cursor("[1]")}")', "INVALID_CURSOR"),
    (f'(last: 1, before: "{encode_cursor("[]")}")', "INVALID_CURSOR")])
async def test_what_is_no_page_is_refused_by_name(shared: Served, arguments: str, code: str) -> None:
    assert await asked(shared, arguments) == code


async def test_every_connection_is_read_both_ways(shared: Served) -> None:
    """Whatever has `first` and `after` has `last` and `before`."""
    connections = [field for type_ in GATEWAY.core.type_map.values() for field in getattr(type_, "fields", {}).values()
                   if "after" in getattr(field, "args", {}) and "first" in field.args]
    assert len(connections) >= 15
    assert not [field for field in connections if not {"last", "before"} <= set(field.args)]


