"""One inbox for each citizen, and what reaches the phone by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.clients import Phone, Served
from tests.waiting import PATIENCE

from haian.call import Platform
from haian.demo import demo_id
from haian.ids import new_id
from haian.outbox import tell
from haian.registry import Event
from messages import service

Work = Callable[[], Awaitable[None]]
RESIDENT = demo_id("citizen:resident")


async def happened(platform: Platform, device: str = "小米 14", type_: str = "identity.signed_in", ago: int = 0) -> Event:
    """An event that is a message of the resident's, told."""
    at = platform.clock.now() - timedelta(minutes=ago)
    event = Event(new_id(), type_, RESIDENT, {"id": str(new_id()), "device": device}, at)
    await tell(platform, event)
    return event


async def inbox(phone: Phone, **variables: Any) -> list[dict[str, Any]]:
    answer = await phone.ask("MessagesInbox", **variables)
    return [edge["node"] for edge in answer["messagesInbox"]["edges"]]


async def unread(phone: Phone) -> int:
    return int(await phone.ask("MessagesUnread"))


async def test_an_event_becomes_one_message_though_it_is_told_twice(served: Served) -> None:
    phone = await served.signed_in("resident")
    event = await happened(served.platform)
    await tell(served.platform, event)
    messages = await inbox(phone)
    assert len(messages) == await unread(phone) == 1
    assert messages[0] | {"at": ""} == {
        "id": str(event.id), "type": "identity.signed_in", "title": "新设备登录", "link": "/me/devices", "at": "",
        "readAt": None, "urgent": False, "body": "您的账号在 小米 14 上登录了。不是您本人？请在“设备”里让它退出。"}


async def test_a_second_sign_in_is_told_to_the_first_phone(served: Served, worker: Work) -> None:
    first = await served.signed_in("resident")
    async with first.live() as answers:
        assert (await anext(answers))["live"]["type"] == "ready"
        await served.signed_in("resident")
        await worker()
        told = (await asyncio.wait_for(anext(answers), PATIENCE))["live"]
    assert told["type"] == "identity.signed_in"
    assert [message["id"] for message in await inbox(first)] == [told["id"]]


async def test_messages_speak_the_language_of_the_phone(served: Served) -> None:
    await happened(served.platform, "Pixel")
    phone = served.phone("en")
    await phone.sign_in("13800000001")
    assert (await inbox(phone))[0]["body"] == "Your account was signed in on Pixel. Not you? End it under Devices."


async def test_reading_one_and_reading_all(served: Served) -> None:
    phone = await served.signed_in("resident")
    events = [await happened(served.platform, ago=minutes) for minutes in (3, 2, 1)]
    assert [message["id"] for message in await inbox(phone)] == [str(event.id) for event in reversed(events)]
    assert await phone.ask("MessagesMarkRead", id=str(events[0].id)) == 1
    assert await phone.ask("MessagesMarkRead", id=str(events[0].id)) == 0
    assert await unread(phone) == 2
    assert await phone.ask("MessagesMarkRead") == 2
    assert await unread(phone) == 0
    assert all(message["readAt"] for message in await inbox(phone))


async def test_reading_is_heard_by_my_other_phone(served: Served, worker: Work) -> None:
    await happened(served.platform)
    one, other = await served.signed_in("resident"), await served.signed_in("resident")
    await worker()
    async with other.live() as answers:
        await anext(answers)
        await one.ask("MessagesMarkRead")
        await worker()
        assert (await asyncio.wait_for(anext(answers), PATIENCE))["live"]["type"] == "messages.read"
    assert await unread(other) == 0


async def test_pages_of_the_inbox(served: Served) -> None:
    phone = await served.signed_in("resident")
    events = [await happened(served.platform, ago=i) for i in range(5)]
    first = (await phone.ask("MessagesInbox", first=2))["messagesInbox"]
    await happened(served.platform)
    rest = (await phone.ask("MessagesInbox", first=10, after=first["pageInfo"]["endCursor"]))["messagesInbox"]
    assert [edge["node"]["id"] for edge in first["edges"] + rest["edges"]] == [str(event.id) for event in events]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


async def test_an_inbox_is_nobody_elses(served: Served) -> None:
    event = await happened(served.platform)
    elder = await served.signed_in("elder")
    assert await inbox(elder) == []
    assert await elder.ask("MessagesMarkRead", id=str(event.id)) == 0
    assert await elder.ask("MessagesMarkRead") == 0
    assert await unread(await served.signed_in("resident")) == 1


async def test_an_inbox_needs_a_sign_in_and_the_badge_is_0_without(served: Served) -> None:
    nobody = served.phone()
    assert await nobody.refused("MessagesInbox") == "UNAUTHENTICATED"
    assert await nobody.refused("MessagesMarkRead") == "UNAUTHENTICATED"
    assert await unread(nobody) == 0


async def test_other_events_are_no_messages(served: Served) -> None:
    phone = await served.signed_in("resident")
    await happened(served.platform, type_="messages.read")
    assert await inbox(phone) == []


async def test_a_message_of_a_service_that_was_closed_can_still_be_read(served: Served) -> None:
    phone = await served.signed_in("resident")
    await happened(served.platform)
    async with served.platform.db.writing_as("messages") as connection:
        await connection.execute("UPDATE messages.message SET type = 'gone.away'")
    assert (await inbox(phone))[0]["title"] == "旧消息"
    assert (await inbox(phone))[0]["link"] == "/messages"


async def test_a_word_that_an_event_lacks_is_told_to_the_log(
        served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(service.log, "error", lambda what, **_: said.append(what), raising=False)
    phone = await served.signed_in("resident")
    await tell(served.platform, Event(new_id(), "identity.signed_in", RESIDENT, {}, served.platform.clock.now()))
    assert "上登录了" in (await inbox(phone))[0]["body"]
    assert said == ["messages.words_missing"]


async def test_nonsense_is_refused_with_its_code(served: Served) -> None:
    phone = await served.signed_in("resident")
    assert await phone.refused("MessagesMarkRead", id="nonsense") == "INVALID_ARGUMENT"
    assert await phone.refused("MessagesInbox", after="nonsense") == "INVALID_CURSOR"
