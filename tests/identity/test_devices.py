"""My devices: a new one is heard of on the old ones at once; each has a name, a street at most, and when it was seen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.clients import Phone, Served, new_number
from tests.waiting import PATIENCE

from identity import sessions
from identity.devices import end_unused, note_seen
from identity.places import DEMO, Places, _read


async def mine(phone: Phone) -> dict[str, Any]:
    """The device that asks."""
    return next(device for device in await phone.ask("IdentityDevices") if device["current"])


async def test_a_new_device_is_heard_of_on_the_old_ones_at_once(
        served: Served, worker: Callable[[], Awaitable[None]]) -> None:
    number = new_number()
    old = await served.signed_in(number)
    async with old.live() as answers:
        assert (await anext(answers))["live"]["type"] == "ready"
        new = await served.signed_in(number)
        await worker()
        told = (await asyncio.wait_for(anext(answers), PATIENCE))["live"]
    assert told["type"] == "identity.signed_in"
    assert told["subject"] == (await mine(new))["id"]
    assert told["subject"] in {device["id"] for device in await old.ask("IdentityDevices")}
    assert await old.ask("IdentityEndDevice", id=told["subject"]) is True
    assert await new.refused("IdentityDevices") == "UNAUTHENTICATED"


async def test_the_first_device_is_news_to_nobody(served: Served, worker: Callable[[], Awaitable[None]]) -> None:
    phone = await served.signed_in(new_number())
    await worker()
    assert (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"] == []


async def test_a_device_shows_the_street_that_its_network_is_of_and_no_address(served: Served) -> None:
    phone = await served.signed_in(new_number())  # of 10.0.0.0/8
    device = await mine(phone)
    assert device["street"]["code"] == dict(DEMO)["10.0.0.0/8"] and len(device["street"]["code"]) == 9
    async with served.platform.db.writing_as("identity") as connection:
        rows = await connection.fetch("SELECT d::text FROM identity.device d")
    assert all("10.0." not in row[0] for row in rows)


async def test_i_call_a_device_what_i_like_and_its_kind_stays(served: Served) -> None:
    phone = await served.signed_in(new_number())
    device = await mine(phone)
    assert (device["name"], device["kind"]) == ("test", "test")
    assert await phone.ask("IdentityNameDevice", id=device["id"], name="  妈妈的   手机 ") is True
    assert [(each["name"], each["kind"]) for each in await phone.ask("IdentityDevices")] == [("妈妈的 手机", "test")]


@pytest.mark.parametrize("name", ["", "   ", "长" * 31, "a\x00b", "a\u202eb"])
async def test_what_is_no_name_is_refused(shared: Served, name: str) -> None:
    phone = await shared.signed_in(new_number())
    device = (await mine(phone))["id"]
    refused = await phone.refused("IdentityNameDevice", id=device, name=name)
    assert refused in {"IDENTITY_DEVICE_NAME_INVALID", "INVALID_ARGUMENT"}
    assert (await mine(phone))["name"] == "test"


async def test_nobody_names_the_device_of_another(shared: Served) -> None:
    one, other = await shared.signed_in(new_number()), await shared.signed_in(new_number())
    for device in ((await mine(one))["id"], str(uuid4())):
        assert await other.refused("IdentityNameDevice", id=device, name="我的") == "IDENTITY_DEVICE_UNKNOWN"
    assert (await mine(one))["name"] == "test"


async def test_a_device_in_use_is_seen_and_that_is_written_down_once_an_hour(served: Served) -> None:
    phone = await served.signed_in(new_number())
    signed_in = datetime.fromisoformat((await mine(phone))["lastSeenAt"])
    served.platform.clock.move(timedelta(hours=5))
    await note_seen(served.platform)
    seen = datetime.fromisoformat((await mine(phone))["lastSeenAt"])
    assert timedelta(hours=5) <= seen - signed_in < timedelta(hours=5, minutes=1)
    served.platform.clock.move(timedelta(minutes=30))
    await mine(phone)
    await note_seen(served.platform)
    assert datetime.fromisoformat((await mine(phone))["lastSeenAt"]) == seen


async def test_a_device_that_nobody_used_is_on_no_list(served: Served) -> None:
    number = new_number()
    unused, used = await served.signed_in(number), await served.signed_in(number)
    gone, kept = (await mine(unused))["id"], (await mine(used))["id"]
    await note_seen(served.platform)
    served.platform.clock.move(timedelta(seconds=sessions.LIFETIME + 3600))
    async with served.platform.writing("identity") as tx:
        await tx.rows("UPDATE identity.device SET seen_at = $2 WHERE id = $1", UUID(kept), tx.now)
    await end_unused(served.platform)
    assert [device["id"] for device in await used.ask("IdentityDevices")] == [kept] != [gone]


# The table of places

def test_the_narrowest_network_counts() -> None:
    places = Places([("203.0.113.0/24", "370211005"), ("203.0.113.128/25", "370211007"), ("2001:db8::/32", "370211009")])
    asked = ("203.0.113.1", "203.0.113.200", "203.0.114.1", "2001:db8::1", "no address", "")
    assert [places.of(address) for address in asked] == ["370211005", "370211007", None, "370211009", None, None]


def test_the_operators_table_is_read_and_a_broken_one_shows_no_place(tmp_path: Path) -> None:
    table = tmp_path / "places.csv"
    table.write_text("203.0.113.0/24,370211005\n\n198.51.100.0/24, 370211007\n")
    assert _read(table, demo=False).of("198.51.100.9") == "370211007"
    for broken in ("203.0.113.0/24\n", "somewhere,370211005\n", "203.0.113.7/24,370211005\n"):
        table.write_text(broken)
        assert _read(table, demo=True).of("203.0.113.7") is None
    assert _read(tmp_path / "missing.csv", demo=True).of("127.0.0.1") is None
    assert _read(None, demo=False).of("127.0.0.1") is None


async def test_what_is_no_street_is_no_place(served: Served) -> None:
    served.platform.services["places"] = Places([("10.0.0.0/8", "370211005001")])  # a community: too near
    phone = await served.signed_in(new_number())
    assert (await mine(phone))["street"] is None
