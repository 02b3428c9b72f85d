"""How often one may come: by person, device, token and address, each by a rate of its own, told in time to wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.clients import DOCUMENTS, Phone, Served, new_number, serving
from tests.sockets import begun, heard, say, socket_to

from haian import line
from haian.errors import RateLimited
from haian.line import Wire
from identity import sessions
from identity.tokens import Claims, Tokens
from server import admission
from server.admission import RATES, Admission
from server.load import Load

Limited = Callable[..., Served]


@pytest.fixture
def limited(shared: Served, monkeypatch: pytest.MonkeyPatch) -> Limited:
    """The shared product with limits of this test's own."""
    def server(**rates: int) -> Served:
        none = {f"rate_{name}": 0 for name in RATES}
        given = shared.platform.settings.model_copy(update=none | rates)
        monkeypatch.setitem(shared.platform.services, "admission", Admission(shared.platform.line, given))
        return shared
    return server


def at(other: Served, phone: Phone) -> Phone:
    """The same browser at another server."""
    moved = other.phone()
    moved.http.cookies, moved.id = phone.http.cookies, phone.id
    return moved


@pytest.fixture
def known_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow it is here, who was let in a moment ago was so a moment ago."""
    monkeypatch.setattr(line, "PROVED_SECONDS", 600)
    monkeypatch.setattr(admission, "LEASE_SECONDS", 600)


def in_about(said: float, seconds: float, began: float) -> bool:
    """Whether one is told to come again in so many seconds, less those that went by since it began."""
    return seconds - (time.monotonic() - began) <= said <= seconds


async def codes(phone: Phone, document: str, times: int, **variables: Any) -> list[int]:
    return [(await phone.send(document, **variables)).status_code for _ in range(times)]


async def test_who_comes_too_often_is_told_when_to_come_again(shared: Served, limited: Limited) -> None:
    mine, other = await shared.signed_in(new_number()), await shared.signed_in(new_number())
    served, began = limited(rate_citizen=5), time.monotonic()
    assert await codes(at(served, mine), "MessagesUnread", 5) == [200] * 5
    refused = await at(served, mine).send("MessagesUnread")
    assert await codes(at(served, other), "MessagesUnread", 1) == [200]
    wait = int(refused.headers["retry-after"])
    assert refused.status_code == 429 and in_about(wait, 12, began)
    [error] = refused.json()["errors"]
    assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": wait}
    assert "data" not in refused.json()


async def test_what_is_refused_is_not_done(shared: Served, limited: Limited) -> None:
    phone = await shared.signed_in(new_number())
    served = limited(rate_citizen=1)
    assert await codes(at(served, phone), "MessagesUnread", 1) == [200]
    assert await at(served, phone).refused("IdentitySignOut") == "RATE_LIMITED"
    limited()
    assert len(await phone.ask("IdentityDevices")) == 1


async def test_each_device_has_its_own_rate_and_all_share_the_persons(shared: Served, limited: Limited) -> None:
    number = new_number()
    phones = [await shared.signed_in(number) for _ in range(3)]
    served = limited(rate_citizen=7, rate_device=3)
    found = [await codes(at(served, phone), "MessagesUnread", 4) for phone in phones]
    assert found == [[200, 200, 200, 429], [200, 200, 200, 429], [200, 429, 429, 429]]


async def test_who_comes_many_times_at_once_is_let_in_no_oftener(shared: Served) -> None:
    """Each answer of Redis allows a few to pass; what passed by one answer is not allowed by the next again."""
    citizen, passed, began = uuid4(), 0, time.monotonic()
    settings = shared.platform.settings.model_copy(update={f"rate_{name}": 0 for name in RATES} | {"rate_citizen": 64})
    await sessions.begin_device(shared.platform.redis, citizen, citizen)
    door = Admission(shared.platform.line, settings)
    claims = Claims(str(citizen), str(citizen), "token", 0, 0)

    async def come() -> None:
        nonlocal passed
        await door.by_token(claims, "")
        passed += 1
        while door.at_once("token", ""):
            passed += 1
    with suppress(RateLimited):
        while True:
            await asyncio.gather(*(come() for _ in range(16)))
    assert 64 <= passed <= 64 + (time.monotonic() - began) * 64 / 60


async def test_searching_has_a_rate_of_its_own(shared: Served, limited: Limited) -> None:
    phone = await shared.signed_in(new_number())
    served = limited(rate_search=2)
    assert await codes(at(served, phone), "SearchKinds", 3, text="停车") == [200, 200, 429]
    assert await codes(at(served, phone), "MessagesUnread", 2) == [200, 200]
    nobody = served.phone()
    assert await codes(nobody, "SearchKinds", 3, text="停车") == [200, 200, 429]
    assert await codes(nobody, "IdentityStreets", 2) == [200, 200]


async def test_nobody_in_particular_is_limited_by_the_address_that_our_client_signed(
        shared: Served, limited: Limited) -> None:
    mine = await shared.signed_in(new_number())
    served = limited(rate_address=2)
    nobody = served.phone()
    assert await codes(nobody, "IdentityStreets", 3) == [200, 200, 429]
    assert await codes(served.phone(), "IdentityStreets", 2) == [200, 200], "another address"
    found = []
    for address in ("2001:db8:7::1", "2001:db8:7::2", "2001:db8:7:0:ffff::", "2001:db8:7:1::1", "::ffff:10.255.0.1"):
        nobody.http.headers["X-Haian-Address"] = served.signed(address)
        found += await codes(nobody, "IdentityStreets", 1)
    assert found == [200, 200, 429, 200, 200], "whoever has one address of a network of IPv6 has all of it"
    moved = at(served, mine)
    moved.http.headers["X-Haian-Address"] = nobody.http.headers["X-Haian-Address"]
    assert await codes(moved, "IdentityStreets", 4) == [200] * 4, "who is signed in is known by name"


async def test_an_access_token_has_a_rate_of_its_own(shared: Served, limited: Limited) -> None:
    phone = await shared.signed_in(new_number())
    [device] = await phone.ask("IdentityDevices")
    tokens: Tokens = shared.platform.services["tokens"]
    served = limited(rate_token=2)
    issuer = Tokens(tokens.ring, served.origin, tokens.clock)
    found = []
    for _ in range(2):
        client = served.phone()
        client.http.headers["Authorization"] = f"Bearer {issuer.make(phone.id, device['id'])}"
        found.append(await codes(client, "MessagesUnread", 3))
    assert found == [[200, 200, 429]] * 2
    assert await codes(at(served, phone), "MessagesUnread", 3) == [200] * 3


async def test_what_is_asked_over_an_open_socket_counts_like_any_request(shared: Served, limited: Limited) -> None:
    phone, number = await shared.signed_in(new_number()), 0
    await phone.ask("MessagesUnread")
    served, began = limited(rate_citizen=3), time.monotonic()
    async with socket_to(served, phone) as socket:
        await begun(socket)
        for number in range(3):
            await say(socket, "subscribe", id=str(number), payload={"documentId": DOCUMENTS["MessagesUnread"].id})
            answer = await heard(socket)
            if number < 2:  # the socket itself was one
                assert (await heard(socket))["type"] == "complete"
                assert "errors" not in answer["payload"]
        told = answer["payload"][0]["extensions"]
        assert told["code"] == "RATE_LIMITED" and in_about(told["retryAfter"], 20, began)
    assert await phone.refused("MessagesUnread") == "RATE_LIMITED"


async def test_an_open_socket_is_no_way_around_a_load_beyond_capacity(
        shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = await shared.signed_in(new_number())
    load = Load(most=0, most_waiting=0)
    async with socket_to(shared, phone) as socket:
        await begun(socket)
        monkeypatch.setitem(shared.platform.services, "load", load)
        await say(socket, "subscribe", id="1", payload={"documentId": DOCUMENTS["MessagesUnread"].id})
        assert (await heard(socket))["payload"][0]["extensions"]["code"] == "OVERLOADED"


def watched(served: Served, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A line for each round trip to Redis that a product makes from now on."""
    trips: list[str] = []
    ask = Wire.ask

    def asking(wire: Wire, commands: Sequence[bytes], key: bytes = b"") -> asyncio.Future[list[Any]]:
        trips.append("line")
        return ask(wire, commands, key)

    async def never(*_: Any, **__: Any) -> Any:
        trips.append("another way")
    monkeypatch.setattr(Wire, "ask", asking)
    monkeypatch.setattr(served.platform.redis, "execute_command", never)
    return trips


async def test_session_and_rates_are_one_round_trip(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    phones = [shared.phone(), await shared.signed_in(new_number())]
    for phone in phones:
        await phone.ask("MessagesUnread")
    monkeypatch.setattr(shared.platform.line, "known", lambda key: None)
    trips = watched(shared, monkeypatch)
    for phone in phones:
        await phone.ask("MessagesUnread")
    assert trips == ["line", "line"]


@pytest.mark.usefixtures("known_for_long")
async def test_who_was_here_a_moment_ago_costs_no_round_trip_while_redis_proves_the_session(
        shared: Served, limited: Limited, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = await shared.signed_in(new_number())
    limited(rate_citizen=600)
    await phone.ask("MessagesUnread")
    trips = watched(shared, monkeypatch)
    for _ in range(5):
        await phone.ask("MessagesUnread")
    assert trips == []
    wire = shared.platform.line.wire  # type: ignore[attr-defined]
    wire.proved -= 601
    await phone.ask("MessagesUnread")
    assert trips == ["line"]


@pytest.mark.usefixtures("known_for_long")
async def test_passing_before_being_charged_is_still_no_more_than_the_rate(
        shared: Served, limited: Limited, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = await shared.signed_in(new_number())
    served, began = limited(rate_citizen=20), time.monotonic()
    trips = watched(shared, monkeypatch)
    found = await codes(at(served, phone), "MessagesUnread", 22)
    more = int((time.monotonic() - began) / 3)  # one has room again every three seconds
    assert found[:20] == [200] * 20 and found[20:].count(200) <= more
    assert len(trips) < 22
    limited(rate_citizen=20)  # another process
    found += await codes(at(served, phone), "MessagesUnread", 1)
    assert found.count(200) <= 20 + (time.monotonic() - began) / 3


async def test_a_session_that_ended_is_refused_at_the_next_request_by_every_server(shared: Served) -> None:
    number = new_number()
    phone, other = await shared.signed_in(number), await shared.signed_in(number)
    async with serving(shared.platform.settings) as second:
        elsewhere = at(second, phone)
        assert len(await elsewhere.ask("IdentityDevices")) == 2
        assert len(await phone.ask("IdentityDevices")) == 2
        await other.ask("IdentityEndOtherDevices")
        assert await elsewhere.refused("IdentityDevices") == "UNAUTHENTICATED"
        assert await phone.refused("IdentityDevices") == "UNAUTHENTICATED"


async def test_while_redis_is_away_nobody_in_particular_still_reads(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise OSError
    phone = await shared.signed_in(new_number())
    monkeypatch.setattr(Wire, "ask", away)
    monkeypatch.setattr(shared.platform.line, "known", lambda key: None)
    assert len(await shared.phone().ask("IdentityStreets")) == 23
    refused: httpx.Response = await phone.send("IdentityStreets")
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")
