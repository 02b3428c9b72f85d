"""Websockets for the tests: graphql-transport-ws, message by message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets
from tests.clients import DOCUMENTS, Phone, Served
from tests.waiting import PATIENCE
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

PROTOCOL = "graphql-transport-ws"


@asynccontextmanager
async def socket_to(served: Served, phone: Phone | None = None, protocol: str | None = PROTOCOL, origin: str | None = None,
                    **headers: str) -> AsyncIterator[ClientConnection]:
    """A websocket as a page of ours, or another's, opens it."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in phone.http.cookies.jar) if phone else ""
    async with websockets.connect(
            served.origin.replace("http", "ws", 1) + "/graphql", proxy=None, max_size=None,
            subprotocols=[websockets.Subprotocol(protocol)] if protocol else None,
            origin=websockets.Origin(served.origin if origin is None else origin),
            additional_headers=headers | ({"Cookie": cookies} if cookies else {})) as socket:
        yield socket


async def say(socket: ClientConnection, type_: str, **more: Any) -> None:
    await socket.send(json.dumps({"type": type_, **more}))


async def heard(socket: ClientConnection) -> Any:
    return json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))


async def begun(socket: ClientConnection) -> ClientConnection:
    await say(socket, "connection_init")
    assert (await heard(socket))["type"] == "connection_ack"
    return socket


async def closed(socket: ClientConnection) -> int:
    """The code with which the server closes; messages before it are passed over."""
    with pytest.raises(ConnectionClosed) as error:
        while True:
            await asyncio.wait_for(socket.recv(), PATIENCE)
    assert error.value.rcvd is not None
    return error.value.rcvd.code


async def subscribed(socket: ClientConnection, document: str, id_: str = "1", **variables: Any) -> ClientConnection:
    """A socket that has begun and subscribed to a trusted document."""
    await begun(socket)
    await say(socket, "subscribe", id=id_, payload={"documentId": DOCUMENTS[document].id, "variables": variables})
    return socket


async def event(socket: ClientConnection) -> Any:
    """The next answer's only field."""
    message = await heard(socket)
    assert message["type"] == "next", message
    return next(iter(message["payload"]["data"].values()))
