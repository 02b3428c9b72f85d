"""Answers in parts over plain HTTP: subscriptions, and what was deferred, in the form that the client named."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.clients import DOCUMENTS, Phone, Served

DEFER = {"query": '{ __typename ... @defer(label: "l") { identityStreets { code } } }'}
TICKS = {"query": "subscription { liveTicks(count: 2) }"}
SUBSCRIPTION = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json'
V2022 = "multipart/mixed;deferSpec=20220824,application/json"
V0_2 = "multipart/mixed;incrementalSpec=v0.2,application/json"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def developer(shared: Served) -> Phone:
    return await shared.signed_in("developer")


async def post(phone: Phone, asked: dict[str, Any], accept: str) -> httpx.Response:
    return await phone.http.post("/graphql", json=asked, headers={"Accept": accept})


def parts(answer: httpx.Response) -> list[Any]:
    """The parts of an answer (RFC 2046, 5.1)."""
    head, *found, end = answer.text.split("\r\n--graphql")
    assert (head, end) == ("", "--\r\n")
    return [json.loads(part.split("\r\n\r\n", 1)[1]) for part in found]


async def test_a_subscription_is_a_part_for_each_answer(developer: Phone) -> None:
    answer = await post(developer, TICKS, SUBSCRIPTION)
    assert answer.headers["content-type"] == 'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0'
    assert [set(part["payload"]["data"]) for part in parts(answer)] == [{"liveTicks"}] * 2


async def test_one_that_may_not_be_opened_ends_with_its_error(shared: Served) -> None:
    answer = await post(shared.phone(), {"documentId": DOCUMENTS["MessagesLive"].id}, SUBSCRIPTION)
    [part] = parts(answer)
    assert (part["payload"], part["errors"][0]["extensions"]["code"]) == (None, "UNAUTHENTICATED")


async def test_what_was_deferred_comes_by_its_path(developer: Phone) -> None:
    first, second = parts(await post(developer, DEFER, V2022))
    assert first == {"data": {"__typename": "Query"}, "hasNext": True}
    assert second["hasNext"] is False
    [later] = second["incremental"]
    assert (later["path"], later["label"], list(later["data"])) == ([], "l", ["identityStreets"])


async def test_or_by_the_id_that_was_announced(developer: Phone) -> None:
    first, second = parts(await post(developer, DEFER, V0_2))
    assert first == {"data": {"__typename": "Query"}, "pending": [{"id": "0", "path": [], "label": "l"}], "hasNext": True}
    assert (second["incremental"][0]["id"], second["completed"], second["hasNext"]) == ("0", [{"id": "0"}], False)


@pytest.mark.parametrize("accept", ["application/json", "*/*", SUBSCRIPTION.replace("multipart/mixed", "x")])
async def test_who_takes_no_parts_has_the_answer_whole(developer: Phone, accept: str) -> None:
    data = (await post(developer, DEFER, accept)).json()["data"]
    assert list(data) == ["__typename", "identityStreets"]


async def test_what_needs_no_parts_is_plain(developer: Phone) -> None:
    answer = await post(developer, {"query": "{ __typename }"}, V0_2)
    assert answer.json() == {"data": {"__typename": "Query"}}


async def test_items_come_where_the_list_went_on(developer: Phone) -> None:
    query = {"query": "{ identityStreets @stream(initialCount: 2) { code } }"}
    first, *later = parts(await post(developer, query, V2022))
    whole = (await post(developer, query, "application/json")).json()["data"]["identityStreets"]
    items = first["data"]["identityStreets"]
    for part in later:
        for each in part.get("incremental", ()):
            assert each["path"] == ["identityStreets", len(items)]
            items += each["items"]
    assert items == whole


@pytest.mark.parametrize("accept", [V2022, V0_2])
async def test_what_fails_later_says_so_in_our_words(developer: Phone, accept: str) -> None:
    query = {"query": "{ __typename ... @defer { parkingDeskSpaces { edges { node { id } } } } }"}
    first, second = parts(await post(developer, query, accept))
    [failed] = second["completed" if accept == V0_2 else "incremental"]
    assert first["data"] == {"__typename": "Query"}
    assert failed["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_what_comes_too_late_does_not_come(developer: Phone, shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    load = shared.platform.services["load"]
    fetch = shared.platform.db.fetch

    async def slow(text: str, *binds: Any) -> Any:
        if "division" in text:
            await asyncio.Event().wait()
        return await fetch(text, *binds)
    monkeypatch.setattr(shared.platform.db, "fetch", slow)
    monkeypatch.setattr(load, "seconds", 1)
    *_, last = parts(await post(developer, DEFER, V0_2))
    assert (last["hasNext"], last["errors"][0]["extensions"]["code"]) == (False, "TIMEOUT")
