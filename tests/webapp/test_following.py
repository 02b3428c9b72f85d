"""Pages whose socket is cut: both clients of the gateway, the page's own and Reflex's, come back and miss nothing."""

from __future__ import annotations

import asyncio
import json
import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from redis.exceptions import ConnectionError as RedisAway
from reflex.utils.exceptions import LockExpiredError
from tests.clients import DOCUMENTS, Served, new_number
from tests.waiting import until_async
from tests.webapp.test_gateway import caller_of

from haian.feeds import tell
from haian.live import citizen_channel
from messages.service import NEWS
from server.endings import Endings
from webapp import person, session
from webapp.gateway import Gateway, configure

NODE = Path(sysconfig.get_path("scripts")) / "node"
CUT = (1012, "cut")


def cut(served: Served) -> None:
    """All sockets of the server break."""
    endings: Endings = served.platform.services["endings"]
    for watched in list(endings.watched.values()):
        for end in list(watched):
            end(*CUT)


async def publish(served: Served) -> str:
    id_ = uuid4()
    await tell(served.platform.redis, NEWS, id_, {"type": "messages.news_published", "news": str(id_)})
    return str(id_)


@asynccontextmanager
async def page(served: Served) -> AsyncIterator[asyncio.StreamReader]:
    """What a page tells of that runs the client's own module, line by line."""
    script = Path(__file__).with_name("follow.mjs")
    address = served.origin.replace("http", "ws", 1) + "/graphql"
    process = await asyncio.create_subprocess_exec(
        str(NODE), str(script), address, DOCUMENTS["MessagesNewsChanges"].id, stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE)
    assert process.stdin and process.stdout
    yield process.stdout
    process.stdin.close()
    assert await process.wait() == 0


async def event(lines: asyncio.StreamReader) -> Any:
    return json.loads(await asyncio.wait_for(lines.readline(), 20))


async def test_a_page_goes_on_where_its_socket_was_cut(served: Served) -> None:
    async with page(served) as lines:
        assert (await event(lines))["change"] == "READY"
        first = await publish(served)
        assert (await event(lines))["id"] == first
        listeners = served.platform.hub.listeners
        heard_by = set(listeners[NEWS])
        cut(served)

        async def all_left() -> bool:
            return heard_by.isdisjoint(listeners.get(NEWS, ()))  # the page may be back before anybody looks
        await until_async(all_left)
        told = [await publish(served) for _ in range(3)]
        assert [(await event(lines))["id"] for _ in told] == told, "what was missed, and no second READY before it"
        told = [await publish(served)]
        assert [(await event(lines))["id"] for _ in told] == told


async def test_a_persons_page_goes_on_where_its_socket_was_cut(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_PAUSES", (0.01,))
    phone = await served.signed_in(new_number())
    channel = citizen_channel(UUID(phone.id))
    gateway = Gateway(served.origin, served.origin, served.platform.settings.address_key, served.platform.clock.epoch)
    configure(gateway)
    events = session._following("MessagesLive", {}, caller_of(phone))
    assert (await anext(events))["live"]["type"] == "ready"
    seen = []
    for number in range(3):
        following = asyncio.ensure_future(anext(events))
        await tell(served.platform.redis, channel, uuid4(), {"id": str(number), "type": "test.told"})
        seen.append((await asyncio.wait_for(following, 10))["live"]["id"])
        cut(served)
    assert seen == ["0", "1", "2"]
    await events.aclose()  # type: ignore[attr-defined]
    await gateway.close()


async def test_a_page_hears_again_when_its_state_was_out_of_reach_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person, "_AGAIN", 0.0)

    class Page:
        """What the handler needs of a state: what it hears, after two troubles."""

        troubles: list[Exception] = [RedisAway(), LockExpiredError()]

        async def _heard(self) -> AsyncIterator[str]:
            if self.troubles:
                raise self.troubles.pop()
            yield "read again"
    watch: Any = person.Person.event_handlers["watch"].fn
    assert [handler async for handler in watch(Page())] == ["read again"]
