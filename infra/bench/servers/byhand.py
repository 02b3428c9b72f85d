"""The limit: a hand-written endpoint for each document, without GraphQL. One SQL that returns finished JSON, prepared on
connections of its own (no pool, no reset), one Redis connection that sends all questions of a turn of the loop at once, and
verified tokens kept until they end.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import time
from collections import deque
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import hiredis
import jwt
import orjson

from bench.servers.surroundings import CONNECTIONS, DATABASE_URL, ISSUER, KEY, REDIS_URL, serve, text
from search.words import asked

BOOK = "SELECT bench.book($1, $2, $3, $4, $5, $6)"
HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
NOBODY = b'{"errors":[{"message":"UNAUTHENTICATED"}]}'


class Redis(asyncio.Protocol):
    """GET alone; answers come in the order of the questions."""

    def __init__(self) -> None:
        self.waiting: deque[asyncio.Future[Any]] = deque()
        self.asked: list[bytes] = []
        self.reader = hiredis.Reader()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.reader.feed(data)
        while (answer := self.reader.gets()) is not False:
            self.waiting.popleft().set_result(answer)

    def get(self, key: bytes) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        if not self.asked:
            loop.call_soon(self.send)
        self.asked.append(b"*2\r\n$3\r\nGET\r\n$%d\r\n%b\r\n" % (len(key), key))
        self.waiting.append(answer := loop.create_future())
        return answer

    def send(self) -> None:
        self.transport.write(b"".join(self.asked))
        self.asked.clear()


class Database:
    """Free connections with their prepared statements; the last one that was used is used first."""

    def __init__(self) -> None:
        self.free: list[dict[str, Any]] = []
        self.waiting: deque[asyncio.Future[Any]] = deque()

    async def open(self) -> None:
        for _ in range(CONNECTIONS):
            connection = await asyncpg.connect(DATABASE_URL, server_settings={
                "timezone": "UTC", "jit": "off", "plan_cache_mode": "force_generic_plan"})
            await connection.set_type_codec("json", schema="pg_catalog", format="binary", encoder=bytes, decoder=bytes)
            self.free.append({name: await connection.prepare(sql) for name, sql in (
                ("home", text("home")), ("viewer", text("viewer")), ("search", text("search")), ("book", BOOK))})

    async def answer(self, name: str, *values: Any) -> bytes:
        if self.free:
            statements = self.free.pop()
        else:
            self.waiting.append(turn := asyncio.get_running_loop().create_future())
            statements = await turn
        try:
            return await statements[name].fetchval(*values)
        finally:
            if self.waiting:
                self.waiting.popleft().set_result(statements)
            else:
                self.free.append(statements)


database = Database()
redis: Redis
known: dict[bytes, tuple[str, bytes, float]] = {}


async def citizen_of(header: bytes) -> UUID | None:
    """Whose access token this is, if its session lives."""
    found = known.get(header)
    if found is None or found[2] <= time.time():
        claims = jwt.decode(header[7:], KEY, algorithms=["EdDSA"], audience="haian", issuer=ISSUER)
        found = known[header] = (claims["sub"], b"bench:session:" + claims["sid"].encode(), claims["exp"])
    holder = await redis.get(found[1])
    return UUID(found[0]) if holder is not None and holder.decode() == found[0] else None


async def answered(path: str, citizen: UUID, given: dict[str, Any]) -> bytes:
    now = dt.datetime.now(dt.UTC)
    if path == "/search":
        wanted = asked(given["text"])
        return await database.answer("search", wanted.grams, wanted.needles, wanted.lead, wanted.reach)
    if path == "/book":
        slot, patient = UUID(given["slot"]), UUID(given["patient"])
        told = hashlib.sha256(orjson.dumps({"slot": str(slot), "patient": str(patient)})).digest()
        return await database.answer("book", citizen, slot, patient, given["key"], told, now)
    return await database.answer(path[1:], citizen, now)


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    message = await receive()
    body = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    citizen = await citizen_of(header)
    answer = await answered(scope["path"], citizen, orjson.loads(body)["variables"]) if citizen else NOBODY
    headers = [*HEADERS, (b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200 if citizen else 401, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def lifespan(receive: Any, send: Any) -> None:
    global redis
    await receive()
    await database.open()
    _, redis = await asyncio.get_running_loop().create_unix_connection(Redis, urlsplit(REDIS_URL).path)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    serve(app)
