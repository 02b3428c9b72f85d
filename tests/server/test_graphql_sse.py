"""Server-Sent Events: who may open a stream, what ends it, and whose one connection it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from tests.clients import DOCUMENTS, Phone, Served, new_number, serving
from tests.waiting import until_async

from haian.live import citizen_channel, publish
from haian.settings import Settings
from server import streams

LIVE = {"documentId": DOCUMENTS["MessagesLive"].id}
VIEWER = {"documentId": DOCUMENTS["IdentityViewer"].id}
EVENTS = {"Accept": "text/event-stream"}
Event = tuple[str, Any]


def token(value: str) -> dict[str, str]:
    return {"X-GraphQL-Event-Stream-Token": value}


async def read(answer: httpx.Response) -> AsyncIterator[Event]:
    """The events of a stream; ("", None) for a sign of life."""
    kind = ""
    async for line in answer.aiter_lines():
        if line == ":":
            yield "", None
        elif line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data:"):
            data = line.removeprefix("data:").strip()
            yield kind, json.loads(data) if data else None


@asynccontextmanager
async def opened(phone: Phone, asked: dict[str, Any] | None = None, **headers: str) -> AsyncIterator[AsyncIterator[Event]]:
    """A stream that has begun."""
    method = "GET" if asked is None else "POST"
    async with phone.http.stream(method, "/graphql", json=asked, headers=EVENTS | headers) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream"), await answer.aread()
        assert answer.headers["cache-control"] == "no-store"
        events = read(answer)
        assert await anext(events) == ("", None)
        yield events


async def rest(events: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in events if event[0]]


async def begun(events: AsyncIterator[Event]) -> Any:
    """The first answer of `MessagesLive`, which says that nothing is missed from now on; its id on a shared connection."""
    kind, answer = await anext(events)
    assert kind == "next"
    return answer.get("id")


async def test_a_query_is_one_event_and_the_end(shared: Served) -> None:
    phone = await shared.signed_in("resident")
    async with opened(phone, VIEWER) as events:
        [(kind, answer), end] = await rest(events)
    assert (kind, answer["data"]["identityViewer"]["id"], end) == ("next", phone.id, ("complete", None))


async def test_what_happens_to_me_comes_as_it_happens(served: Served) -> None:
    phone = await served.signed_in("resident")
    async with opened(phone, LIVE) as events:
        await begun(events)
        await publish(served.platform.redis, citizen_channel(phone.id), {"type": "test", "id": None})  # type: ignore[arg-type]
        kind, answer = await anext(events)
    assert (kind, answer["data"]["live"]["type"]) == ("next", "test")


@pytest.mark.parametrize(("asked", "code"), [
    (LIVE, "UNAUTHENTICATED"), ({"query": "subscription { liveTicks }"}, "DOCUMENT_REQUIRED"),
    ({"documentId": "x"}, "DOCUMENT_UNKNOWN")])
async def test_a_refusal_is_said_on_the_stream(shared: Served, asked: dict[str, Any], code: str) -> None:
    """The protocol wants it there: an EventSource shows nothing of another answer."""
    async with shared.phone().http.stream("POST", "/graphql", json=asked, headers=EVENTS) as answer:
        [(kind, said), end] = await rest(read(answer))
    assert (answer.status_code, kind, end) == (200, "next", ("complete", None))
    assert said["errors"][0]["extensions"]["code"] == code


async def test_who_signs_in_over_events_is_signed_in(served: Served) -> None:
    phone, number = served.phone(), new_number()
    await phone.ask("IdentityRequestCode", phone=number)
    code = (await phone.http.get("/demo/sms", params={"phone": number})).json()["code"]
    asked = {"documentId": DOCUMENTS["IdentitySignIn"].id, "variables": {"phone": number, "code": code, "device": "test"}}
    async with opened(phone, asked) as events:
        assert [kind for kind, _ in await rest(events)] == ["next", "complete"]
    assert (await phone.ask("IdentityViewer"))["identityViewer"]


async def test_streams_end_when_their_server_goes(settings: Settings) -> None:
    """It would wait for them to the end of its patience, and then cut them off."""
    async with serving(settings) as leaving:
        phone = leaving.phone()
        key = (await phone.http.put("/graphql")).text
        stream = opened(phone, None, **token(key))
        events = await stream.__aenter__()
    assert await rest(events) == []
    await stream.__aexit__(None, None, None)


async def test_a_page_of_another_site_opens_nothing(shared: Served) -> None:
    phone = await shared.signed_in("resident")
    for method in ("POST", "PUT", "DELETE"):
        answer = await phone.http.request(method, "/graphql", json=LIVE, headers=EVENTS | {"Origin": "https://evil.example"})
        assert answer.status_code == 403


async def test_a_mutation_is_not_made_by_an_event_source(shared: Served) -> None:
    phone = await shared.signed_in("resident")
    answer = await phone.http.get("/graphql", params={"documentId": DOCUMENTS["IdentitySignOut"].id}, headers=EVENTS)
    assert "METHOD_NOT_ALLOWED" in answer.text
    assert (await phone.ask("IdentityViewer"))["identityViewer"]


async def test_a_stream_ends_with_its_session(served: Served) -> None:
    phone = await served.signed_in("resident")
    async with opened(phone, LIVE) as events:
        await begun(events)
        await phone.ask("IdentitySignOut")
        [(kind, said), end] = await rest(events)
    assert (kind, said["errors"][0]["extensions"]["code"], end) == ("next", "UNAUTHENTICATED", ("complete", None))


async def test_a_silent_stream_shows_that_it_lives(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SILENCE", 0.01)
    phone = await served.signed_in("resident")
    async with opened(phone, LIVE) as events:
        seen = [await anext(events) for _ in range(8)]  # and what the stream says first, sooner or later
        assert seen.count(("", None)) >= 6


async def test_who_leaves_is_not_listened_for(served: Served) -> None:
    phone = await served.signed_in("resident")
    async with opened(phone, LIVE) as events:
        await begun(events)
        assert citizen_channel(phone.id) in served.platform.hub.listeners  # type: ignore[arg-type]

    async def forgotten() -> bool:
        return citizen_channel(phone.id) not in served.platform.hub.listeners  # type: ignore[arg-type]
    await until_async(forgotten)


class TestOneConnection:
    """PUT reserves it, GET opens it, POST feeds it, DELETE relieves it."""

    async def reserved(self, phone: Phone) -> str:
        answer = await phone.http.put("/graphql")
        assert answer.status_code == 201
        return answer.text

    async def post(self, phone: Phone, key: str, id_: str | None, asked: dict[str, Any]) -> int:
        body = {**asked, "extensions": {"operationId": id_}}
        return (await phone.http.post("/graphql", json=body, headers=token(key))).status_code

    async def test_operations_of_many_posts_share_it(self, served: Served) -> None:
        phone = await served.signed_in("resident")
        key = await self.reserved(phone)
        async with opened(phone, None, **token(key)) as events:
            assert await self.post(phone, key, "a", VIEWER) == 202
            kind, said = await anext(events)
            assert (kind, said["id"], said["payload"]["data"]["identityViewer"]["id"]) == ("next", "a", phone.id)
            assert await anext(events) == ("complete", {"id": "a"})
            assert await self.post(phone, key, "b", LIVE) == 202
            assert await begun(events) == "b"
            assert await self.post(phone, key, "b", LIVE) == 409
            gone = await phone.http.delete("/graphql", params={"operationId": "b"}, headers=token(key))
            assert gone.status_code == 200

            async def free_again() -> bool:
                return await self.post(phone, key, "b", VIEWER) == 202
            await until_async(free_again)
            assert (await anext(events))[1]["payload"]["data"]["identityViewer"]["id"] == phone.id

    async def test_any_process_may_be_asked(self, settings: Settings) -> None:
        """A proxy sends each request where it likes."""
        async with serving(settings) as one, serving(settings) as other:
            here, there = one.phone(), other.phone()
            key = await self.reserved(there)
            async with opened(here, None, **token(key)) as events:
                assert await self.post(there, key, "a", {"documentId": DOCUMENTS["MessagesUnread"].id}) == 202
                kind, said = await anext(events)
                assert (kind, said) == ("next", {"id": "a", "payload": {"data": {"messagesUnread": 0}}})

    async def test_it_is_opened_once_and_ends_with_its_connection(self, shared: Served) -> None:
        phone = await shared.signed_in("resident")
        key = await self.reserved(phone)
        assert await self.post(phone, key, "a", VIEWER) == 404
        async with opened(phone, None, **token(key)):
            again = await phone.http.get("/graphql", headers=EVENTS | token(key))
            assert (again.status_code, again.json()["errors"][0]["extensions"]["code"]) == (409, "STREAM_TAKEN")

        async def over() -> bool:
            return (await phone.http.get("/graphql", headers=EVENTS | token(key))).status_code == 404
        await until_async(over)

    async def test_nobody_else_can_use_it(self, shared: Served) -> None:
        phone = await shared.signed_in("resident")
        key = await self.reserved(phone)
        async with opened(phone, None, **token(key)) as events:
            for other in (shared.phone(), await shared.signed_in("parent")):
                assert await self.post(other, key, "a", VIEWER) == 404
                gone = await other.http.delete("/graphql", params={"operationId": "a"}, headers=token(key))
                assert gone.status_code == 404
                assert (await other.http.get("/graphql", headers=EVENTS | token(key))).status_code == 404
            assert await self.post(phone, key, "mine", VIEWER) == 202
            assert (await anext(events))[1]["id"] == "mine"

    @pytest.mark.parametrize("id_", [None, "", "x" * 101])
    async def test_an_operation_has_an_id(self, shared: Served, id_: str | None) -> None:
        phone = await shared.signed_in("resident")
        key = await self.reserved(phone)
        async with opened(phone, None, **token(key)):
            assert await self.post(phone, key, id_, VIEWER) == 400

    async def test_a_refusal_is_the_answer_to_its_post(self, shared: Served) -> None:
        phone = await shared.signed_in("resident")
        key = await self.reserved(phone)
        async with opened(phone, None, **token(key)):
            assert await self.post(phone, key, "a", {"query": "{ __typename }"}) == 400
            assert await self.post(phone, key, "a", {"documentId": "x"}) == 400

    async def test_it_carries_no_more_than_it_may(self, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        from server import graphql_sse
        monkeypatch.setattr(graphql_sse, "MOST_STREAMS", 1)
        phone = await served.signed_in("resident")
        key = await self.reserved(phone)
        async with opened(phone, None, **token(key)):
            assert [await self.post(phone, key, id_, LIVE) for id_ in ("a", "b", "c")] == [202, 429, 429]

    async def test_it_ends_with_the_session(self, served: Served) -> None:
        phone = await served.signed_in("resident")
        key = await self.reserved(phone)
        async with opened(phone, None, **token(key)) as events:
            assert await self.post(phone, key, "a", LIVE) == 202
            assert await begun(events) == "a"
            await phone.ask("IdentitySignOut")
            [(kind, said), end] = await rest(events)
        code = said["payload"]["errors"][0]["extensions"]["code"]
        assert (kind, code, end) == ("next", "UNAUTHENTICATED", ("complete", {"id": "a"}))
        assert not await served.platform.redis.keys("haian:sse:*")


async def test_a_reader_who_reads_nothing_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SLOWEST", 0.01)
    sent = []

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) > 1:
            await asyncio.Event().wait()

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def body() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
    await streams.respond(receive, send, [], body())
    assert len(sent) == 2


ACCEPTS = ["text/event-stream", "text/event-stream;q=0", "multipart/mixed", "multipart/mixed;subscriptionSpec=1.0",
           "multipart/mixed;deferSpec=20220824", "multipart/mixed;incrementalSpec=v0.2", "text/html", "*/*", "", "\u00e9",
           ","]
BODIES: list[Any] = [VIEWER, LIVE, {}, [], None, {"documentId": "x"}, {"query": "{"}, {"extensions": {"operationId": [1]}},
                     {**VIEWER, "extensions": {"operationId": "a"}}, {**LIVE, "variables": {"after": "x"}}]


@tried(max_examples=80, suppress_health_check=list(HealthCheck))
@given(method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]), accept=st.sampled_from(ACCEPTS),
       body=st.sampled_from(BODIES), key=st.one_of(st.none(), st.text(max_size=20)),
       id_=st.one_of(st.none(), st.text(max_size=20)))
async def test_no_request_about_streams_makes_the_server_fail(
        shared: Served, method: str, accept: str, body: Any, key: str | None, id_: str | None) -> None:
    params = {name: value for name, value in (("token", key), ("operationId", id_)) if value is not None}
    content = json.dumps(body).encode() if method == "POST" else b""
    async with shared.phone().http.stream(method, "/graphql", params=params, content=content, headers={
            b"Accept": accept.encode(), b"Content-Type": b"application/json"}) as answer:
        assert answer.status_code < 500
        said = await answer.aread()
        assert b"INTERNAL" not in said and b"Traceback" not in said
