"""The web process: SIGTERM finishes what is under way, says goodbye to sockets and lets nobody new in."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import httpx
import psutil
import pytest
import pytest_asyncio
import uvicorn
import websockets
from graphql import OperationType
from tests.clients import DOCUMENTS
from tests.processes import Started, started
from tests.product import free_port
from tests.servers import Servers, environment
from tests.waiting import somebody_waits, until_async
from websockets.exceptions import ConnectionClosed

from haian.settings import Settings
from server import http
from server import web as web_process
from server.site import Client

PROGRAM = Path(__file__).with_name("web_without_site.py")
NEWS = {"documentId": DOCUMENTS["MessagesNews"].id}


@dataclass
class Web:
    """A web process and where it listens."""

    process: Started
    origin: str

    async def news(self) -> httpx.Response:
        async with httpx.AsyncClient(verify=False, timeout=20) as client:
            return await client.post(f"{self.origin}/graphql", json=NEWS, headers={"Origin": self.origin})

    async def ready(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            async with httpx.AsyncClient(verify=False) as client:
                return (await client.get(f"{self.origin}/health/ready")).status_code == 200
        return False


@pytest_asyncio.fixture
async def web(servers: Servers, database: str, tmp_path: Path) -> AsyncIterator[Web]:
    port = free_port()
    given = environment(servers, database) | {"HAIAN_PORT": str(port)}
    with started([str(PROGRAM)], tmp_path / "web", **given) as process:
        web = Web(process, f"http://127.0.0.1:{port}")
        await until_async(web.ready)
        yield web


async def test_a_stop_finishes_what_is_under_way_and_says_goodbye(web: Web, migration_url: str) -> None:
    owner, watcher = await asyncpg.connect(migration_url), await asyncpg.connect(migration_url)
    lock = owner.transaction()
    await lock.start()
    await owner.execute("LOCK TABLE messages.news IN ACCESS EXCLUSIVE MODE")
    asking = asyncio.create_task(web.news())
    await until_async(lambda: somebody_waits(watcher))
    async with websockets.connect(web.origin.replace("http", "ws") + "/graphql", proxy=None,
                                  subprotocols=[websockets.Subprotocol("graphql-transport-ws")],
                                  origin=websockets.Origin(web.origin)) as socket:
        await socket.send(json.dumps({"type": "connection_init"}))
        assert "connection_ack" in str(await socket.recv())
        web.process.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 60)
        assert closed.value.rcvd is not None and closed.value.rcvd.code in (1001, 1012)
    with pytest.raises(httpx.ConnectError):
        await web.news()
    assert not asking.done()
    await lock.rollback()
    answer = await asking
    assert (answer.status_code, answer.json()) == (200, {"data": {"messagesNews": {
        "edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}})
    assert await asyncio.to_thread(web.process.process.wait, 60) in (0, -signal.SIGTERM)
    for connection in (owner, watcher):
        await connection.close()


async def test_its_log_is_json_and_has_no_address_of_a_database(web: Web) -> None:
    with pytest.raises(ConnectionClosed):
        async with websockets.connect(web.origin.replace("http", "ws") + "/graphql", proxy=None,
                                      subprotocols=[websockets.Subprotocol("graphql-transport-ws")],
                                      additional_headers={"Authorization": "Bearer x"}) as socket:
            await socket.recv()
    web.process.stop(signal.SIGTERM)
    lines = [line for line in web.process.said.splitlines() if line.strip()]
    assert lines
    assert all("event" in json.loads(line) for line in lines)
    assert "postgresql://" not in web.process.said


async def test_a_process_of_the_gateway_takes_less_than_150_mb(web: Web) -> None:
    """With the plans of all queries made; the client's own process is another one."""
    async with httpx.AsyncClient(verify=False, timeout=20) as client:
        for document in DOCUMENTS.values():
            if document.type is OperationType.QUERY:
                answer = await client.post(f"{web.origin}/graphql", json={"documentId": document.id},
                                           headers={"Origin": web.origin})
                assert answer.status_code < 500
    assert psutil.Process(web.process.process.pid).memory_info().rss < 150 * 2**20


def test_only_the_proxies_of_the_settings_may_say_who_comes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else every resident behind a proxy on another machine has its address, and its limits."""
    made: list[uvicorn.Config] = []
    monkeypatch.setattr(web_process, "client", lambda _: Client((), ()))
    monkeypatch.setattr(web_process, "configure", lambda _: None)
    monkeypatch.setattr(http, "Server", lambda config: SimpleNamespace(run=lambda: made.append(config)))
    web_process.main(settings.model_copy(update={"proxies": "10.0.0.5, 172.16.0.0/12"}))
    made[0].load()
    trusted = made[0].loaded_app.trusted_hosts
    assert [host in trusted for host in ("10.0.0.5", "172.20.1.1", "127.0.0.1")] == [True, True, False]
