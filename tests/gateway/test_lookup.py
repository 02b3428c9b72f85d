"""Trusted documents by id and by hash; a developer's own queries; Apollo's automatic persisted queries."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.clients import DOCUMENTS, Phone, Served

from gateway import lookup
from gateway.composition import compose
from gateway.documents import Documents
from gateway.execution import Gateway
from haian.call import Call
from haian.viewer import Viewer
from server.apps import registry

VIEWER = DOCUMENTS["IdentityViewer"]
WHO = [None, "resident", "guard"]


def hash_of(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()


def persisted(hash_: Any, version: Any = 1) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": version, "sha256Hash": hash_}}}


async def post(phone: Phone, body: dict[str, Any], accept: str = "application/graphql-response+json") -> httpx.Response:
    return await phone.http.post("/graphql", json=body, headers={"Accept": accept})


def code_of(answer: httpx.Response) -> str:
    given = answer.json()
    return str(given["errors"][0]["extensions"]["code"]) if given.get("errors") else ""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def developer(shared: Served) -> Phone:
    return await shared.signed_in("developer")


@pytest_asyncio.fixture(params=WHO)
async def anybody_else(shared: Served, request: pytest.FixtureRequest) -> Phone:
    return await shared.signed_in(request.param) if request.param else shared.phone()


@pytest.mark.parametrize("asked", [
    {"documentId": VIEWER.id}, {"documentId": f"sha256:{VIEWER.id}"}, persisted(VIEWER.id),
    {"documentId": VIEWER.id, **persisted(VIEWER.id)}, {"query": VIEWER.body, **persisted(VIEWER.id)}])
async def test_a_trusted_document_is_run_by_its_id_and_by_its_hash(shared: Served, asked: dict[str, Any]) -> None:
    answer = await post(shared.phone(), asked)
    assert (answer.status_code, answer.json()) == (200, {"data": {"identityViewer": None, "messagesUnread": 0}})


async def test_by_get_too(shared: Served) -> None:
    extensions = json.dumps(persisted(VIEWER.id)["extensions"])
    answer = await shared.phone().http.get("/graphql", params={"extensions": extensions, "operationName": VIEWER.name})
    assert answer.json() == {"data": {"identityViewer": None, "messagesUnread": 0}}


@pytest.mark.parametrize("asked", [
    {"query": "{ __typename }", **persisted(VIEWER.id)}, {"query": "{ __typename }", "documentId": VIEWER.id},
    {"query": VIEWER.body + " ", **persisted(VIEWER.id)}, {"documentId": VIEWER.id, **persisted("0" * 64)},
    {"query": "{ __typename }", **persisted(hash_of("{ a }"))}])
async def test_a_hash_of_something_else_is_refused_and_nothing_is_kept(
        developer: Phone, shared: Served, asked: dict[str, Any]) -> None:
    for phone in (developer, shared.phone()):
        answer = await post(phone, asked)
        assert (answer.status_code, code_of(answer)) == (400, "DOCUMENT_MISMATCH")
    assert code_of(await post(developer, persisted(hash_of("{ a }")))) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize("wrong", [
    persisted("x"), persisted(1), persisted(None), persisted(VIEWER.id, 2), persisted(VIEWER.id, "1"),
    persisted(VIEWER.id.upper()), {"extensions": {"persistedQuery": "x"}}, {"extensions": {"persistedQuery": []}}])
async def test_what_is_no_hash_matches_nothing(developer: Phone, wrong: dict[str, Any]) -> None:
    assert code_of(await post(developer, wrong)) == "DOCUMENT_MISMATCH"


async def test_for_others_the_handshake_ends_with_the_text(anybody_else: Phone) -> None:
    """Apollo Client sends the hash, then the hash with the text; what it hears last is what it shows."""
    query = "{ __typename }"
    first = await post(anybody_else, persisted(hash_of(query)))
    assert (first.status_code, code_of(first)) == (400, "PERSISTED_QUERY_NOT_FOUND")
    second = await post(anybody_else, {"query": query, **persisted(hash_of(query))})
    assert (second.status_code, code_of(second)) == (400, "DOCUMENT_REQUIRED")
    assert code_of(await post(anybody_else, persisted(hash_of(query)))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_plain_json_says_in_the_body_alone_that_the_text_is_wanted(shared: Served) -> None:
    """As Apollo Server does: clients that ask for plain JSON take any other status for a broken network."""
    answer = await post(shared.phone(), persisted("0" * 64), "application/json")
    assert (answer.status_code, code_of(answer)) == (200, "PERSISTED_QUERY_NOT_FOUND")


async def test_a_developer_registers_a_query_for_developers_only(developer: Phone, shared: Served) -> None:
    query = "{ __typename registered: __typename }"
    assert code_of(await post(developer, persisted(hash_of(query)))) == "PERSISTED_QUERY_NOT_FOUND"
    given = {"data": {"__typename": "Query", "registered": "Query"}}
    assert (await post(developer, {"query": query, **persisted(hash_of(query))})).json() == given
    assert (await post(developer, persisted(hash_of(query)))).json() == given
    assert (await post(developer, {"documentId": hash_of(query)})).json() == given
    assert code_of(await post(shared.phone(), persisted(hash_of(query)))) == "PERSISTED_QUERY_NOT_FOUND"
    assert code_of(await post(shared.phone(), {"documentId": hash_of(query)})) == "DOCUMENT_UNKNOWN"


async def test_an_invalid_query_is_not_registered(developer: Phone) -> None:
    query = "{ nothingOfThisName }"
    assert code_of(await post(developer, {"query": query, **persisted(hash_of(query))})) == "GRAPHQL_INVALID"
    assert code_of(await post(developer, persisted(hash_of(query)))) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(("name", "data"), [("A", {"a": "Query"}), ("B", {"b": "Query"})])
async def test_one_operation_of_several_is_chosen_by_its_name(developer: Phone, name: str, data: dict[str, str]) -> None:
    query = "query A { ...F } query B { b: __typename } fragment F on Query { a: __typename }"
    assert (await post(developer, {"query": query, "operationName": name})).json() == {"data": data}
    for wrong in (None, "", "C"):
        assert code_of(await post(developer, {"query": query, "operationName": wrong})) == "GRAPHQL_INVALID"


async def test_others_learn_nothing_of_the_schema(anybody_else: Phone) -> None:
    """Neither by introspection nor by suggestions, which is how clairvoyance guesses."""
    for query in ("{ __schema { types { name } } }", '{ __type(name: "Query") { name } }', "{ identityViewr }",
                  "{ identityViewer { idd } }", "query ($a: Intt) { a }", "subscription { liv }", "{"):
        answer = await post(anybody_else, {"query": query})
        assert code_of(answer) == "DOCUMENT_REQUIRED"
        assert "identity" not in answer.text and "mean" not in answer.text


async def test_a_wrong_value_suggests_no_right_one(shared: Served) -> None:
    """Trusted documents are anybody's, so their variables could be asked for what the schema knows."""
    for name, variables in (("MessagesPublishNews", {"topic": "NOTIC", "title": "x", "body": "x", "key": "0123456789"}),
                            ("HealthcareMark", {"id": "x", "status": "ARRIVE"})):
        answer = await shared.phone().send(name, **variables)
        assert code_of(answer) == "GRAPHQL_INVALID"
        assert "mean" not in answer.text and "NOTICE" not in answer.text and "ARRIVED" not in answer.text


async def test_what_is_kept_of_developers_is_bounded(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """In number and in size; what was asked for last stays."""
    monkeypatch.setattr(lookup, "KEPT", 3)
    monkeypatch.setattr(lookup, "KEPT_TEXT", 1000)
    gateway = Gateway(compose(registry()), Documents.load(), registry())
    call = Call(shared.platform, Viewer(roles=frozenset({"developer"})))

    def names(*asked: str) -> list[str]:
        for name in asked:
            gateway.find({"query": f"query {name} {{ __typename }}"}, call)
        return [operation.body.split()[1] for operation in gateway.lookup.queries.values()]
    assert names("A", "B", "C", "A", "D") == ["C", "A", "D"]
    await asyncio.gather(*(gateway.run(each, {}, call) for each in gateway.lookup.queries.values()))
    assert len(gateway.plans.prepared) == 3
    assert names("E" * 980) == ["E" * 980]
    assert not gateway.plans.prepared, "what was made of them is forgotten with them"
    assert gateway.lookup.text == len(f"query {'E' * 980} {{ __typename }}")
