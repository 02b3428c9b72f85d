"""graphql-transport-ws (enisdenjo/graphql-ws, PROTOCOL.md): who gets in, every misstep's close code, and every ending."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.clients import DOCUMENTS, Served, new_number, serving
from tests.conftest import SHARED_REDIS_NUMBER
from tests.servers import Servers
from tests.sockets import begun, closed, heard, say, socket_to
from tests.waiting import until_async
from websockets.exceptions import ConnectionClosed, InvalidStatus

from haian.feeds import tell
from haian.live import citizen_channel
from server import graphql_ws

LIVE = {"documentId": DOCUMENTS["MessagesLive"].id}
VIEWER = {"documentId": DOCUMENTS["IdentityViewer"].id}


async def test_queries_mutations_and_subscriptions_all_work(shared: Served) -> None:
    phone = await shared.signed_in(new_number())
    async with socket_to(shared, phone) as socket:
        await begun(socket)
        await say(socket, "subscribe", id="q", payload=VIEWER)
        answer = await heard(socket)
        assert (answer["id"], answer["type"]) == ("q", "next")
        assert answer["payload"]["data"]["identityViewer"]["id"] == phone.id
        assert await heard(socket) == {"id": "q", "type": "complete"}
        await say(socket, "subscribe", id="s", payload=LIVE)
        assert (await heard(socket))["payload"]["data"]["live"]["type"] == "ready"
        await say(socket, "ping")
        assert await heard(socket) == {"type": "pong"}
        await say(socket, "complete", id="s")
        await say(socket, "pong")
        await say(socket, "subscribe", id="s", payload=LIVE)
        assert (await heard(socket))["payload"]["data"]["live"]["type"] == "ready", "its id is free again"


async def test_a_post_that_ended_gives_nothing_more_on_a_socket_that_is_still_open(served: Served) -> None:
    clerk, desk = await served.signed_in("clerk"), {"documentId": DOCUMENTS["ParkingDeskSpaces"].id}
    async with socket_to(served, clerk) as socket:
        await begun(socket)
        await say(socket, "subscribe", id="before", payload=desk)
        assert "errors" not in (await heard(socket))["payload"]
        assert (await heard(socket))["type"] == "complete"
        async with served.platform.db.writing_as("staff") as connection:
            await connection.execute("DELETE FROM staff.membership WHERE citizen_id = $1", UUID(clerk.id))
        await say(socket, "subscribe", id="after", payload=desk)
        assert (await heard(socket))["payload"]["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_nobody_signs_in_over_a_socket_which_can_leave_no_cookie(shared: Served) -> None:
    number = new_number()
    async with socket_to(shared, shared.phone()) as socket:
        await begun(socket)
        for name, given in (("IdentityRequestCode", {"phone": number}),
                            ("IdentitySignIn", {"phone": number, "code": "123456", "device": ""})):
            await say(socket, "subscribe", id=name, payload={"documentId": DOCUMENTS[name].id, "variables": given})
            assert (await heard(socket))["payload"]["errors"][0]["extensions"]["code"] == "IDENTITY_NO_COOKIE"
            assert (await heard(socket))["type"] == "complete"
    async with shared.phone().http as http:
        assert (await http.get("/demo/sms", params={"phone": number})).json() == {"code": None}, "nothing was sent"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_page_of_another_site_does_not_get_in_even_with_the_cookie(shared: Served, origin: str) -> None:
    phone = await shared.signed_in("resident")
    with pytest.raises(InvalidStatus) as refused:
        async with socket_to(shared, phone, origin=origin):
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("protocol", [None, "graphql-ws", "x"])
async def test_another_protocol_is_not_acceptable(shared: Served, protocol: str | None) -> None:
    async with socket_to(shared, protocol=protocol) as socket:
        assert await closed(socket) == 4406


MISSTEPS: dict[str, tuple[int, list[Any]]] = {
    "no JSON": (4400, ["nonsense"]), "a list": (4400, [[]]), "no type": (4400, [{}]),
    "a numeric type": (4400, [{"type": 1}]),
    "an unknown type": (4400, [{"type": "start"}]), "bottomless nesting": (4400, ["[" * 20_000]),
    "a subscription before the beginning": (4401, [{"type": "subscribe", "id": "1", "payload": LIVE}]),
    "a second beginning": (4429, [{"type": "connection_init"}, {"type": "connection_init"}]),
    "no id": (4400, [{"type": "connection_init"}, {"type": "subscribe", "payload": LIVE}]),
    "an empty id": (4400, [{"type": "connection_init"}, {"type": "subscribe", "id": "", "payload": LIVE}]),
    "an id that is a number": (4400, [{"type": "connection_init"}, {"type": "subscribe", "id": 1, "payload": LIVE}]),
    "no payload": (4400, [{"type": "connection_init"}, {"type": "subscribe", "id": "1"}]),
    "a payload that is a list": (4400, [{"type": "connection_init"}, {"type": "subscribe", "id": "1", "payload": []}]),
    "a document id that is a number": (
        4400, [{"type": "connection_init"}, {"type": "subscribe", "id": "1", "payload": {"documentId": 1}}]),
    "variables that are a list": (
        4400, [{"type": "connection_init"}, {"type": "subscribe", "id": "1", "payload": {**LIVE, "variables": [1]}}]),
    "an id that is taken": (4409, [{"type": "connection_init"}, *[{"type": "subscribe", "id": "1", "payload": LIVE}] * 2]),
    "a taken id too long for a close frame": (
        4409, [{"type": "connection_init"}, *[{"type": "subscribe", "id": "长" * 100, "payload": LIVE}] * 2]),
    "more streams than fifty": (
        4429, [{"type": "connection_init"}, *({"type": "subscribe", "id": str(i), "payload": LIVE} for i in range(51))]),
    "a message beyond 64 KiB": (4400, [json.dumps({"type": "ping", "payload": "x" * 65_600})]),
    "a complete without an id": (4400, [{"type": "connection_init"}, {"type": "complete"}]),
}


@pytest.mark.parametrize(("code", "said"), MISSTEPS.values(), ids=MISSTEPS)
async def test_a_misstep_ends_the_connection_with_its_code(shared: Served, code: int, said: list[Any]) -> None:
    phone = await shared.signed_in(new_number())
    async with socket_to(shared, phone) as socket:
        for message in said:
            await socket.send(message if isinstance(message, str) else json.dumps(message))
        found = await closed(socket)
    assert found == code


async def test_bytes_are_no_message(shared: Served) -> None:
    async with socket_to(shared) as socket:
        await socket.send(b"\xff\xfe")
        assert await closed(socket) in (4400, 1003, 1007)


async def test_who_never_begins_is_let_go(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphql_ws, "INIT_SECONDS", 0.1)
    async with socket_to(shared) as socket:
        assert await closed(socket) == 4408


async def test_who_only_pings_has_not_begun(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphql_ws, "INIT_SECONDS", 1)
    async with socket_to(shared) as socket:
        await say(socket, "ping")
        assert await heard(socket) == {"type": "pong"}
        assert await closed(socket) == 4408


@pytest.mark.parametrize(("payload", "code"), [
    (LIVE, "UNAUTHENTICATED"), ({"documentId": "x"}, "DOCUMENT_UNKNOWN"), ({"query": "{ __typename }"}, "DOCUMENT_REQUIRED"),
    ({}, "DOCUMENT_REQUIRED"),
    ({**LIVE, "variables": {"a": json.loads("[" * 20 + "]" * 20)}}, "LIMIT_VARIABLES_DEPTH")], ids=str)
async def test_a_refusal_ends_its_operation_and_not_the_connection(
        shared: Served, payload: dict[str, Any], code: str) -> None:
    async with socket_to(shared) as socket:
        await begun(socket)
        await say(socket, "subscribe", id="1", payload=payload)
        answer = await heard(socket)
        assert (answer["type"], answer["id"], answer["payload"][0]["extensions"]["code"]) == ("error", "1", code)
        await say(socket, "subscribe", id="1", payload=VIEWER)
        assert (await heard(socket))["payload"]["data"]["identityViewer"] is None


async def test_a_refusal_speaks_the_language_of_the_connection(shared: Served) -> None:
    async with socket_to(shared, None, **{"Accept-Language": "en"}) as socket:
        await begun(socket)
        await say(socket, "subscribe", id="1", payload=LIVE)
        assert (await heard(socket))["payload"][0]["message"] == "Please sign in first."


async def test_ending_the_session_ends_its_sockets_and_nobody_elses(shared: Served) -> None:
    number = new_number()
    lost, kept = await shared.signed_in(number), await shared.signed_in(number)
    async with socket_to(shared, lost) as one, socket_to(shared, kept) as other, socket_to(shared) as nobody:
        for socket in (one, other, nobody):
            await begun(socket)
        await lost.ask("IdentitySignOut")
        assert await closed(one) == 4401
        for socket in (other, nobody):
            await say(socket, "ping")
            assert await heard(socket) == {"type": "pong"}


async def test_a_session_that_ended_while_the_socket_was_opening_is_not_missed(shared: Served) -> None:
    """The session is asked for again once its ending would be heard."""
    for _ in range(5):
        phone = await shared.signed_in(new_number())
        async with contextlib.AsyncExitStack() as stack:
            opening = asyncio.create_task(stack.enter_async_context(socket_to(shared, phone)))
            await phone.ask("IdentitySignOut")
            with contextlib.suppress(InvalidStatus, ConnectionClosed):
                socket = await opening
                await say(socket, "connection_init")
                await say(socket, "subscribe", id="1", payload=LIVE)
                with contextlib.suppress(ConnectionClosed):
                    answers = [await heard(socket), await heard(socket)]
                    assert "ready" not in str(answers), "a signed-out phone listens on"


async def test_a_wrong_token_ends_the_connection(shared: Served) -> None:
    async with socket_to(shared, Authorization="Bearer x") as socket:
        assert await closed(socket) == 4401


async def test_who_leaves_leaves_nothing_behind(shared: Served) -> None:
    """No listener, no task: the hub forgets a phone that went into the lift."""
    hub = shared.platform.hub
    phone = await shared.signed_in(new_number())
    channel = f"haian:live:{phone.id}"
    async with socket_to(shared, phone) as socket:
        await begun(socket)
        await say(socket, "subscribe", id="1", payload=LIVE)
        await heard(socket)
        assert channel in hub.listeners
        socket.transport.abort()

    async def gone() -> bool:
        return channel not in hub.listeners
    await until_async(gone)


async def test_stopping_the_server_says_goodbye_to_its_sockets(shared: Served, servers: Servers) -> None:
    given = shared.platform.settings.model_copy(update={"redis_url": servers.valkey.url(SHARED_REDIS_NUMBER)})
    async with contextlib.AsyncExitStack() as stack:
        serving_ = serving(given)
        served = await serving_.__aenter__()
        socket = await stack.enter_async_context(socket_to(served))
        await begun(socket)
        ending = asyncio.create_task(serving_.__aexit__(None, None, None))
        assert await closed(socket) in (1001, 1012)
        await ending


async def test_an_event_reaches_every_socket_of_its_citizen(shared: Served) -> None:
    number = new_number()
    phones = [await shared.signed_in(number) for _ in range(3)]
    async with contextlib.AsyncExitStack() as stack:
        lives = [await stack.enter_async_context(phone.live()) for phone in phones]
        for live in lives:
            assert (await anext(live))["live"]["type"] == "ready"
        channel = citizen_channel(UUID(phones[0].id))
        await tell(shared.platform.redis, channel, uuid4(), {"id": "1", "type": "a.b", "subject": "2"})
        for live in lives:
            event = (await anext(live))["live"]
            assert (event["type"], event["id"], event["subject"]) == ("a.b", "1", "2")
