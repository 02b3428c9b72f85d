"""A request is decided once, whatever fails on the way; until that is committed its citizen may decide again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from tests.clients import Phone, Refused, Served, new_number
from tests.oauth.program import CLIENT, HEALTH, READ, Program, answer_of, asked, went_on

OVER_PAGE = "/authorize?over=1"


async def consents(phone: Phone) -> list[str]:
    rows = await phone.served.platform.db.fetch("SELECT fact FROM haian.consent WHERE citizen_id::text = $1", phone.id)
    return sorted(row["fact"] for row in rows)


@asynccontextmanager
async def no_commit(served: Served, phone: Phone) -> AsyncIterator[None]:
    """Within the block PostgreSQL refuses to commit a consent of this citizen."""
    owner = await asyncpg.connect(served.platform.settings.database_migration_url)
    await owner.execute("""CREATE FUNCTION consent.no_commit() RETURNS trigger LANGUAGE plpgsql AS
                           $$ BEGIN RAISE EXCEPTION 'no commit'; END $$""")
    await owner.execute(f"""CREATE CONSTRAINT TRIGGER no_commit AFTER INSERT ON consent.consent DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (new.citizen_id = '{phone.id}') EXECUTE FUNCTION consent.no_commit()""")
    try:
        yield
    finally:
        await owner.execute("DROP FUNCTION consent.no_commit CASCADE")
        await owner.close()


async def test_after_a_commit_that_failed_the_same_browser_decides_again_and_no_other(shared: Served) -> None:
    program = Program(shared)
    phone, other = await shared.signed_in(new_number()), await shared.signed_in(new_number())
    name = await asked(phone, program.request(READ, HEALTH))
    async with no_commit(shared, phone):
        given = {"request": name, "scopes": [READ, HEALTH], "term": "MONTH"}
        assert await phone.refused("OauthAllow", **given) == "INTERNAL"
    assert (await consents(phone), await went_on(phone, name)) == ([], OVER_PAGE), "nothing was decided"
    assert (await phone.ask("OauthRequest", request=name))["client"]["id"] == CLIENT
    assert await other.ask("OauthRequest", request=name) is None
    assert await other.refused("OauthRefuse", request=name) == "OAUTH_REQUEST_STALE"
    for _ in range(2):
        await phone.ask("OauthAllow", request=name, scopes=[READ], term="MONTH")
    assert await phone.refused("OauthRefuse", request=name) == "OAUTH_REQUEST_STALE"
    code = answer_of(await went_on(phone, name))["code"]
    assert (await program.exchange(code)).json()["scope"] == READ
    assert await consents(phone) == [READ]


async def test_who_asks_again_after_the_browser_went_on_gets_no_second_code(shared: Served) -> None:
    program, phone = Program(shared), await shared.signed_in(new_number())
    name = await asked(phone, program.request())
    for went in (True, False):
        await phone.ask("OauthAllow", request=name, scopes=[READ], term="MONTH")
        assert ("code" in answer_of(await went_on(phone, name))) is went
        assert await phone.ask("OauthRequest", request=name) is None


async def test_allowed_and_refused_at_one_moment_is_one_of_the_two(shared: Served) -> None:
    program, phone = Program(shared), await shared.signed_in(new_number())
    name = await asked(phone, program.request())
    said = await asyncio.gather(phone.ask("OauthAllow", request=name, scopes=[READ], term="MONTH"),
                                phone.ask("OauthRefuse", request=name), return_exceptions=True)
    [(won, lost)] = [(i, each) for i, each in enumerate(reversed(said)) if isinstance(each, Refused)]
    assert lost.code == "OAUTH_REQUEST_STALE"
    allowed = won == 0  # it was the refusal that came too late
    assert await consents(phone) == ([READ] if allowed else [])
    assert ("code" in answer_of(await went_on(phone, name))) is allowed
