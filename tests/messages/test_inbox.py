"""The inbox: filled by the worker, read in the reader's language, a message at a time or all at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.clients import Served

from haian.ids import new_id
from haian.registry import Event
from messages.service import deliver

Work = Callable[[], Awaitable[None]]


async def test_a_sign_in_elsewhere_is_told_on_the_phone_and_in_the_inbox(served: Served, worker: Work) -> None:
    phone = await served.signed_in("resident")
    await worker()
    async with phone.live() as answers:
        assert (await anext(answers))["live"]["type"] == "ready"
        await served.signed_in("resident")
        await worker()
        told = (await anext(answers))["live"]
    assert told["type"] == "identity.signed_in"
    inbox = await phone.ask("MessagesInbox")
    assert inbox["messagesUnread"] == 1
    [message] = [edge["node"] for edge in inbox["messagesInbox"]["edges"]]
    assert (message["id"], message["title"], message["link"]) == (told["id"], "新设备登录", "/me/devices")
    assert "test" in message["body"]


async def test_a_message_speaks_the_language_of_its_reader(served: Served, worker: Work) -> None:
    phone = await served.signed_in("resident")
    await served.signed_in("resident")
    await worker()
    phone.http.headers["Accept-Language"] = "en"
    [edge] = (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert edge["node"]["title"] == "New sign-in"


async def test_an_event_that_is_told_twice_is_one_message(served: Served) -> None:
    phone = await served.signed_in("elder")
    from uuid import UUID
    event = Event(new_id(), "identity.signed_in", UUID(phone.id), {"device": "x"}, served.platform.clock.now())
    for _ in range(2):
        await deliver(served.platform, event)
    assert len((await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]) == 1


async def test_messages_are_marked_one_at_a_time_or_all_at_once_and_only_mine(served: Served, worker: Work) -> None:
    mine, other = await served.signed_in("resident"), await served.signed_in("elder")
    for _ in range(3):
        await served.signed_in("resident")
    await worker()
    [first, *_] = (await mine.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert await other.ask("MessagesMarkRead", id=first["node"]["id"]) == 0
    assert await mine.ask("MessagesMarkRead", id=first["node"]["id"]) == 1
    assert await mine.ask("MessagesMarkRead", id=first["node"]["id"]) == 0
    assert await mine.ask("MessagesMarkRead") == 2
    assert await mine.ask("MessagesUnread") == 0
    assert await served.phone().ask("MessagesUnread") == 0
