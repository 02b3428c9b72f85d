"""The client's event websocket without a browser: what anybody can send who has a cookie, or none."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import websockets
from tests.journeys.browser import PATIENCE
from tests.product import Product


def handlers() -> Iterator[tuple[str, list[str]]]:
    """Every event handler of the client, by its full name, with the arguments that it takes."""
    from reflex.state import State

    from webapp import app

    assert app
    waiting: list[Any] = [State]
    while waiting:
        state = waiting.pop()
        waiting.extend(state.__subclasses__())
        for name, handler in state.event_handlers.items():
            yield f"{state.get_full_name()}.{name}", list(inspect.signature(handler.fn).parameters)[1:]


class EventSocket:
    """An open event socket, at the page `path`."""

    def __init__(self, socket: websockets.ClientConnection, path: str) -> None:
        self.socket, self.path, self.token, self.heard = socket, path, str(uuid4()), ""

    async def fire(self, name: str, payload: dict[str, Any]) -> None:
        router = {"pathname": self.path, "asPath": self.path, "query": {}}
        event = {"token": self.token, "name": name, "payload": payload, "router_data": router}
        await self.socket.send("42/_event," + json.dumps(["event", event]))

    async def listen(self, awaited: str, quiet: float = 2) -> str:
        """All that is said: what is awaited, and on until nothing is for `quiet` seconds."""
        try:
            while True:
                frame = await asyncio.wait_for(self.socket.recv(), quiet if awaited in self.heard else PATIENCE)
                if frame == "2":
                    await self.socket.send("3")
                self.heard += json.dumps(json.loads(str(frame)[str(frame).index("["):]), ensure_ascii=False) \
                    if "[" in str(frame) else ""
        except TimeoutError:
            return self.heard


@asynccontextmanager
async def event_socket(product: Product, cookie: str, path: str = "/") -> AsyncIterator[EventSocket]:
    """`cookie`: of a session; empty for nobody's."""
    url = f"{product.url.replace('http', 'ws', 1)}/_event/?token={uuid4()}&EIO=4&transport=websocket"
    headers = {"Cookie": f"haian_session={cookie}"} if cookie else {}
    async with websockets.connect(url, origin=websockets.Origin(product.url), proxy=None, additional_headers=headers,
                                  max_size=None) as socket:
        await socket.recv()
        await socket.send("40/_event,")
        await socket.recv()
        yield EventSocket(socket, path)
