"""Journey of a foreign page: it opens the client's own websocket with the cookie that the browser sends along, and is let in
nowhere; and a page of ours sends events that are another page's. (What it may do at /graphql is in tests/server.)"""

from __future__ import annotations

import json
import subprocess
import sys
from uuid import uuid4

import pytest
import websockets
from tests.clients import PHONES, Served
from tests.journeys.browser import session_of
from tests.journeys.event_socket import event_socket
from tests.product import Product
from websockets.exceptions import ConnectionClosed, InvalidStatus

from haian.demo import ACCOUNTS, demo_id
from haian.settings import PROJECT

FOREIGN = ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://127.0.0.1:1", "file://"]

HANDLERS = """
import json, webapp.app
from reflex.state import BaseState
def below(state):
    for each in state.__subclasses__():
        yield each
        yield from below(each)
print(json.dumps([(state.get_full_name(), name) for state in below(BaseState) if state.__module__.startswith("webapp")
                  for name in state.event_handlers if name.startswith("load") and name in vars(state)]))
"""
"""Every handler that fills a page."""


async def first_frame(product: Product, inside: Served, origin: str | None) -> str:
    """What the event socket says first to a page of `origin` with a resident's cookie."""
    cookie = await session_of(inside, demo_id("citizen:resident"))
    url = f"{product.url.replace('http', 'ws', 1)}/_event/?token={uuid4()}&EIO=4&transport=websocket"
    async with websockets.connect(url, origin=websockets.Origin(origin) if origin else None, proxy=None,
                                  additional_headers={"Cookie": f"haian_session={cookie}"}) as socket:
        return str(await socket.recv())


async def test_our_own_page_is_let_in(product: Product, inside: Served) -> None:
    assert (await first_frame(product, inside, product.url)).startswith('0{"sid"')


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_page_is_not(product: Product, inside: Served, origin: str) -> None:
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        await first_frame(product, inside, origin)


async def test_an_event_of_another_page_shows_its_sender_nothing_of_others(product: Product, inside: Served) -> None:
    """Any handler can be called from any page (docs/decisions/0003): each of them asks as whoever's socket it is."""
    loads = [f"{state}.{name}" for state, name in json.loads(subprocess.run(
        [sys.executable, "-c", HANDLERS], cwd=PROJECT / "frontend", capture_output=True, text=True, check=True).stdout)]
    assert len(loads) > 20
    names = {account.name for account in ACCOUNTS} | {account.phone for account in ACCOUNTS}
    told = await answers_to(product, await session_of(inside, demo_id("citizen:resident")), loads, "王海燕")
    own = {"王海燕", PHONES["resident"]}
    assert "王海燕" in told, "what is one's own is shown"
    assert not [name for name in names - own if name in told]
    told = await answers_to(product, "", loads, "/sign-in")
    assert "/sign-in" in told
    assert not [name for name in names if name in told]


async def answers_to(product: Product, cookie: str, events: list[str], awaited: str) -> str:
    """Everything that the server says to a page at / that sends these events, one after the other; `awaited` among it."""
    async with event_socket(product, cookie) as socket:
        for event in events:
            await socket.fire(event, {})
            await socket.listen("", 0.3)
        return await socket.listen(awaited)
