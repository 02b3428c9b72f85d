"""One request: who asks, with what, and what must be written before the answer leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from strawberry.dataloader import DataLoader

from haian.clock import Clock
from haian.db import Database
from haian.line import AnyLine
from haian.live import Hub
from haian.posts import ROLES, Posts, PostsChanged, making_sure, sure_values
from haian.reads import ALWAYS, Fragment, Read
from haian.registry import Registry
from haian.replica import Reading, Replica, is_marked, mark
from haian.settings import Settings
from haian.transaction import Transaction, statement_of
from haian.viewer import ANONYMOUS, Viewer


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


@dataclass(frozen=True)
class Look:
    """A look of staff at somebody's personal data, to be in the ledger before the answer leaves."""

    action: str
    role: str
    subject: UUID
    fields: tuple[str, ...]


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
        async with self.platform.db.writing_as(noun) as connection:
            transaction = Transaction(connection, noun, self.viewer, self.clock)
            yield transaction
        self.loaders.clear()
        if self.platform.replica:
            await mark(self.platform.redis, transaction.touched)

    async def json(self, statement: str, values: Sequence[Any]) -> bytes:
        """The finished JSON of a statement, for the posts that the viewer holds at that moment. PostsChanged where they are
        not those that were guessed."""
        viewer = self.viewer
        if not self.guessed or viewer.id is None:
            return await self.source.json(statement, *values)
        sure = making_sure(statement, len(values), bool(viewer.roles))
        data = await self.source.json(sure, *sure_values(values, viewer.id, self.clock.now(), viewer.roles))
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
        self.viewer = replace(self.viewer, roles=frozenset(roles))
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

    async def _load(self, fragment: Fragment, bounds: Sequence[Bound]) -> list[list[Any]]:
        viewer, now = self.viewer.id, self.clock.now()
        if len(bounds) == 1 or any(type_.endswith("[]") for type_ in fragment.types.values()):
            statements = [statement_of(bound.read, viewer, now) for bound in bounds]
            return [list(rows) for rows in
                    await asyncio.gather(*(self.source.fetch(*statement) for statement in statements))]
        found: list[list[Any]] = [[] for _ in bounds]
        columns = [list(column) for column in zip(*(bound.binds for bound in bounds), strict=True)]
        for row in await self.source.fetch(batch_of(fragment), viewer, now, *columns):
            found[row["#"] - 1].append(row)
        return found

    async def write_looks(self) -> None:
        """Commit the looks of staff. Called before a byte of the answer leaves."""
        if not self.looks:
            return
        async with self.platform.db.transaction("haian_writer") as connection:
            await connection.executemany(
                "SELECT haian.record($1, $2, $3, $4, NULL, $5, '', $6)",
                [(self.viewer.id, look.role, look.subject, look.action, list(look.fields), self.clock.now())
                 for look in self.looks])
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


def batch_of(fragment: Fragment) -> str:
    """All calls of one fragment in one statement: the binds become a table, the fragment a lateral join. The table has a
    name that no fragment gives to one of its own, which would capture the binds."""
    names = list(fragment.types)
    tables = ", ".join(f"${i}::{fragment.types[name]}[]" for i, name in enumerate(names, 3)) or "ARRAY[1]"
    always = {name: f"${i}::{type_}" for i, (name, type_) in enumerate(ALWAYS.items(), 1)}
    body = fragment.render(lambda name: always.get(name) or f'"#keys"."{name}"')
    if not fragment.is_select:
        body = f"SELECT {body} AS value"
    labels = ", ".join(f'"{name}"' for name in names) or '"_"'
    return (f'SELECT "#keys"."#", x.* FROM unnest({tables}) WITH ORDINALITY "#keys"({labels}, "#")'
            f" CROSS JOIN LATERAL ({body}) x WHERE $1::uuid IS NULL OR $2::timestamptz IS NOT NULL")
