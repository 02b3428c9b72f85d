"""Attacks on the whole: what somebody types never becomes a header, an address, or another's request."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from tests.clients import DOCUMENTS, Served, new_number

SPLIT = ["x\r\nSet-Cookie: haian_session=evil", "x\nX-Evil: 1", "x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nevil",
         "x\u560a\u560dX-Evil: 1", "\u010d\u010aX-Evil: 1"]
"""The last two are line ends once whoever writes them keeps a byte of each (CVE-2016-5699)."""


@pytest.mark.parametrize("text", SPLIT)
async def test_nothing_that_is_typed_becomes_a_header(shared: Served, text: str) -> None:
    phone = await shared.signed_in(new_number())
    number = new_number()
    await phone.ask_for_code(number)
    code = (await phone.http.get("/demo/sms", params={"phone": number})).json()["code"]
    for answer in (await phone.send("IdentitySignIn", phone=number, code=code, device=text),
                   await phone.send("SearchFind", text=text), await phone.send("ParkingOffer", id=text),
                   await phone.http.get("/graphql", params={"documentId": text}),
                   await phone.http.post("/graphql", json={"documentId": text, "extensions": {"operationId": text}})):
        assert "x-evil" not in answer.headers
        assert not any("evil" in value for value in answer.headers.values())


@pytest.mark.parametrize("head", [
    "X-Request-Id: a\r\n b", "X-Haian-For: a\r\n b", "Content-Length: 0\r\nTransfer-Encoding: chunked",
    "Content-Length: 5\r\nContent-Length: 6"])
async def test_a_request_that_means_two_things_is_not_answered_as_one(shared: Served, head: str) -> None:
    """RFC 9112, 6.1: no request is smuggled behind another."""
    host, port = shared.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = b'{"documentId":"%b"}' % DOCUMENTS["IdentityStreets"].id.encode()
    writer.write(f"POST /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {shared.origin}\r\n{head}\r\n"
                 f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    answer = await asyncio.wait_for(reader.read(65536), 60)
    writer.close()
    assert answer == b"" or answer.split(b"\r\n")[0].split()[1].startswith(b"4"), answer[:200]


async def test_an_id_that_is_edited_shows_nothing_of_another(shared: Served) -> None:
    """Mine is decided by who I am, not by what I send: the same documents with ids of others, and with none at all."""
    mine, other = await shared.signed_in("resident"), await shared.signed_in("elder")
    booked = (await mine.ask("ParkingBookings"))["edges"]
    [device] = [each for each in await mine.ask("IdentityDevices") if each["current"]]
    for id_ in [*(edge["node"]["id"] for edge in booked[:1]), str(uuid4())]:
        assert await other.refused("ParkingCancelBooking", id=id_) in {"NOT_FOUND", "PARKING_BOOKING_UNKNOWN"}
    assert await other.refused("IdentityEndDevice", id=device["id"]) == "IDENTITY_DEVICE_UNKNOWN"
    assert (await mine.ask("IdentityViewer"))["identityViewer"]["id"] == mine.id
