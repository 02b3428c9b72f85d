"""Subscriptions: rendered once for all who see the same, bounded, and resumed where their reader stood."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from tests.clients import DOCUMENTS, Served, new_number
from tests.sockets import begun, closed, event, heard, say, socket_to, subscribed
from tests.waiting import until_async
from websockets.asyncio.client import ClientConnection

from gateway import live
from gateway.execution import Gateway
from gateway.groups import Group
from gateway.live import TooSlow
from haian.call import Call
from haian.errors import NotCovered
from haian.feeds import KEPT_SECONDS, missed, tell
from haian.positions import cursor_of
from haian.rules import SIGNED_IN
from haian.viewer import ANONYMOUS, Client, Viewer
from messages.schema import NewsEvent
from messages.service import NEWS
from server import app

CHANGES = "MessagesNewsChanges"
HERE, THERE = "370211001", "370211002"


async def publish(served: Served, street: str | None = None) -> str:
    """News is told of, whether or not there is any with this id."""
    id_ = uuid4()
    await tell(served.platform.redis, NEWS, id_, {"type": "messages.news_published", "news": str(id_), "street": street})
    return str(id_)


@pytest.fixture(autouse=True)
def gateways(monkeypatch: pytest.MonkeyPatch) -> list[Gateway]:
    """The gateways of what is served from now on."""
    made: list[Gateway] = []

    class Seen(Gateway):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            made.append(self)
    monkeypatch.setattr(app, "Gateway", Seen)
    return made


@pytest_asyncio.fixture
async def gateway(gateways: list[Gateway], served: Served) -> Gateway:
    return gateways[-1]


@pytest_asyncio.fixture
async def crowd(gateway: Gateway, served: Served) -> AsyncIterator[list[ClientConnection]]:
    """Twenty who read all news; each has heard `READY`."""
    async with contextlib.AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(socket_to(served)) for _ in range(20)]
        for number, socket in enumerate(sockets):
            await subscribed(socket, CHANGES, str(number % 2))
            assert (await event(socket))["change"] == "READY"
        yield sockets


async def test_an_event_is_rendered_once_however_many_see_it(
        served: Served, gateway: Gateway, crowd: list[ClientConnection], monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[Any] = []
    monkeypatch.setattr(Group, "render", counting(rendered, Group.render))
    news = [await publish(served) for _ in range(3)]
    for number, socket in enumerate(crowd):
        messages = [await heard(socket) for _ in news]
        assert [message["payload"]["data"]["messagesNewsChanges"]["id"] for message in messages] == news
        assert {message["id"] for message in messages} == {str(number % 2)}, "each by the id that its client gave it"
    assert len(rendered) == len(news)
    assert len(gateway.live.groups) == 1


def counting(calls: list[Any], function: Any) -> Any:
    def counted(*given: Any) -> Any:
        calls.append(given)
        return function(*given)
    return counted


async def test_who_sees_something_else_is_another_group(served: Served, gateway: Gateway, crowd: list[Any]) -> None:
    async with socket_to(served) as here, socket_to(served, None, **{"Accept-Language": "en"}) as english:
        await subscribed(here, CHANGES, street=HERE)
        await subscribed(english, CHANGES)
        for socket in (here, english):
            assert (await event(socket))["change"] == "READY"
        assert len(gateway.live.groups) == 3


async def test_a_variable_that_is_not_declared_makes_no_group(served: Served, gateway: Gateway, crowd: list[Any]) -> None:
    async with socket_to(served) as socket:
        await subscribed(socket, CHANGES, mark="x" * 1000)
        assert (await event(socket))["change"] == "READY"
        assert len(gateway.live.groups) == 1


async def test_where_a_reader_stood_makes_no_group(served: Served, gateway: Gateway, crowd: list[Any]) -> None:
    await publish(served)
    cursor = (await event(crowd[0]))["cursor"]
    async with socket_to(served) as later:
        await subscribed(later, CHANGES, after=cursor)
        news = await publish(served)
        assert (await event(later))["id"] == news
        assert len(gateway.live.groups) == 1


async def test_news_of_another_street_is_not_told(served: Served) -> None:
    async with socket_to(served) as socket:
        await subscribed(socket, CHANGES, street=HERE)
        await event(socket)
        await publish(served, THERE)
        told = [await publish(served, HERE), await publish(served)]
        assert [(await event(socket))["id"] for _ in told] == told


async def test_news_is_there_when_it_is_told_and_gone_when_it_is_withdrawn(served: Served, worker: Any) -> None:
    editor = await served.signed_in("editor")
    async with socket_to(served) as socket:
        await subscribed(socket, CHANGES)
        await event(socket)
        made = await editor.ask("MessagesPublishNews", topic="NOTICE", title="今晚停水", body="二十二点起。", key="k" * 8)
        await worker()
        told = await event(socket)
        assert (told["change"], told["news"]["title"]) == ("PUBLISHED", "今晚停水")
        await editor.ask("MessagesWithdrawNews", id=made["id"])
        await worker()
        told = await event(socket)
        assert (told["change"], told["id"], told["news"]) == ("WITHDRAWN", made["id"], None)


async def test_who_comes_back_hears_what_it_missed_in_order_and_once(served: Served) -> None:
    async with socket_to(served) as socket:
        await subscribed(socket, CHANGES)
        await event(socket)
        await publish(served)
        cursor = (await event(socket))["cursor"]
    told = [await publish(served) for _ in range(5)]
    async with socket_to(served) as socket:
        await subscribed(socket, CHANGES, after=cursor)
        told += [await publish(served) for _ in range(5)]
        assert [(await event(socket))["id"] for _ in told] == told


async def test_who_only_heard_ready_comes_back_too(served: Served) -> None:
    async with socket_to(served) as socket:
        await subscribed(socket, CHANGES)
        cursor = (await event(socket))["cursor"]
    told = await publish(served)
    async with socket_to(served) as socket:
        await subscribed(socket, CHANGES, after=cursor)
        assert (await event(socket))["id"] == told


async def test_who_was_away_too_long_or_with_another_redis_reads_again(served: Served) -> None:
    hub, now = served.platform.hub, (await missed(served.platform.redis, NEWS, None)).now
    for cursor in (cursor_of(hub.epoch, (now[0] - KEPT_SECONDS * 1000 - 5000, 0)), cursor_of("0" * 8, now)):
        async with socket_to(served) as socket:
            await subscribed(socket, CHANGES, after=cursor)
            again = await event(socket)
            assert again["change"] == "RESYNC"
            told = await publish(served)
            assert (await event(socket))["id"] == told
        async with socket_to(served) as socket:
            await subscribed(socket, CHANGES, after=again["cursor"])
            assert (await event(socket))["id"] == told, "the cursor that came with it is good"


async def test_a_cursor_of_nobody_is_refused(served: Served) -> None:
    async with socket_to(served) as socket:
        await subscribed(socket, CHANGES, after="garbage")
        answer = await heard(socket)
        assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == ("error", "INVALID_CURSOR")


async def test_the_last_one_to_leave_leaves_nothing_behind(served: Served, gateway: Gateway) -> None:
    async with socket_to(served) as socket:
        await subscribed(socket, CHANGES)
        await event(socket)
        await say(socket, "complete", id="1")

        async def gone() -> bool:
            return not gateway.live.groups and not gateway.live.held and NEWS not in served.platform.hub.listeners
        await until_async(gone)


async def test_a_citizen_holds_so_many_subscriptions_and_no_more(served: Served, gateway: Gateway) -> None:
    phone, other = await served.signed_in(new_number()), await served.signed_in(new_number())
    most = served.platform.settings.live_per_citizen
    live_ = DOCUMENTS["MessagesLive"].id
    async with contextlib.AsyncExitStack() as stack:
        for first in range(0, most, 40):
            socket = await begun(await stack.enter_async_context(socket_to(served, phone)))
            for number in range(first, first + 40):
                await say(socket, "subscribe", id=str(number), payload={"documentId": live_})
                assert (await heard(socket))["type"] == "next"
        last = await subscribed(await stack.enter_async_context(socket_to(served, phone)), "MessagesLive")
        refused = await heard(last)
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "LIVE_TOO_MANY")
        another = await subscribed(await stack.enter_async_context(socket_to(served, other)), "MessagesLive")
        assert (await event(another))["type"] == "ready"
        await say(socket, "complete", id=str(most - 1))

        async def given_back() -> bool:
            return sum(gateway.live.held.values()) == most
        await until_async(given_back)
        await say(last, "subscribe", id="2", payload={"documentId": live_})
        assert (await event(last))["type"] == "ready"


async def test_another_transport_asks_for_answer_after_answer(served: Served, gateway: Gateway) -> None:
    answers = gateway.stream(gateway.documents.by_name[CHANGES], {}, Call(served.platform, ANONYMOUS))
    assert b'"change":"READY"' in await anext(answers)
    told = await publish(served)
    assert told.encode() in await anext(answers)
    await answers.aclose()  # type: ignore[attr-defined]
    assert not gateway.live.held


async def test_what_a_token_may_hear_is_rendered_as_for_the_token(
        served: Served, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown of an event is what the mini-app may see, never what its citizen would."""
    assert gateway.core.subscription_type
    declared = gateway.core.subscription_type.fields["live"].extensions["strawberry-definition"]
    monkeypatch.setitem(declared.metadata, "allow", replace(SIGNED_IN, scope="parking.bookings.read"))
    client, scopes = Client(uuid4(), None), frozenset({"parking.bookings.read"})
    citizen = Viewer(UUID((await served.signed_in(new_number())).id))
    token = citizen._replace(scopes=scopes, client=client)
    operation = gateway.documents.by_name["MessagesLive"]
    streams = [gateway.stream(operation, {}, Call(served.platform, viewer)) for viewer in (citizen, token)]
    for stream in streams:
        assert b'"type":"ready"' in await anext(stream)
    assert [group.call.viewer for group in gateway.live.groups.values()] == [citizen, token]
    for stream in streams:
        await stream.aclose()  # type: ignore[attr-defined]
    with pytest.raises(NotCovered):
        await anext(gateway.stream(operation, {}, Call(served.platform, token._replace(scopes=frozenset()))))


async def test_who_asks_too_slowly_is_dropped(served: Served, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_UNREAD", 3)
    answers = gateway.stream(gateway.documents.by_name[CHANGES], {}, Call(served.platform, ANONYMOUS))
    await anext(answers)
    for _ in range(5):
        await publish(served)

    async def all_came() -> bool:
        return not gateway.live.groups or all(len(group.shown) == 5 for group in gateway.live.groups.values())
    await until_async(all_came)
    with pytest.raises(TooSlow):
        while True:
            await asyncio.wait_for(anext(answers), 60)


async def test_an_event_that_cannot_be_shown_is_an_error_and_the_next_is_shown(
        served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async with socket_to(served) as socket:
        await subscribed(socket, CHANGES)
        await event(socket)
        with monkeypatch.context() as broken:
            broken.setattr(NewsEvent, "of", lambda told: 1 / 0)
            await tell(served.platform.redis, NEWS, uuid4(), {"type": "messages.news_nonsense"})
            message = await heard(socket)
        assert message["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL"
        told = await publish(served)
        assert (await event(socket))["id"] == told


async def test_closing_codes_are_for_connections_and_not_for_streams(served: Served) -> None:
    """More subscriptions on one socket than fifty end it; the fiftieth does not."""
    async with socket_to(served) as socket:
        await begun(socket)
        for number in range(50):
            await say(socket, "subscribe", id=str(number), payload={"documentId": DOCUMENTS[CHANGES].id})
            assert (await heard(socket))["type"] == "next"
        await say(socket, "subscribe", id="50", payload={"documentId": DOCUMENTS[CHANGES].id})
        assert await closed(socket) == 4429
