"""The Python caller of the gateway: for whom it calls, and what it makes of every answer. Against the real gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.clients import Phone, Served, new_address

from webapp.gateway import Caller, Gateway, Refused, session_cookie


@pytest_asyncio.fixture
async def gateway(shared: Served) -> AsyncIterator[Gateway]:
    gateway = Gateway(shared.origin, shared.origin, shared.platform.settings.address_key, shared.platform.clock.epoch)
    yield gateway
    await gateway.close()


def caller_of(phone: Phone, language: str = "zh") -> Caller:
    cookie = "; ".join(f"{c.name}={c.value}" for c in phone.http.cookies.jar)
    return Caller(session_cookie(cookie), new_address(), "en" if language == "en" else "zh")


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("a=1; haian_session=x.y; b=2", "haian_session=x.y"),
        ("haian_session=plain; __Host-haian_session=strict", "__Host-haian_session=strict"),
        ("haian_session=", ""),
        ("haian_session=tossed; haian_session=mine", ""),
        ("haian_session=mine; haian_session=mine", "haian_session=mine"),
        ("other=1", ""),
        ("", ""),
    ],
)
def test_only_our_cookie_goes_along(header: str, ours: str) -> None:
    assert session_cookie(header) == ours


async def test_a_person_is_answered_as_that_person(shared: Served, gateway: Gateway) -> None:
    phone = await shared.signed_in("resident")
    viewer = (await gateway.ask("IdentityViewer", {}, caller_of(phone)))["identityViewer"]
    assert viewer["id"] == phone.id
    stranger = Caller("", new_address())
    assert (await gateway.ask("IdentityViewer", {}, stranger))["identityViewer"] is None


async def test_a_refusal_speaks_the_language_of_the_page(gateway: Gateway) -> None:
    for language, word in (("zh", "登录"), ("en", "ign in")):
        with pytest.raises(Refused) as refused:
            await gateway.ask("IdentityDevices", {}, Caller("", new_address(), "en" if language == "en" else "zh"))
        assert refused.value.signed_out
        assert word in refused.value.message


async def test_the_persons_address_is_limited_not_ours(gateway: Gateway, shared: Served) -> None:
    """Each address may ask for so many codes; another person behind the same client is not affected."""
    first, second = Caller("", new_address()), Caller("", new_address())
    with pytest.raises(Refused, match="LIMIT"):
        for _ in range(8):
            await gateway.ask("IdentityRequestCode", {"phone": "19912345678"}, first)
    assert await gateway.ask("IdentityRequestCode", {"phone": "19912345678"}, second)


async def test_a_gateway_out_of_reach_is_a_sentence() -> None:
    away = Gateway("http://127.0.0.1:9", "http://127.0.0.1:9")
    with pytest.raises(Refused) as refused:
        await away.ask("IdentityViewer", {}, Caller("", ""))
    assert (refused.value.code, refused.value.status) == ("UNREACHABLE", 503)
    with pytest.raises(Refused, match="UNREACHABLE"):
        async for _ in away.subscribe("MessagesLive", {}, Caller("", "")):
            pass
    await away.close()


async def test_an_unknown_document_is_our_fault(gateway: Gateway) -> None:
    with pytest.raises(Refused, match="INTERNAL"):
        await gateway.ask("NoSuchThing", {}, Caller("", ""))


async def test_what_happens_arrives_and_an_ended_device_ends_it(shared: Served, gateway: Gateway) -> None:
    phone, other = await shared.signed_in("elder"), await shared.signed_in("elder")
    pushes = gateway.subscribe("MessagesLive", {}, caller_of(phone))
    async with asyncio.timeout(20):
        assert (await anext(pushes))["live"]["type"] == "ready"
        await other.ask("IdentityEndOtherDevices")
        with pytest.raises(Refused) as ended:
            while True:
                await anext(pushes)
    assert ended.value.signed_out
