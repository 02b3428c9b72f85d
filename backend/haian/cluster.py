"""A Redis Cluster behind the same clients as one Redis: keys of one thing share a `{tag}`, so they lie in one slot.

`redis-cluster://[user:password@]host:port[,host:port…]` names some of its nodes, `rediss-cluster://` under TLS. Whatever is
published on one node is heard on all, so each process listens to the first that answers.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, unquote, urlsplit

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import Connection, ConnectionPool, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.crc import key_slot
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import ResponseError

from haian.line import PAUSES, AnyLine, Line, packed

SCHEMES = {"redis-cluster": "redis", "rediss-cluster": "rediss"}
MOST_CONNECTIONS = 256
"""To one node, of one process. Beyond it redis-py refuses rather than waits."""
MOVED = ("MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN")
FIRST_KEY = {b"EVAL": 3, b"EVALSHA": 3}
"""The place of the first key in a command, where it is not the first argument."""


@dataclass(frozen=True)
class Address:
    """Some nodes of a cluster, and how to sign in."""

    scheme: str
    nodes: tuple[tuple[str, int], ...]
    username: str | None
    password: str | None

    @classmethod
    def of(cls, url: str) -> Address | None:
        """None where the address is not that of a cluster. ValueError where its nodes are none."""
        scheme, _, rest = url.partition("://")
        if scheme not in SCHEMES:
            return None
        account, at, hosts = rest.rstrip("/").rpartition("@")
        parts = [urlsplit(f"//{host}") for host in hosts.split(",")]
        nodes = tuple((part.hostname or "", part.port or 6379) for part in parts)
        if not all(host for host, _ in nodes) or any(part.path or part.query for part in parts):
            raise ValueError(url)
        user, _, password = account.partition(":") if at else ("", "", "")
        return cls(SCHEMES[scheme], nodes, unquote(user) or None, unquote(password) or None)

    def url_of(self, host: str, port: int) -> str:
        """One node, as a Redis of its own."""
        account = f"{quote(self.username or '')}:{quote(self.password)}@" if self.password else ""
        return f"{self.scheme}://{account}{f'[{host}]' if ':' in host else host}:{port}"


class Cluster(RedisCluster):
    """What one Redis can do and redis-py's cluster cannot: publish, find keys, and delete those of several slots."""

    async def publish(self, channel: str, message: bytes | str) -> Any:
        """On any node: all others hear it."""
        return await self.execute_command("PUBLISH", channel, message, target_nodes=RedisCluster.RANDOM)

    async def keys(self, pattern: Any = "*", **options: Any) -> Any:
        """Of all nodes."""
        found = await asyncio.gather(*(self.execute_command("KEYS", pattern, target_nodes=[node])
                                       for node in self.get_primaries()))
        return [key for each in found for key in each]

    async def delete(self, *keys: Any) -> Any:
        """Each by itself: keys that must go together have to share a tag and a script."""
        return sum(await asyncio.gather(*(self.execute_command("DEL", key) for key in keys)))


def connect(address: Address) -> Redis:
    """A client of the whole cluster, with the methods of one Redis."""
    made = Cluster(
        startup_nodes=[ClusterNode(host, port) for host, port in address.nodes], username=address.username,
        password=address.password, ssl=address.scheme == "rediss", max_connections=MOST_CONNECTIONS, socket_timeout=5,
        socket_connect_timeout=5, retry=Retry(ExponentialBackoff(0.5, 0.05), 6))
    return cast(Redis, made)


def connect_for_messages(address: Address) -> Redis:
    """A client for publish and subscribe on the first node that answers; a read may wait for ever."""
    class Secure(AnyNode, SSLConnection):
        """The same under TLS."""

    pool = ConnectionPool(connection_class=Secure if address.scheme == "rediss" else AnyNode, nodes=address.nodes,
                          username=address.username, password=address.password, socket_timeout=None,
                          socket_connect_timeout=5, health_check_interval=0)
    return Redis(connection_pool=pool)


class AnyNode(Connection):
    """A connection to the first of some nodes that takes it, in the same order in every process."""

    def __init__(self, *, nodes: Sequence[tuple[str, int]], **options: Any) -> None:
        super().__init__(**options)
        self.nodes = nodes

    async def _connect(self) -> None:
        for place in self.nodes:
            self.host, self.port = place
            try:
                await super()._connect()  # type: ignore[no-untyped-call]
                break
            except (OSError, TimeoutError):
                if place == self.nodes[-1]:
                    raise


class ClusterLine(AnyLine):
    """A `Line` to each node that is asked. A command goes where its first key lies."""

    def __init__(self, address: Address, scripts: Sequence[str] = ()) -> None:
        self.address, self.scripts = address, scripts
        self.lines: dict[tuple[str, int], Line] = {}
        self.slots: list[tuple[int, int, tuple[str, int]]] = []

    async def ask(self, *commands: bytes) -> list[Any]:
        """The answers of packed commands, in one round trip to each node that has some of their keys; asked again where a
        slot has moved or a node was lost. RedisAway or RedisSlow when it stays so; ResponseError where Redis answers one."""
        for pause in (*PAUSES, None):
            if not self.slots:
                await self._learn()
            try:
                return await self._asked(commands)
            except (RedisAway, ResponseError) as error:
                if pause is None or not (isinstance(error, RedisAway) or str(error).startswith(MOVED)):
                    raise
                self.slots = []
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def close(self) -> None:
        for line in self.lines.values():
            await line.close()

    async def _asked(self, commands: Sequence[bytes]) -> list[Any]:
        places: dict[tuple[str, int], list[int]] = defaultdict(list)
        for number, command in enumerate(commands):
            places[self._place(key_slot(key_of(command)))].append(number)
        groups = list(places.items())
        answers: list[Any] = [None] * len(commands)
        asked = await asyncio.gather(*(self._line(place).ask(*(commands[number] for number in numbers))
                                       for place, numbers in groups))
        for (_, numbers), found in zip(groups, asked, strict=True):
            for number, answer in zip(numbers, found, strict=True):
                answers[number] = answer
        return answers

    def _place(self, slot: int) -> tuple[str, int]:
        for first, last, place in self.slots:
            if first <= slot <= last:
                return place
        raise RedisAway(f"nobody has slot {slot}")

    def _line(self, place: tuple[str, int]) -> Line:
        if place not in self.lines:
            self.lines[place] = Line(self.address.url_of(*place), self.scripts)
        return self.lines[place]

    async def _learn(self) -> None:
        """Which node has which slots, from any that answers. RedisAway where none does."""
        for place in (*self.lines, *self.address.nodes):
            try:
                [found] = await self._line(place).ask(packed("CLUSTER", "SLOTS"))
            except (RedisAway, ResponseError, TimeoutError):
                continue
            self.slots = [(first, last, (node[0].decode() or place[0], node[1])) for first, last, node, *_ in found]
            if self.slots:
                return
        raise RedisAway("no node of the cluster answers")


def key_of(command: bytes) -> bytes:
    """The first key of a packed command: `*3 $3 GET $1 a`, each in a line of its own."""
    name, at = _part(command, command.index(b"\n") + 1)
    part = b""
    for _ in range(FIRST_KEY.get(name.upper(), 1)):
        part, at = _part(command, at)
    return part


def _part(command: bytes, at: int) -> tuple[bytes, int]:
    end = command.index(b"\r\n", at)
    begin, size = end + 2, int(command[at + 1:end])
    return command[begin:begin + size], begin + size + 2
