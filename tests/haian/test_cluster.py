"""A Redis Cluster instead of one Redis: the same clients, the same answers, wherever a key lies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest
import pytest_asyncio
import redis as blocking
from redis.asyncio import Redis
from redis.crc import key_slot
from tests.clients import Served, serving
from tests.haian.conftest import hub_at
from tests.product import free_ports
from tests.servers import Servers, running

from haian import cache, codes, feeds
from haian.addresses import is_redis
from haian.cluster import Address, ClusterLine, key_of
from haian.errors import RateLimited
from haian.line import packed
from haian.live import Hub, citizen_channel, publish
from server.embedded.cluster import NODES, Node, form, nodes, url_of


@pytest.fixture(scope="module")
def cluster(servers: Servers) -> Iterator[list[Node]]:
    made = nodes(servers.state, servers.valkey.lock, free_ports(2 * NODES), "a-password")
    with ExitStack() as stack:
        for node in made:
            stack.enter_context(running(node))
        form(made)
        yield made


@pytest_asyncio.fixture
async def client(cluster: list[Node]) -> AsyncIterator[Redis]:
    made = cache.connect(url_of(cluster))
    yield made
    await made.aclose()


@pytest_asyncio.fixture
async def line(cluster: list[Node]) -> AsyncIterator[ClusterLine]:
    made = cache.line_to(url_of(cluster))
    assert isinstance(made, ClusterLine)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def hub(cluster: list[Node]) -> AsyncIterator[Hub]:
    async with hub_at(url_of(cluster)) as made:
        yield made


@pytest_asyncio.fixture
async def clustered(served: Served, cluster: list[Node]) -> AsyncIterator[Served]:
    """The product on a cluster."""
    async with serving(served.platform.settings.model_copy(update={"redis_url": url_of(cluster)})) as made:
        yield made


async def test_of_many_who_burn_a_code_at_once_exactly_one_is_first(line: ClusterLine) -> None:
    for _ in range(20):
        code = codes.digest(await codes.issue(line, "pass", {"a": 1}, 60))
        burnt = await asyncio.gather(*(codes.burn(line, "pass", code, {"who": who}) for who in range(5)))
        assert sorted(each.state.name for each in burnt) == ["GOOD", "USED", "USED", "USED", "USED"]


async def test_commands_of_one_turn_go_to_the_nodes_that_have_their_keys(line: ClusterLine, client: Redis) -> None:
    names = [f"key {number}" for number in range(60)]
    await line.ask(*(packed("SET", name, name) for name in names))
    assert await line.ask(*(packed("GET", name) for name in names)) == [name.encode() for name in names]
    assert len(line.lines) == NODES
    assert await client.get("key 7") == b"key 7"


async def test_a_rate_counts_the_same_for_whoever_asks(cluster: list[Node]) -> None:
    lines = [cache.line_to(url_of(cluster)) for _ in range(3)]
    key = str(uuid4())
    for number in range(5):
        await cache.limit(lines[number % 3], key, 5, 60)
    with pytest.raises(RateLimited):
        await cache.limit(lines[0], key, 5, 60)
    for line in lines:
        await line.close()


async def test_a_slot_that_moved_is_found_again(line: ClusterLine, cluster: list[Node]) -> None:
    name = "{moving}"
    slot = key_slot(name.encode())
    await line.ask(packed("SET", name, "here"))
    before = line._place(slot)
    target = next(node for node in cluster if node.port != before[1])
    clients = {node.port: blocking.Redis.from_url(node.url()) for node in cluster}
    own = {port: client.execute_command("CLUSTER", "MYID").decode() for port, client in clients.items()}
    clients[target.port].execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", own[before[1]])
    clients[before[1]].execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", own[target.port])
    keys = clients[before[1]].execute_command("CLUSTER", "GETKEYSINSLOT", slot, 1000)  # of others too, that fell into it
    assert name.encode() in keys
    moved = ("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "AUTH", target.password, "KEYS", *keys)
    assert clients[before[1]].execute_command(*moved) == b"OK"
    for port in (target.port, before[1]):
        clients[port].execute_command("CLUSTER", "SETSLOT", slot, "NODE", own[target.port])
    assert await line.ask(packed("GET", name)) == [b"here"]
    assert line._place(slot)[1] == target.port
    for client in clients.values():
        client.close()


async def test_who_listens_on_one_node_hears_what_is_said_on_any(hub: Hub, client: Redis) -> None:
    for _ in range(6):
        channel = citizen_channel(uuid4())
        async with hub.listen(channel) as queue:
            await publish(client, channel, {"type": "a"})
            assert (await asyncio.wait_for(queue.get(), 60) or {})["type"] == "a"


async def test_what_a_feed_kept_is_told_to_who_comes_back(hub: Hub, client: Redis) -> None:
    channel, events = citizen_channel(uuid4()), [uuid4() for _ in range(3)]
    for event in events:
        await feeds.tell(client, channel, event, {"type": str(event)})
    await feeds.tell(client, channel, events[0], {"type": "again"})
    begin = await feeds.missed(client, channel, None)
    assert begin.whole
    found = await feeds.missed(client, channel, (begin.now[0] - 60_000, 0))
    assert [message["type"] for message in found.messages] == [str(event) for event in events]


async def test_people_sign_in_are_told_and_leave(clustered: Served) -> None:
    """Codes, sessions, rates and events of a whole visit, with their keys on all nodes."""
    phone, other = await clustered.signed_in("resident"), await clustered.signed_in("resident")
    devices = await phone.ask("IdentityDevices")
    async with other.live() as answers:
        assert (await anext(answers))["live"]["type"] == "ready"
    code = await phone.ask("OnecodeIssue")
    guard = await clustered.signed_in("guard")
    assert (await guard.ask("OnecodeScan", code=code["text"], nonce=str(uuid4())))["verdict"] == "ACCEPTED"
    mine = next(device["id"] for device in devices if not device["current"])
    await phone.ask("IdentityEndDevice", id=mine)
    assert await other.refused("IdentityDevices") == "UNAUTHENTICATED"
    await phone.ask("IdentitySignOut")
    assert await phone.refused("IdentityDevices") == "UNAUTHENTICATED"


async def test_many_ask_at_once(clustered: Served) -> None:
    phones = [await clustered.signed_in("elder") for _ in range(3)]
    answers = await asyncio.gather(*(phones[number % 3].ask("MessagesUnread") for number in range(120)))
    assert len(answers) == 120


@pytest.mark.parametrize(("command", "key"), [
    (packed("GET", "a"), b"a"), (packed("GETEX", "a b", "EX", 5), b"a b"),
    (packed("EVALSHA", "f" * 40, 2, "x", "y", 1), b"x"), (packed("set", "中文", "v"), "中文".encode())])
def test_the_key_of_a_packed_command(command: bytes, key: bytes) -> None:
    assert key_of(command) == key


@pytest.mark.parametrize(("url", "valid"), [
    ("redis-cluster://a:7000,b:7001,c", True), ("rediss-cluster://user:p%40ss@a.example.cn:7000", True),
    ("redis-cluster://", False), ("redis-cluster://a:7000/0", False), ("redis-cluster://a:x", False),
    ("redis-cluster://a,,b", False)])
def test_the_address_of_a_cluster(url: str, valid: bool) -> None:
    assert is_redis(url) is valid


def test_a_node_is_reached_with_the_password_of_the_cluster() -> None:
    address = Address.of("rediss-cluster://user:p%40ss@a:7000,b")
    assert address and address.nodes == (("a", 7000), ("b", 6379))
    assert address.url_of("b", 6379) == "rediss://user:p%40ss@b:6379"
    assert Address.of("redis://a:6379/0") is None
