"""What a competent team would write with stock Strawberry: hand-written types and resolvers, a dataloader for each relation,
asyncpg's pool, PyJWT and redis-py, in Strawberry's own Litestar controller, which parses and validates each request. Only
what the measured documents need is declared, and no field has a permission class, which speaks for the stock server.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import jwt
import orjson
import strawberry
from litestar import Litestar, Request
from litestar.exceptions import NotAuthorizedException
from redis.asyncio import Redis
from strawberry import ID, Info
from strawberry.dataloader import DataLoader
from strawberry.litestar import make_graphql_controller
from strawberry.schema.config import StrawberryConfig

from bench.servers.stock_types import (
    Citizen,
    CitizenId,
    Division,
    HealthcareAlreadyBooked,
    HealthcareAppointment,
    HealthcareDepartment,
    HealthcareDoctor,
    HealthcareHospital,
    HealthcareNotVerified,
    HealthcarePatient,
    HealthcareSoldOut,
    HomeThing,
    News,
    NewsConnection,
    NewsEdge,
    Organisation,
    PageInfo,
    SearchConnection,
    SearchEdge,
    SearchHit,
    made,
)
from bench.servers.surroundings import CONNECTIONS, DATABASE_URL, ISSUER, KEY, REDIS_URL, serve, statements
from search.words import asked

SQL = statements()
BLOCKS = ("next_bookings", "next_notices", "next_appointments")
BookResult = Annotated[HealthcareAppointment | HealthcareSoldOut | HealthcareAlreadyBooked | HealthcareNotVerified,
                       strawberry.union("HealthcareBooking")]
pool: asyncpg.Pool
redis: Redis


async def rows(name: str, *values: Any) -> list[Any]:
    return await pool.fetch(SQL[name], *values)


def by_key(statement: str, type_: Any, key: str = "id") -> DataLoader[Any, Any]:
    async def load(keys: list[Any]) -> list[Any]:
        found = {row[key]: made(type_, row) for row in await rows(statement, keys)}
        return [found.get(each) for each in keys]
    return DataLoader(load)


def cursor_of(keys: str) -> str:
    return base64.urlsafe_b64encode(keys.encode()).decode()


def page_info(cursors: list[str], more: bool) -> PageInfo:
    return PageInfo(has_next_page=more, end_cursor=cursors[-1] if cursors else None)


@strawberry.type
class Query:
    @strawberry.field
    async def identity_viewer(self, info: Info) -> Citizen | None:
        found = await rows("viewer", info.context["citizen"])
        return made(Citizen, found[0]) if found else None

    @strawberry.field
    async def home_things(self, info: Info) -> list[HomeThing]:
        found = await asyncio.gather(*(rows(name, info.context["citizen"], info.context["now"]) for name in BLOCKS))
        things = [made(HomeThing, row) for block in found for row in block]
        return sorted(things, key=lambda each: each.starts_at.timestamp() if each.starts_at else 0)[:6]

    @strawberry.field
    async def messages_unread(self, info: Info) -> int:
        return (await rows("unread", info.context["citizen"]))[0]["unread"]

    @strawberry.field
    async def messages_news(self, info: Info, street: ID | None = None, first: int = 10,
                            after: str | None = None) -> NewsConnection:
        found = await rows("news", info.context["now"], first + 1)
        edges = [NewsEdge(cursor=cursor_of(row["keys"]), node=made(News, row)) for row in found[:first]]
        return NewsConnection(edges=edges, page_info=page_info([edge.cursor for edge in edges], len(found) > first))

    @strawberry.field
    async def search_find(self, text: str, kinds: list[str] | None = None, first: int = 20,
                          after: str | None = None) -> SearchConnection:
        wanted = asked(text)
        found = await rows("find", wanted.grams, wanted.needles, wanted.lead, wanted.reach, first + 1)
        edges = [SearchEdge(cursor=cursor_of(row["keys"]), node=made(SearchHit, row)) for row in found[:first]]
        return SearchConnection(edges=edges, page_info=page_info([edge.cursor for edge in edges], len(found) > first))


class Standing(Exception):
    """The patient has an appointment that day already."""


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def healthcare_book(self, info: Info, slot: ID, patient: CitizenId, key: str) -> BookResult:
        """The rules of the product: one transaction, one answer for each key, the trace and the event with it."""
        citizen, now = info.context["citizen"], info.context["now"]
        given = {"slot": str(UUID(slot)), "patient": str(UUID(patient))}
        told = hashlib.sha256(orjson.dumps(given)).digest()
        async with pool.acquire() as connection, connection.transaction():
            before = await connection.fetchrow(SQL["claim_key"], citizen, key, told, now)
            if before is not None:
                booked = UUID(orjson.loads(before["answered"])["id"])
            else:
                booked = await book(connection, citizen, UUID(slot), UUID(patient), now)
                answer = orjson.dumps({"typename": "HealthcareAppointment", "id": str(booked)}).decode()
                await connection.execute(SQL["answer_key"], citizen, key, answer)
        row = (await rows("appointment", booked, now))[0]
        return made(HealthcareAppointment, {**row, "word": row["status"], "canceller": row["cancelled_by"]})


async def book(connection: Any, citizen: UUID, slot: UUID, patient: UUID, now: dt.datetime) -> UUID:
    allowed = await connection.fetchrow(SQL["may_book"], citizen, patient, now)
    if not allowed["mine"] or allowed["unverified"]:
        raise PermissionError("NOT_YOUR_PATIENT")
    if not await connection.fetchval(SQL["take_seat"], slot, now):
        raise LookupError("SOLD_OUT")
    made_: UUID | None = await connection.fetchval(SQL["add_appointment"], slot, patient, citizen, now)
    if made_ is None:
        raise Standing("ALREADY_BOOKED")
    await connection.execute(SQL["record"], citizen, patient, str(made_), now)
    await connection.execute(SQL["tell"], made_, now)
    return made_


async def context(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Who asks: a verified token whose session lives; and the loaders of one request."""
    try:
        claims = jwt.decode(request.headers["authorization"].removeprefix("Bearer "), KEY, algorithms=["EdDSA"],
                            audience="haian", issuer=ISSUER)
    except (KeyError, jwt.InvalidTokenError):
        raise NotAuthorizedException from None
    if await redis.get(f"bench:session:{claims['sid']}") != claims["sub"].encode():
        raise NotAuthorizedException
    return {"citizen": UUID(claims["sub"]), "now": dt.datetime.now(dt.UTC), "rows": rows,
            "divisions": by_key("divisions", Division, "code"), "organisations": by_key("organisations", Organisation),
            "patients": by_key("patients", HealthcarePatient), "doctors": by_key("doctors", HealthcareDoctor),
            "departments": by_key("departments", HealthcareDepartment),
            "hospitals": by_key("hospitals", HealthcareHospital)}


@asynccontextmanager
async def servers(app: Litestar) -> AsyncIterator[None]:
    global pool, redis
    pool = await asyncpg.create_pool(DATABASE_URL, min_size=CONNECTIONS, max_size=CONNECTIONS,
                                     server_settings={"timezone": "UTC", "jit": "off",
                                                      "plan_cache_mode": "force_generic_plan"})
    redis = Redis.from_url(REDIS_URL)
    yield
    await redis.aclose()
    await pool.close()


CONFIG = StrawberryConfig(scalar_map={CitizenId: strawberry.scalar(name="CitizenId")})
schema = strawberry.Schema(Query, Mutation, config=CONFIG)
Controller = make_graphql_controller(schema, path="/graphql", context_getter=context, graphql_ide=None)

if __name__ == "__main__":
    serve(Litestar(route_handlers=[Controller], lifespan=[servers], logging_config=None))
