"""Signing in by phone number and one-time code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from tests.clients import Phone, Served
from websockets.exceptions import ConnectionClosedError


async def test_a_resident_signs_in_with_the_code_that_was_sent(served: Served) -> None:
    phone = await served.signed_in("resident")
    viewer = (await phone.ask("IdentityViewer"))["identityViewer"]
    assert viewer["name"] == "王海燕"
    assert viewer["maskedPhone"] == "138****0001"


async def test_nobody_is_signed_in_before(served: Served) -> None:
    assert (await served.phone().ask("IdentityViewer"))["identityViewer"] is None
    assert await served.phone().refused("IdentityDevices") == "UNAUTHENTICATED"


async def test_a_code_is_good_for_the_browser_that_asked_and_no_other(served: Served) -> None:
    asked, other = served.phone(), served.phone()
    await asked.ask("IdentityRequestCode", phone="13800000001")
    code = (await asked.http.get("/demo/sms", params={"phone": "13800000001"})).json()["code"]
    assert await other.refused("IdentitySignIn", phone="13800000001", code=code) == "IDENTITY_CODE_WRONG"
    assert (await asked.ask("IdentitySignIn", phone="13800000001", code=code))["maskedName"] == "王*燕"


async def test_ending_a_device_ends_its_session_and_its_sockets_at_once(served: Served) -> None:
    lost, kept = await served.signed_in("resident"), await served.signed_in("resident")
    async with lost.live() as answers:
        assert (await anext(answers))["live"]["type"] == "ready"
        devices = await kept.ask("IdentityDevices")
        other = next(device["id"] for device in devices if not device["current"])
        assert await kept.ask("IdentityEndDevice", id=other) is True
        with pytest.raises(ConnectionClosedError, match="4401"):
            await anext(answers)
    assert await lost.refused("IdentityDevices") == "UNAUTHENTICATED"
    assert len(await kept.ask("IdentityDevices")) == 1


async def test_the_ledger_shows_my_own_sign_in(served: Served) -> None:
    phone: Phone = await served.signed_in("elder")
    entries = (await phone.ask("ConsentLedger"))["edges"]
    assert [entry["node"]["action"] for entry in entries] == ["SIGNED_IN"]


async def test_my_phone_hears_that_another_of_mine_was_ended(served: Served, worker: Callable[[], Awaitable[None]]) -> None:
    one, other = await served.signed_in("clerk"), await served.signed_in("clerk")
    await worker()
    async with one.live() as answers:
        await anext(answers)
        assert await other.ask("IdentitySignOut") is True
        await worker()
        assert (await anext(answers))["live"]["type"] == "identity.session_ended"
