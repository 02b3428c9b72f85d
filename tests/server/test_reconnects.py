"""Sockets that break, readers that do not read, a Redis that is killed: nobody else notices, and nothing is lost."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import socket as sockets
import struct
from contextlib import ExitStack
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from tests.clients import DOCUMENTS, Phone, Served, new_number, serving
from tests.servers import running, temporary_state
from tests.sockets import PROTOCOL, event, heard, socket_to, subscribed
from tests.waiting import until_async
from websockets.asyncio.client import ClientConnection

from haian.feeds import tell
from haian.live import citizen_channel
from messages.service import NEWS
from server.embedded.state import locked, open_state
from server.embedded.valkey import Valkey
from server.frames import MOST_UNSENT

EVENTS = 400
READERS = 6


async def read_with_breaks(served: Served, phone: Phone, seed: int, came: set[int]) -> list[str]:
    """The ids of all events that a page saw whose socket breaks again and again, at any moment; `came` has its number from
    when it misses nothing."""
    chance, seen, cursor = random.Random(seed), list[str](), None
    while len(seen) < EVENTS:
        async with socket_to(served, phone) as socket:
            await subscribed(socket, "MessagesLive", **({"after": cursor} if cursor else {}))
            for _ in range(chance.randrange(1, 60)):
                if len(seen) == EVENTS:
                    return seen
                told = await event(socket)
                assert told["type"] != "resync"
                cursor = told["cursor"]
                came.add(seed)
                if told["type"] != "ready":
                    seen.append(told["id"])
            socket.transport.abort()
    return seen


async def test_who_reconnects_under_load_sees_every_event_once_and_in_order(shared: Served) -> None:
    number = new_number()
    phones = [await shared.signed_in(number) for _ in range(READERS)]
    channel, came = citizen_channel(UUID(phones[0].id)), set[int]()
    readers = [asyncio.create_task(read_with_breaks(shared, phone, seed, came)) for seed, phone in enumerate(phones)]

    async def all_came() -> bool:
        return len(came) == READERS
    await until_async(all_came)
    told = []
    for _ in range(EVENTS):
        told.append(str(uuid4()))
        await tell(shared.platform.redis, channel, UUID(told[-1]), {"id": told[-1], "type": "test.load", "subject": None})
        await asyncio.sleep(0.002)
    for seen in await asyncio.wait_for(asyncio.gather(*readers), 300):
        assert seen == told


class SlowReader:
    """A phone in the lift: a TCP connection whose owner has stopped reading, with a small window."""

    def __init__(self, served: Served, document: str) -> None:
        host, port = served.origin.removeprefix("http://").split(":")
        self.tcp = sockets.socket()
        self.tcp.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        self.tcp.settimeout(60)
        self.tcp.connect((host, int(port)))
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ("GET /graphql HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", f"Sec-WebSocket-Protocol: {PROTOCOL}", "", "")
        self.tcp.sendall("\r\n".join(lines).encode())
        while b"\r\n\r\n" not in self.tcp.recv(4096):
            pass
        self.say({"type": "connection_init"})
        self.say({"type": "subscribe", "id": "1", "payload": {"documentId": DOCUMENTS[document].id}})
        while b'"READY"' not in self.tcp.recv(4096):
            pass

    def say(self, message: dict[str, Any]) -> None:
        text = json.dumps(message).encode()
        head = struct.pack(">BB", 0x81, 0x80 | len(text)) if len(text) < 126 else struct.pack(">BBH", 0x81, 0xFE, len(text))
        self.tcp.sendall(head + bytes(4) + text)

    def read_to_the_end(self) -> bytes:
        """Everything that was on its way, and the close frame."""
        said = b""
        while part := self.tcp.recv(65536):
            said += part
            if said[-80:].find(b"Too slow") > 0:
                break
        self.tcp.close()
        return said


async def test_a_reader_that_does_not_read_is_dropped_and_nobody_waits_for_it(shared: Served) -> None:
    slow = await asyncio.to_thread(SlowReader, shared, "MessagesNewsChanges")
    listeners = shared.platform.hub.listeners
    async with socket_to(shared) as quick:
        await subscribed(quick, "MessagesNewsChanges")
        await event(quick)
        await until_async(partial(both_alone, shared))
        rounds, news = 0, "x" * 2000
        while len(listeners[NEWS]) and rounds < 2000 and sum(members(shared)) == 2:
            rounds += 1
            await tell(shared.platform.redis, NEWS, uuid4(), {"type": "messages.news_withdrawn", "news": f"{rounds} {news}"})
            assert (await event(quick))["id"].startswith(f"{rounds} "), "the quick one has each at once"
        assert sum(members(shared)) == 1, "and the slow one is gone"
        said = await asyncio.to_thread(slow.read_to_the_end)
    assert b"\x88" in said[-80:] and struct.pack(">H", 1013) in said[-80:]
    assert len(said) < 16 * MOST_UNSENT, "what waits for one reader is bounded"


async def both_alone(served: Served) -> bool:
    """Whether all that others opened has ended."""
    return sum(members(served)) == 2


def members(served: Served) -> list[int]:
    """How many subscribers each group on the news has."""
    hears: Any = served.platform.hub.listeners.get(NEWS, ())
    return [len(hear.__self__.members) for hear in hears]


async def test_after_a_kill_of_redis_everybody_reads_again_and_hears_on(served: Served) -> None:
    with temporary_state() as folder, ExitStack() as stack:
        state = open_state(folder)
        valkey = Valkey(state, stack.enter_context(locked(state)))
        settings = served.platform.settings.model_copy(update={"redis_url": valkey.url()})
        with running(valkey) as process:
            serving_ = serving(settings)
            killed = await serving_.__aenter__()
            async with socket_to(killed) as staying, socket_to(killed) as leaving:
                for socket in (staying, leaving):
                    await subscribed(socket, "MessagesNewsChanges")
                    cursor = (await event(socket))["cursor"]
                process.kill()
                process.wait()
                with running(valkey):
                    await comes_back(killed, staying, cursor)
                    await serving_.__aexit__(None, None, None)


async def comes_back(killed: Served, staying: ClientConnection, cursor: str) -> None:
    told = await event(staying)
    assert told["change"] == "RESYNC"
    id_ = uuid4()
    await tell(killed.platform.redis, NEWS, id_, {"type": "messages.news_published", "news": str(id_)})
    assert (await event(staying))["id"] == str(id_)
    async with socket_to(killed) as back:
        await subscribed(back, "MessagesNewsChanges", after=cursor)
        assert (await event(back))["change"] == "RESYNC", "what was kept by the other one may be lost"
    async with socket_to(killed) as back:
        await subscribed(back, "MessagesNewsChanges", after=told["cursor"])
        message = await heard(back)
        assert message["payload"]["data"]["messagesNewsChanges"]["id"] == str(id_)
