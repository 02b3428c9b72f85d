"""GraphQL over HTTP: who may ask, in which form, and that no input at all makes the server fail."""

from __future__ import annotations

import gzip
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.clients import DOCUMENTS, Phone, Served, new_address, new_number

VIEWER = DOCUMENTS["IdentityViewer"].id
MANY = settings(max_examples=60, suppress_health_check=list(HealthCheck))
TYPE = {"Content-Type": "application/json"}


def code_of(answer: httpx.Response) -> str:
    """The code of the first error; "" where there is none."""
    given = answer.json()
    return str(given["errors"][0]["extensions"]["code"]) if given.get("errors") else ""


async def post(phone: Phone, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await phone.http.post("/graphql", content=content, headers=TYPE | headers)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def developer(shared: Served) -> Phone:
    """A developer's phone, signed in once: the limits of codes hold in tests too."""
    return await shared.signed_in("developer")


async def test_an_answer_is_never_kept_by_anybody(shared: Served) -> None:
    answer = await shared.phone().send("IdentityViewer")
    assert answer.headers["cache-control"] == "no-store"
    assert "cookie" in answer.headers["vary"]


@pytest.mark.parametrize(("accept", "kind", "status"), [
    ("application/graphql-response+json", "application/graphql-response+json", 400),
    ("application/graphql-response+json, application/json;q=0.9", "application/graphql-response+json", 400),
    ("application/json", "application/json", 200), ("*/*", "application/json", 200), ("", "application/json", 200)])
async def test_the_answer_has_the_type_that_was_asked_for(developer: Phone, accept: str, kind: str, status: int) -> None:
    """GraphQL over HTTP, 6.3 and 6.4: with the type of its own, the status says whether the query was good too."""
    answer = await post(developer, {"query": "{ __typename }"}, Accept=accept)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind)
    assert (await post(developer, {"query": "{ nothing }"}, Accept=accept)).status_code == status


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1", "http://127.0.0.1:1"])
async def test_a_page_of_another_site_may_ask_nothing(shared: Served, origin: str) -> None:
    phone = await shared.signed_in("resident")
    answer = await post(phone, {"documentId": VIEWER}, Origin=origin)
    assert (answer.status_code, code_of(answer)) == (403, "BAD_ORIGIN")


async def test_without_an_origin_nothing_is_done(shared: Served) -> None:
    phone = shared.phone()
    del phone.http.headers["Origin"]
    assert code_of(await phone.send("IdentityViewer")) == "BAD_ORIGIN"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "",
                                  "json"])
async def test_a_form_of_another_site_is_no_request(shared: Served, kind: str) -> None:
    """These a browser sends across sites without asking us first (Fetch, CORS-safelisted request-header)."""
    answer = await post(shared.phone(), {"documentId": VIEWER}, **{"Content-Type": kind})
    assert (answer.status_code, code_of(answer)) == (400, "BAD_REQUEST")


async def test_no_other_site_is_told_that_it_may_read(shared: Served) -> None:
    answer = await shared.phone().http.options("/graphql", headers={
        "Origin": "https://evil.example", "Access-Control-Request-Method": "POST"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_queries_may_be_got_and_mutations_may_not(shared: Served) -> None:
    phone = await shared.signed_in("resident")
    found = await phone.http.get("/graphql", params={"documentId": VIEWER, "variables": "{}"})
    assert found.json()["data"]["identityViewer"]["id"] == phone.id
    for name in ("IdentitySignOut", "MessagesMarkRead"):
        refused = await phone.http.get("/graphql", params={"documentId": DOCUMENTS[name].id})
        assert (refused.status_code, code_of(refused)) == (405, "METHOD_NOT_ALLOWED")
    assert (await phone.ask("IdentityViewer"))["identityViewer"]


async def test_a_subscription_is_not_for_http(shared: Served) -> None:
    phone = await shared.signed_in("resident")
    assert code_of(await phone.send("MessagesLive")) == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("method", ["PATCH", "TRACE", "HEAD"])
async def test_other_methods_are_refused(shared: Served, method: str) -> None:
    assert (await shared.phone().http.request(method, "/graphql")).status_code == 405


async def test_a_document_that_nobody_registered_is_unknown(shared: Served) -> None:
    for id_ in ("0" * 64, "", "x" * 10_000, "\u0000"):
        answer = await post(shared.phone(), {"documentId": id_})
        assert (answer.status_code, code_of(answer)) == (400, "DOCUMENT_UNKNOWN")


@pytest.mark.parametrize("who", [None, "resident", "guard", "editor"])
async def test_raw_queries_are_for_developers_only(shared: Served, who: str | None) -> None:
    phone = await shared.signed_in(who) if who else shared.phone()
    for query in ("{ identityViewer { id } }", "{ __schema { types { name } } }", "nonsense"):
        answer = await post(phone, {"query": query})
        assert (answer.status_code, code_of(answer)) == (400, "DOCUMENT_REQUIRED")


async def test_a_developer_asks_what_they_like_within_their_rights(shared: Served) -> None:
    phone = await shared.signed_in("developer")
    assert (await post(phone, {"query": "{ identityViewer { name } }"})).json()["data"]["identityViewer"]["name"] == "周子航"
    assert code_of(await post(phone, {"query": "{ nothing }"})) == "GRAPHQL_INVALID"
    assert "nothing" in (await post(phone, {"query": "{ nothing }"})).json()["errors"][0]["details"][0]
    refused = await post(phone, {"query": 'mutation { messagesWithdrawNews(id: "x") }'})
    assert code_of(refused) == "FORBIDDEN"


QUERIES = [
    "{" * 5000, "query A { a } query B { b }", "fragment F on Query { __typename }", "{ ...F } fragment F on Query { ...F }",
    '{ messagesOneNews(id: "\\u0000") { id } }', '{ messagesOneNews(id: "\\uD800") { id } }',
    "{ messagesNews(first: 99999999999) { edges { cursor } } }", "subscription { live { type } }", "# only a comment",
    '{ __type(name: "Query") { name } }', "query ($a: Int!) { messagesNews(first: $a) { edges { cursor } } }", "\u0000",
    '{ messagesNews(street: "\\u0000") { edges { cursor } } }', 'mutation { messagesMarkRead(id: "\\u0000") }',
    'mutation { identityChooseCommunity(code: "a\\u0000") { id } }', "{ a: __typename " * 300 + "}" * 300,
    "query A" + "a" * 60_000, "{ __typename " + "__typename " * 3000 + "}",
    "{...F}" + "fragment F on Query {...F ...F}" * 40,
    "{ a: parkingMySpaces(first: 100) { edges { node { offers { space { offers { stays { id } } } } } } } }"]


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
async def test_no_query_of_a_developer_makes_the_server_fail(developer: Phone, query: str) -> None:
    answer = await post(developer, {"query": query})
    assert answer.status_code in (200, 400, 405), answer.text
    assert code_of(answer) not in ("INTERNAL", "UNAVAILABLE"), answer.text


async def test_a_query_beyond_a_limit_says_which_and_by_how_much(developer: Phone) -> None:
    inside = "{ departments { hospital " * 7 + "{ id }" + "} }" * 7
    deep = f"{{ healthcareDoctor(id: 1) {{ department {{ hospital {inside} }} }} }}"
    answer = await post(developer, {"query": deep}, **{"Accept-Language": "en"})
    assert answer.status_code == 400
    assert answer.json() == {"errors": [{
        "message": "The query is nested too deeply: 16 levels at most, this has 18.",
        "extensions": {"code": "LIMIT_DEPTH", "limit": 16, "found": 18}}]}


BODIES = [
    b"", b"null", b"[]", b"1", b'"x"', b"{", b"{}", b"NaN", b"\x00", b"\xff\xfe", b"[" * 30_000, b'{"a":' * 10_000,
    b'\xef\xbb\xbf{"documentId": "x"}', b'{"documentId": "\xff"}', b'{"documentId": 1}', b'{"documentId": null}',
    b'{"documentId": ["x"]}', b'{"documentId": "\\ud800"}', b'{"documentId": "x", "variables": "x"}', b'{"query": {}}',
    b'{"query": true}', b'{"variables": NaN}', b'{"variables": {"a": 1e999}}', b'{"variables": ' + b"9" * 5000 + b"}"]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
async def test_what_is_no_request_is_refused_as_one(shared: Served, body: bytes) -> None:
    answer = await post(shared.phone(), body)
    assert answer.status_code == 400, answer.text
    assert code_of(answer) in ("BAD_REQUEST", "DOCUMENT_UNKNOWN", "DOCUMENT_REQUIRED")


@pytest.mark.parametrize("count", [1, 2, 200])
async def test_a_list_of_requests_is_refused_whole(shared: Served, count: int) -> None:
    answer = await post(shared.phone(), [{"documentId": VIEWER}] * count)
    assert (answer.status_code, code_of(answer)) == (400, "LIMIT_BATCH")
    assert answer.json()["errors"][0]["extensions"] == {"code": "LIMIT_BATCH", "limit": 1, "found": count}


async def test_variables_must_be_an_object_and_not_bottomless(shared: Served) -> None:
    phone = shared.phone()
    wrong: Any
    for wrong in ([], "x", 1, 0, True, False, ""):
        for name in ("variables", "extensions"):
            assert code_of(await post(phone, {"documentId": VIEWER, name: wrong})) == "BAD_REQUEST"
    deep: Any = 1
    for _ in range(13):
        deep = {"a": deep}
    answer = await post(phone, {"documentId": VIEWER, "variables": deep})
    assert (answer.status_code, code_of(answer)) == (400, "LIMIT_VARIABLES_DEPTH")
    assert answer.json()["errors"][0]["extensions"]["limit"] == 12
    many = {"documentId": VIEWER, "variables": {"a": [[]] * 10_000}}
    assert code_of(await post(phone, many)) == "LIMIT_VARIABLES_SIZE"
    many["variables"] = {"a": [[]] * 1_999}
    assert code_of(await post(phone, many)) == ""


async def test_a_body_beyond_64_kib_is_not_read(shared: Served) -> None:
    phone = shared.phone()
    exactly = orjson.dumps({"documentId": VIEWER, "x": ""})
    exactly = exactly[:-2] + b"x" * (64 * 1024 - len(exactly)) + exactly[-2:]
    assert (await post(phone, exactly)).status_code == 200
    assert code_of(await post(phone, exactly + b" ")) == "TOO_LARGE"

    async def endless() -> Any:
        for _ in range(1000):
            yield b" " * 65536
    answer = await phone.http.post("/graphql", content=endless(), headers=TYPE)
    assert (answer.status_code, code_of(answer)) == (413, "TOO_LARGE")


async def test_a_compressed_body_is_not_unpacked(shared: Served) -> None:
    """A bomb has no fuse here."""
    body = gzip.compress(orjson.dumps({"documentId": VIEWER}) + b" " * 10_000_000)
    answer = await post(shared.phone(), body, **{"Content-Encoding": "gzip"})
    assert (answer.status_code, code_of(answer)) == (400, "BAD_REQUEST")


NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([2**31, 2**53, -2**63, 1e308, 0.1]))
NASTY = ["\u0000", "a\u0000b", "\ud800", "\udfff", "１２３", "x" * 5000, "' OR 1=1 --", "{}", "%", "370211005", "9999-99-99",
         "00000000-0000-0000-0000-000000000000", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
TEXTS = st.one_of(st.text(max_size=50), st.sampled_from(NASTY))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8)
ENDING = {"IdentityRequestCode", "IdentitySignIn", "IdentitySignOut", "IdentityEndOtherDevices", "IdentityEndDevice",
          "FactorsRecoveryCodes"}
"""After these somebody is signed out, or cannot sign in by a code alone."""
ASKED = sorted(set(DOCUMENTS) - ENDING)
FUZZERS = [None, "resident", "editor", "guard", "registrar", "teacher"]
Ask = Callable[[str, dict[str, Any], str | None], Awaitable[httpx.Response]]


@pytest.fixture
def ask(served: Served) -> Ask:
    """Ask as somebody who stays signed in for all examples."""
    phones: dict[str | None, Phone] = {None: served.phone()}

    async def ask(document: str, variables: dict[str, Any], who: str | None) -> httpx.Response:
        if who not in phones:
            phones[who] = await served.signed_in(str(who))
        return await post(phones[who], {"documentId": DOCUMENTS[document].id, "variables": variables})
    return ask


@MANY
@given(given=st.data())
async def test_no_variables_make_the_server_fail(ask: Ask, given: st.DataObject) -> None:
    """Each document with values of any kind in the variables that it has, right ones among them now and then."""
    document = given.draw(st.sampled_from(ASKED))
    names = [node.variable.name.value for node in DOCUMENTS[document].node.variable_definitions or ()]
    variables = {name: given.draw(VALUES) for name in names}
    answer = await ask(document, variables, given.draw(st.sampled_from(FUZZERS)))
    assert answer.status_code < 500, (document, variables, answer.text)
    assert code_of(answer) not in ("INTERNAL", "UNAVAILABLE"), (document, variables, answer.text)


@MANY
@given(body=st.one_of(st.binary(max_size=200), VALUES.map(lambda value: json.dumps(value).encode())))
async def test_no_body_makes_the_server_fail(anybody: Phone, body: bytes) -> None:
    assert (await post(anybody, body)).status_code == 400


@pytest.fixture
def anybody(shared: Served) -> Phone:
    return shared.phone()


async def test_what_went_wrong_inside_is_never_told(
        shared: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The client gets a sentence and a code; the log gets it whole, with the request's id."""
    async def broken(*_: Any) -> Any:
        raise RuntimeError("secret of the machine room 13800000001")
    monkeypatch.setattr(shared.platform.db, "fetch", broken)
    answer = await shared.phone().send("IdentityStreets")
    assert (answer.status_code, code_of(answer)) == (200, "INTERNAL")
    assert "secret" not in answer.text and "RuntimeError" not in answer.text
    assert answer.json()["errors"][0]["message"].endswith("12345。")
    [record] = [record for record in caplog.records if "gateway.failed" in str(record.msg)]
    said = str(record.msg)
    assert "secret of the machine room [removed]" in said
    assert answer.headers["x-request-id"] in said


async def test_nor_what_went_wrong_before_execution(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> Any:
        raise RuntimeError("secret")
    monkeypatch.setattr(shared.platform.line, "ask", broken)
    phone = shared.phone()
    phone.http.cookies.set("haian_session", "x")
    answer = await phone.send("IdentityViewer")
    assert (answer.status_code, code_of(answer)) == (500, "INTERNAL")
    assert "secret" not in answer.text


@pytest.mark.parametrize(("language", "said"), [
    ("en", "Please sign in first."), ("en-GB,en;q=0.9", "Please sign in first."),
    ("zh-CN", "请先登录。"), ("fr", "请先登录。"), ("", "请先登录。")])
async def test_a_refusal_speaks_the_readers_language(shared: Served, language: str, said: str) -> None:
    answer = await post(shared.phone(), {"documentId": DOCUMENTS["IdentityDevices"].id}, **{"Accept-Language": language})
    assert answer.json()["errors"][0]["message"] == said


@pytest.mark.parametrize("path", ["/", "/graphql/", "/graphql/x", "/demo/sms", "/demo/sms?phone=x", "/demo/accounts", "/%00",
                                  "/nothing", "/..%2f..%2fetc/passwd", "/health/nothing", "/schema/openapi.json"])
async def test_no_path_makes_the_server_fail(shared: Served, path: str) -> None:
    answer = await shared.phone().http.get(path)
    assert answer.status_code < 500
    assert "Traceback" not in answer.text and "backend" not in answer.text


class TestAddress:
    """X-Haian-Address counts when our client signed it within two minutes, and never else."""

    async def counted(self, shared: Served, header: str) -> set[str]:
        """The addresses that a request for a code was counted for."""
        redis = shared.platform.redis
        await redis.delete("haian:rate:sms:address:127.0.0.1")
        before = set(await redis.keys("haian:rate:sms:address:*"))
        phone = shared.phone()
        phone.http.headers["X-Haian-Address"] = header
        await phone.ask_for_code(new_number())
        added = set(await redis.keys("haian:rate:sms:address:*")) - before
        return {key.decode().removesuffix(":easy").rsplit(":", 1)[1] for key in added}

    async def test_a_signed_address_counts(self, shared: Served) -> None:
        address = new_address()
        assert await self.counted(shared, shared.signed(address)) == {address}

    @pytest.mark.parametrize("late", [-121, 121, 10**9, -10**9])
    async def test_not_after_two_minutes(self, shared: Served, late: int) -> None:
        header = shared.signed(new_address(), shared.platform.clock.epoch() + late)
        assert await self.counted(shared, header) == {"127.0.0.1"}

    @pytest.mark.parametrize("header", ["", "x", "10.1.1.1", "10.1.1.1 1 x", "10.1.1.1 ² x", "10.1.1.1  x", "a b c d",
                                        "10.1.1.1 1 é", "10.1.1.1 " + "9" * 5000 + " x"])
    async def test_not_in_another_form(self, shared: Served, header: str) -> None:
        phone = shared.phone()
        phone.http.headers = httpx.Headers([*((k, v) for k, v in phone.http.headers.raw if k.lower() != b"x-haian-address"),
                                            (b"X-Haian-Address", header.encode())])
        assert (await phone.send("MessagesUnread")).status_code == 200

    async def test_not_with_another_key(self, shared: Served) -> None:
        address, at, proof = shared.signed(new_address()).split(" ")
        assert await self.counted(shared, f"{address} {at} {proof[:-1]}{'0' if proof[-1] != '0' else '1'}") == {"127.0.0.1"}
        assert await self.counted(shared, f"{new_address()} {at} {proof}") == {"127.0.0.1"}
