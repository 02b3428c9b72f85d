"""One request: who asks, with what, and what must be written before the answer leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import orjson
from redis.asyncio import Redis
from strawberry.dataloader import DataLoader

from haian.agreed import Agreed
from haian.clock import Clock
from haian.db import Database
from haian.line import AnyLine
from haian.live import Hub
from haian.migrate import role_of
from haian.moment import Decision, Moment
from haian.posts import ROLES, Posts, PostsChanged, making_sure, sure_values
from haian.reads import ALWAYS, Fragment, Read
from haian.registry import Registry
from haian.replica import Reading, Replica, is_marked, mark
from haian.settings import Settings
from haian.transaction import Answer, Transaction, key_of, statement_of, transaction
from haian.viewer import ANONYMOUS, Viewer

T = TypeVar("T")


@dataclass(frozen=True)
class Platform:
    """What one process has: opened once, closed once."""

    settings: Settings
    db: Database
    redis: Redis
    clock: Clock
    hub: Hub
    registry: Registry
    line: AnyLine
    services: dict[str, Any] = field(default_factory=dict)
    replica: Replica | None = None
    posts: Posts = field(default_factory=Posts)
    agreed: Agreed = field(default_factory=Agreed)

    def service(self, name: str, make: Callable[[], T]) -> T:
        """What this process makes once, when it is first wanted."""
        if name not in self.services:
            self.services[name] = make()
        found: T = self.services[name]
        return found

    def writing(self, noun: str) -> AbstractAsyncContextManager[Transaction]:
        """A transaction of the worker's, that may write one noun's schema."""
        return transaction(self.db, role_of(noun), ANONYMOUS, self.clock, in_bulk=True)


@dataclass(frozen=True)
class Look:
    """A look of staff, or of whoever acts for another, at somebody's personal data, to be in the ledger before the answer
    leaves. `scope`: by which the other was let in."""

    action: str
    role: str
    subject: UUID
    fields: tuple[str, ...]
    ground: str = ""
    office: UUID | None = None
    scope: str = ""


@dataclass
class Call:
    """The GraphQL context. `cookies`: name -> value to set (None: to clear) with the answer. `source`: where it reads.
    `guessed`: the viewer's posts are those seen last, to be made sure of. `sets_cookies`: the answer still can; not one that
    comes over an open connection."""

    platform: Platform
    viewer: Viewer = ANONYMOUS
    cookies: dict[str, str | None] = field(default_factory=dict)
    looks: dict[Look, None] = field(default_factory=dict)
    loaders: dict[Fragment, DataLoader[Any, Any]] = field(default_factory=dict)
    guessed: bool = False
    sets_cookies: bool = True
    source: Reading = field(init=False)

    def __post_init__(self) -> None:
        self.source = self.platform.db

    def spoken(self, zh: str, en: str) -> str:
        """Of two texts the one in the language of who asks."""
        return en if self.viewer.locale == "en" else zh

    async def spare_the_primary(self) -> None:
        """Read from the replica, where there is one that is near and the viewer has not written in the last moments."""
        replica = self.platform.replica
        if replica and replica.is_near and not (self.viewer.id and await is_marked(self.platform.redis, self.viewer.id)):
            await self.make_sure()  # a post that ended has ended, however late the replica is
            self.source = replica

    @property
    def clock(self) -> Clock:
        return self.platform.clock

    @asynccontextmanager
    async def writing(self, noun: str) -> AsyncIterator[Transaction]:
        """The one transaction of a mutation. Reads that follow it see what it wrote."""
        async with transaction(self.platform.db, role_of(noun), self.viewer, self.clock) as tx:
            yield tx
        self.loaders.clear()
        if self.platform.replica:
            await mark(self.platform.redis, tx.touched)

    async def decide(self, decision: Decision, key: str, given: Mapping[str, Any], about: Any = None) -> Answer:
        """A mutation whose decisions of one moment share a transaction; once for each key, as `Transaction.once`. Reads that
        follow it see what it wrote. `about`: as in `Wish`."""
        platform = self.platform
        moment = platform.service(decision.operation, lambda: Moment(decision, platform.db, platform.clock))
        answer, touched = await moment.decide(self.viewer, key_of(self.viewer, decision.operation, key, given), given,
                                               about)
        self.loaders.clear()
        if platform.replica:
            await mark(platform.redis, touched)
        return answer

    async def json(self, statement: str, values: Sequence[Any]) -> bytes:
        """The finished JSON of a statement, for the posts that the viewer holds at that moment. PostsChanged where they are
        not those that were guessed."""
        viewer = self.viewer
        if not self.guessed or viewer.id is None:
            made: bytes = await self.source.json(statement, *values)
            return made
        sure = making_sure(statement, len(values), bool(viewer.roles))
        data: bytes | None = await self.source.json(sure, *sure_values(values, viewer.id, self.clock.now(), viewer.roles))
        if data is None:
            raise PostsChanged
        self.guessed = False
        return data

    async def make_sure(self) -> None:
        """The posts that the viewer holds now, in place of those that were guessed."""
        who = self.viewer.id
        if not self.guessed or who is None:
            return
        [[roles]] = await self.platform.db.fetch(ROLES.format(who=1, now=2), who, self.clock.now())
        self.viewer = self.viewer._replace(roles=frozenset(roles))
        self.platform.posts.learn(who, self.viewer.roles)
        self.guessed = False

    async def rows(self, read: Read) -> Sequence[Any]:
        """The rows of a read; all reads of one fragment that are asked for together are one statement."""
        fragment = read.fragment
        if fragment not in self.loaders:
            self.loaders[fragment] = DataLoader(lambda reads: self._load(fragment, reads))
        return list(await self.loaders[fragment].load(Bound(read)))

    async def value(self, read: Read) -> Any:
        """The computed value of a read that is an expression, or of the last column of its first row."""
        rows = await self.rows(read)
        return rows[0][len(rows[0]) - 1] if rows else None

    async def holds(self, read: Read) -> bool:
        """The value of an expression that says whether something holds; asked together with whoever asks it now."""
        if not read.fragment.is_select:
            viewer = self.viewer  # `json` gives the one value as it comes: of such a statement no bytes, but a boolean
            return bool(await self.source.json(*statement_of(read, viewer.linked, self.clock.now(), viewer.for_whom)))
        return bool(await self.value(read))

    async def values(self, reads: Sequence[Read]) -> list[Any]:
        """The value of each, as `value` tells it, of all in one statement. None of them binds a list."""
        places: dict[Fragment, list[int]] = {}
        for place, read in enumerate(reads):
            places.setdefault(read.fragment, []).append(place)
        fragments = tuple(sorted(places, key=lambda fragment: fragment.name))
        columns = [column for fragment in fragments for column in
                   (places[fragment], *map(list, zip(*(reads[place].binds() for place in places[fragment]), strict=True)))]
        found: list[Any] = [None] * len(reads)
        for row in await self.source.fetch(all_of(fragments), self.viewer.linked, self.clock.now(), self.viewer.for_whom,
                                           *columns) if reads else ():
            found[row["#"]] = list(orjson.loads(row["said"]).values())[-1]
        return found

    async def _load(self, fragment: Fragment, bounds: Sequence[Bound]) -> list[list[Any]]:
        viewer, now, subject = self.viewer.linked, self.clock.now(), self.viewer.for_whom
        if len(bounds) == 1 or any(type_.endswith("[]") for type_ in fragment.types.values()):
            statements = [statement_of(bound.read, viewer, now, subject) for bound in bounds]
            return [list(rows) for rows in
                    await asyncio.gather(*(self.source.fetch(*statement) for statement in statements))]
        found: list[list[Any]] = [[] for _ in bounds]
        columns = [list(column) for column in zip(*(bound.binds for bound in bounds), strict=True)]
        for row in await self.source.fetch(batch_of(fragment), viewer, now, subject, *columns):
            found[row["#"] - 1].append(row)
        return found

    async def write_looks(self) -> None:
        """Commit the looks of staff. Called before a byte of the answer leaves."""
        if not self.looks:
            return
        async with transaction(self.platform.db, "haian_writer", self.viewer, self.clock) as tx:
            for look in self.looks:
                tx.line(look.action, look.subject, look.role, fields=look.fields, ground=look.ground, office=look.office,
                        acting=look.scope)
        self.looks.clear()


class Bound:
    """A read as the key of a loader: equal when its binds are equal."""

    def __init__(self, read: Read) -> None:
        self.read, self.binds = read, read.binds()
        self.key = tuple(tuple(value) if isinstance(value, list) else value for value in self.binds)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bound) and self.key == other.key


@lru_cache(1000)
def all_of(fragments: tuple[Fragment, ...]) -> str:
    """The first rows of many calls of several fragments in one statement: of each the number of the call, and the binds."""
    statement, many = "", len(ALWAYS)
    always = {name: f"${i}::{type_}" for i, (name, type_) in enumerate(ALWAYS.items(), 1)}
    for fragment in fragments:
        types = ("int4", *fragment.types.values())
        tables = ", ".join(f"${many + i}::{type_}[]" for i, type_ in enumerate(types, 1))
        labels = ", ".join(f'"{name}"' for name in ("#", *fragment.types))
        body = fragment.render(lambda name: always.get(name) or f'"#keys"."{name}"')
        if not fragment.is_select:
            body = f"SELECT {body} AS value"
        statement += (f'{" UNION ALL " * bool(statement)}SELECT "#keys"."#", to_json(x) AS said FROM unnest({tables}) '
                      f'"#keys"({labels}) CROSS JOIN LATERAL (SELECT * FROM ({body}) y LIMIT 1) x')
        many += len(types)
    return (f'SELECT * FROM ({statement}) "#all" '
            "WHERE $1::uuid IS NULL OR $2::timestamptz IS NOT NULL OR $3::uuid IS NULL")


def batch_of(fragment: Fragment) -> str:
    """All calls of one fragment in one statement: the binds become a table, the fragment a lateral join. The table has a
    name that no fragment gives to one of its own, which would capture the binds."""
    names = list(fragment.types)
    tables = ", ".join(f"${i}::{fragment.types[name]}[]" for i, name in enumerate(names, len(ALWAYS) + 1)) or "ARRAY[1]"
    always = {name: f"${i}::{type_}" for i, (name, type_) in enumerate(ALWAYS.items(), 1)}
    body = fragment.render(lambda name: always.get(name) or f'"#keys"."{name}"')
    if not fragment.is_select:
        body = f"SELECT {body} AS value"
    labels = ", ".join(f'"{name}"' for name in names) or '"_"'
    return (f'SELECT "#keys"."#", x.* FROM unnest({tables}) WITH ORDINALITY "#keys"({labels}, "#")'
            f" CROSS JOIN LATERAL ({body}) x WHERE $1::uuid IS NULL OR $2::timestamptz IS NOT NULL OR $3::uuid IS NULL")
