"""What every noun offers to others keeps its promise, whichever noun it is."""

from __future__ import annotations

import pytest
from tests.clients import Served

from consent.my_data import held
from haian.call import Call
from haian.demo import ACCOUNTS, demo_id
from haian.viewer import ANONYMOUS, Viewer
from server.apps import registry

REGISTRY = registry()
CITIZENS = [demo_id(f"citizen:{account.key}") for account in ACCOUNTS]
HOME = {"id", "kind", "title", "place", "starts_at", "ends_at", "link", "state"}
FOUND = {"kind", "id", "title", "detail", "link"}


@pytest.mark.parametrize("app", REGISTRY.apps, ids=lambda app: app.noun)
async def test_an_export_is_of_its_citizen_whoever_runs_it(shared: Served, app: object) -> None:
    """The worker runs it for a citizen who may not be signed in."""
    for citizen in CITIZENS:
        mine, nobodys = Call(shared.platform, Viewer(citizen)), Call(shared.platform, ANONYMOUS)
        assert await held(mine, app, citizen) == await held(nobodys, app, citizen)  # type: ignore[arg-type]


@pytest.mark.parametrize("app", REGISTRY.apps, ids=lambda app: app.noun)
async def test_after_erasing_nothing_is_left_to_export(served: Served, app: object) -> None:
    """What must stay by law or for others has no name in it any more. Whoever holds something forgets it."""
    providers = app.providers  # type: ignore[attr-defined]
    assert bool(providers.export) == bool(providers.erase)
    if providers.erase:
        for citizen in CITIZENS:
            async with served.platform.db.writing_as(app.noun) as connection:  # type: ignore[attr-defined]
                await providers.erase(connection, citizen)
            left = await held(Call(served.platform), app, citizen)  # type: ignore[arg-type]
            assert left == {name: [] for name in providers.export}


@pytest.mark.parametrize(("noun", "block"), REGISTRY.home_blocks, ids=[noun for noun, _ in REGISTRY.home_blocks])
async def test_a_home_block_shows_what_is_to_come_and_nobody_anything(shared: Served, noun: str, block: object) -> None:
    for citizen in CITIZENS:
        for row in await Call(shared.platform, Viewer(citizen)).rows(block.rows()):  # type: ignore[attr-defined]
            assert set(row.keys()) >= HOME
            assert row["link"].startswith("/") and row["title"]
    assert await Call(shared.platform).rows(block.rows()) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(("noun", "source"), REGISTRY.search_sources,
                         ids=[f"{noun} {source.kind}" for noun, source in REGISTRY.search_sources])
async def test_what_may_be_found_is_public_and_leads_somewhere(shared: Served, noun: str, source: object) -> None:
    rows = await Call(shared.platform).rows(source.rows())  # type: ignore[attr-defined]
    assert rows, "the demo has some"
    assert all(set(row.keys()) >= FOUND and row["link"].startswith("/") and row["title"] for row in rows)
    assert len({(row["kind"], row["id"]) for row in rows}) == len(rows)


async def test_every_fact_has_an_answer_for_everybody(shared: Served) -> None:
    for name, fact in REGISTRY.facts.items():
        for citizen in CITIZENS:
            given = (citizen, demo_id("organisation:property")) if fact.local else (citizen,)
            value = await Call(shared.platform).value(fact.value(*given))
            assert value is None or isinstance(value, str | bool | int), name


def test_names_are_taken_once() -> None:
    """A second provider of the same name would silently replace the first."""
    for what, name in (("messages", "event"), ("facts", "name"), ("jobs", "name"), ("services", "id")):
        names = [getattr(offer, name) for app in REGISTRY.apps for offer in getattr(app.providers, what)]
        assert len(names) == len(set(names)), what
