"""For another: a scope lets in, both ways the same; what has none refuses; and the other sees in the ledger who it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
import pytest_asyncio
import strawberry
from strawberry import ID, Info
from tests.gateway.equal import both

from gateway.composition import compose
from gateway.documents import Documents, Operation
from gateway.execution import Gateway
from haian import fields, steps
from haian.acting import acting
from haian.call import Call, Platform
from haian.fields import Audit, Connection
from haian.reads import keyset, sql
from haian.registry import Registry
from haian.rules import GIVEN, PUBLIC, SIGNED_IN, role, when
from haian.terms import NEVER
from haian.viewer import Viewer

GRANDSON, GRANDMOTHER, STRANGER = uuid4(), uuid4(), uuid4()
READ, WRITE = "garden.beds.read", "garden.beds.write"


@sql
def mine() -> Any:
    "SELECT 'bed of ' || {subject} AS name, {subject} AS owner"


@keyset("name text")
def beds() -> Any:
    "SELECT 'bed ' || n AS name, {subject} AS owner FROM generate_series(1, 3) n"


@sql
def is_mine(owner: UUID) -> Any:
    "{owner} = {viewer}"


@sql
def whose() -> Any:
    "{subject}::text"


OWN = when("own", lambda bed: is_mine(bed.owner))


@fields.object_type(allow=GIVEN)
class Bed:
    name: str
    owner: ID
    secret: str = fields.field(lambda self: whose(), allow=OWN)


@strawberry.type
class Query:
    @fields.field(allow=acting(READ) | role("gardener"), audit=Audit("BED_SEEN", subject="owner"))
    def bed(self) -> Bed:
        return mine()

    @fields.field(allow=acting(READ))
    def beds(self, first: int = 2) -> Connection[Bed]:
        return beds(first=first)

    @fields.field(allow=acting(WRITE))
    async def spade(self) -> str | None:
        return "spade"

    @fields.field(allow=SIGNED_IN)
    def me(self) -> str:
        return whose()

    @fields.field(allow=role("gardener"))
    def tools(self) -> str:
        return whose()

    @fields.field(allow=PUBLIC)
    def weather(self) -> str:
        return whose()


@strawberry.type
class Mutation:
    @fields.mutation(allow=acting(WRITE))
    async def dig(self, info: Info[Call, None], key: str) -> Bed:
        async def decide() -> dict[str, Any]:
            await tx.audit("DUG", call.viewer.for_whom, role="citizen")
            return {"dug": str(call.viewer.for_whom)}
        call = info.context
        async with call.writing("messages") as tx:
            assert await tx.may(WRITE)
            await tx.once("garden.dig", key, {}, decide)
        return mine()

    @fields.mutation(allow=SIGNED_IN, recent=True)
    async def burn(self, info: Info[Call, None]) -> bool:
        return True


PLANTED = SimpleNamespace(noun="garden", schema=SimpleNamespace(Query=Query, Mutation=Mutation), live=None, providers=None)
GATEWAY = Gateway(compose(Registry([PLANTED])), Documents([]), Registry([]))  # type: ignore[list-item]
GATEWAY.registry.__dict__["catalogue"] = Registry([]).catalogue


@pytest_asyncio.fixture
async def garden(kernel: Platform) -> AsyncIterator[Platform]:
    """Where a table says who may do what for whom."""
    owner = await asyncpg.connect(kernel.settings.database_migration_url)
    await owner.execute("""
        DROP FUNCTION IF EXISTS haian.may(uuid, text, uuid, timestamptz);
        CREATE TABLE haian.allowed (actor uuid, action text, subject uuid, until timestamptz);
        GRANT SELECT ON haian.allowed TO haian_read, haian_writer;
        CREATE FUNCTION haian.may(actor uuid, action text, subject uuid, at timestamptz) RETURNS boolean
        LANGUAGE sql STABLE AS
        $$ SELECT $1 = $3 OR EXISTS (SELECT FROM haian.allowed a WHERE a.actor = $1 AND a.action = $2 AND a.subject = $3
                                     AND $4 < a.until) $$""")
    await owner.close()
    for who in (GRANDSON, GRANDMOTHER, STRANGER):
        kernel.agreed.learn(who, kernel.clock.now(), NEVER)
    yield kernel


async def let(platform: Platform, scope: str, subject: UUID = GRANDMOTHER) -> None:
    owner = await asyncpg.connect(platform.settings.database_migration_url)
    until = platform.clock.now() + timedelta(days=1)
    await owner.execute("INSERT INTO haian.allowed VALUES ($1, $2, $3, $4)", GRANDSON, scope, subject, until)
    await owner.close()


def acting_for(subject: UUID | None, **given: Any) -> Viewer:
    return Viewer(GRANDSON, "session", subject=subject, **given)


async def ask(platform: Platform, query: str, viewer: Viewer) -> tuple[Any, list[str]]:
    """The data and the codes of the errors, the same both ways."""
    answer = await both(GATEWAY, platform, viewer, Operation("", "", query), {})
    return answer["data"], sorted(error["extensions"]["code"] for error in answer.get("errors", ()))


async def change(platform: Platform, query: str, viewer: Viewer) -> tuple[Any, list[str]]:
    answer = orjson.loads(await GATEWAY.run(Operation("", "", query), {}, Call(platform, viewer)))
    return answer["data"], sorted(error["extensions"]["code"] for error in answer.get("errors", ()))


async def lines(platform: Platform, subject: UUID = GRANDMOTHER) -> list[tuple[Any, ...]]:
    rows = await platform.db.fetch("SELECT DISTINCT action, actor_role, acting, fields FROM haian.audit"
                                   " WHERE subject_id = $1 AND actor_id = $2 ORDER BY 1, 4", subject, GRANDSON)
    return [tuple(row) for row in rows]


async def test_for_oneself_nothing_is_asked_and_nothing_noted(garden: Platform) -> None:
    data, errors = await ask(garden, "{ bed { name owner secret } spade }", acting_for(None))
    assert (data["bed"]["owner"], data["spade"], errors) == (str(GRANDSON), "spade", [])
    assert await lines(garden, GRANDSON) == []


async def test_what_a_scope_covers_is_that_of_the_other_and_is_in_their_ledger(garden: Platform) -> None:
    await let(garden, READ)
    data, errors = await ask(garden, "{ bed { name owner } beds { edges { node { name } } } }", acting_for(GRANDMOTHER))
    assert (data["bed"], errors) == ({"name": f"bed of {GRANDMOTHER}", "owner": str(GRANDMOTHER)}, [])
    assert len(data["beds"]["edges"]) == 2
    assert await lines(garden) == [("SEEN_FOR", "delegate", READ, shown) for shown in (["name"], ["name", "owner"])]


async def test_what_python_answers_is_covered_and_noted_too(garden: Platform) -> None:
    await let(garden, WRITE)
    assert await ask(garden, "{ spade }", acting_for(GRANDMOTHER)) == ({"spade": "spade"}, [])
    assert await lines(garden) == [("SEEN_FOR", "delegate", WRITE, ["spade"])]


@pytest.mark.parametrize("query", ["{ bed { name } }", "{ beds { edges { node { name } } } }", "{ me }", "{ tools }"])
async def test_what_no_scope_covers_is_refused_and_leaves_no_line(garden: Platform, query: str) -> None:
    """One scope does not cover another, nor a role that one holds oneself; and nobody writes into a stranger's ledger."""
    await let(garden, WRITE)
    for subject in (GRANDMOTHER, STRANGER):
        viewer = acting_for(subject, roles=frozenset({"gardener"}))
        assert await ask(garden, query, viewer) == (None, ["ACTING_NOT_COVERED"])
        assert await lines(garden, subject) == []


async def test_a_row_that_is_mine_is_not_theirs(garden: Platform) -> None:
    await let(garden, READ)
    data, errors = await ask(garden, "{ bed { name secret } }", acting_for(GRANDMOTHER))
    assert (data, errors) == (None, ["ACTING_NOT_COVERED"])


async def test_what_is_public_stays_so(garden: Platform) -> None:
    assert await ask(garden, "{ weather }", acting_for(STRANGER)) == ({"weather": str(STRANGER)}, [])


async def test_what_ended_covers_nothing_at_the_next_request(garden: Platform) -> None:
    await let(garden, READ)
    assert (await ask(garden, "{ bed { name } }", acting_for(GRANDMOTHER)))[1] == []
    garden.clock.move(timedelta(days=1))
    assert (await ask(garden, "{ bed { name } }", acting_for(GRANDMOTHER)))[1] == ["ACTING_NOT_COVERED"]


async def test_nobody_acts_for_nobody(garden: Platform) -> None:
    assert await ask(garden, "{ bed { name } }", Viewer(subject=GRANDMOTHER)) == (None, ["UNAUTHENTICATED"])


async def test_a_token_does_what_its_scopes_say_and_nothing_else(garden: Platform) -> None:
    token = acting_for(None, scopes=frozenset({READ}))
    assert (await ask(garden, "{ bed { owner } }", token)) == ({"bed": {"owner": str(GRANDSON)}}, [])
    assert (await ask(garden, "{ spade }", token))[1] == ["ACTING_NOT_COVERED"]
    assert (await ask(garden, "{ me }", token))[1] == ["ACTING_NOT_COVERED"]
    await let(garden, READ)
    await let(garden, WRITE)
    both_ = acting_for(GRANDMOTHER, scopes=frozenset({READ}))
    assert (await ask(garden, "{ bed { owner } }", both_))[1] == []
    assert (await ask(garden, "{ spade }", both_))[1] == ["ACTING_NOT_COVERED"]


async def test_what_is_done_for_another_is_decided_once_for_each_of_them(garden: Platform) -> None:
    await let(garden, WRITE)
    dig = 'mutation { dig(key: "one-key-1") { owner } }'
    for _ in range(2):
        assert await change(garden, dig, acting_for(GRANDMOTHER)) == ({"dig": {"owner": str(GRANDMOTHER)}}, [])
    assert await change(garden, dig, acting_for(None)) == (None, ["IDEMPOTENCY_KEY_REUSED"])
    assert await lines(garden) == [("DUG", "delegate", WRITE, [])]
    assert await change(garden, dig, acting_for(STRANGER)) == (None, ["ACTING_NOT_COVERED"])
    assert await lines(garden, STRANGER) == []


async def test_two_scopes_on_one_field_are_refused_where_they_are_declared() -> None:
    with pytest.raises(TypeError, match="one scope"):
        acting(READ) | acting(WRITE)


async def test_what_needs_a_recent_factor_is_refused_without_one(garden: Platform) -> None:
    viewer, burn = Viewer(GRANDSON, "session"), "mutation { burn }"
    assert await change(garden, burn, viewer) == (None, ["STEP_UP_NEEDED"])
    await steps.confirm(garden, "another session")
    assert await change(garden, burn, viewer) == (None, ["STEP_UP_NEEDED"])
    await steps.confirm(garden, "session")
    assert await change(garden, burn, viewer) == ({"burn": True}, [])
    garden.clock.move(timedelta(seconds=steps.STEP_SECONDS))
    assert await change(garden, burn, viewer) == (None, ["STEP_UP_NEEDED"])


async def test_a_session_that_ended_has_stepped_up_no_more(garden: Platform) -> None:
    await steps.confirm(garden, "session")
    await steps.forget(garden.redis, "session")
    assert await change(garden, "mutation { burn }", Viewer(GRANDSON, "session")) == (None, ["STEP_UP_NEEDED"])
    assert await change(garden, "mutation { burn }", Viewer()) == (None, ["UNAUTHENTICATED"])
