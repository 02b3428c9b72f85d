"""Journeys of attackers: with events of pages that are not theirs, from a page on the same machine, with a tossed cookie."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Page, Route
from tests.clients import DOCUMENTS, Served
from tests.journeys.browser import Phones, opened_at, session_of
from tests.journeys.event_socket import event_socket, handlers
from tests.product import Product

from haian.demo import ACCOUNTS, demo_id

NEIGHBOUR = "http://127.0.0.1:9"
"""A page of another server on the same machine: another origin, and yet the same site, so that cookies go along."""
OTHERS = {account.name for account in ACCOUNTS if account.key != "resident"}
GIVEN: dict[str, Any] = {"var_name": "_bound_to", "document": "IdentityDisputes", "refusal": {}, "phone": "13800000002",
                         "day": "2026-11-23", "office": str(demo_id("organisation:property"))}


@pytest.mark.parametrize("who", [None, "resident"])
async def test_an_event_of_a_page_that_is_not_mine_shows_nothing_of_anybody(
        product: Product, inside: Served, who: str | None) -> None:
    """Every handler of the client may be called by whoever has a socket, from any page: each asks the gateway as them."""
    cookie = await session_of(inside, demo_id(f"citizen:{who}")) if who else ""
    async with event_socket(product, cookie) as socket:
        found = [(name, arguments) for name, arguments in handlers() if not name.endswith(".watch")]
        assert any(name.endswith("staff_desk.load") for name, _ in found)
        for name, arguments in found:
            await socket.fire(name, {argument: GIVEN.get(argument, "x") for argument in arguments})
        heard = await socket.listen("王海燕" if who else "/sign-in")
    assert ("王海燕" if who else "/sign-in") in heard, "the socket was used"
    assert {name for name in OTHERS if name in heard} == set()
    assert ("王海燕" in heard) == (who is not None)
    if who:
        looks = await inside.platform.db.fetch(
            "SELECT action FROM haian.audit WHERE actor_id = $1 AND subject_id <> $1", demo_id(f"citizen:{who}"))
        assert [row["action"] for row in looks if row["action"].endswith("_SEEN")] == []


async def at_the_neighbours(page: Page, html: str) -> None:
    """Opens a page that another server on this machine serves."""
    async def serve(route: Route) -> None:
        await route.fulfill(content_type="text/html", body=html)
    await page.context.route(f"{NEIGHBOUR}/**", serve)
    await page.goto(f"{NEIGHBOUR}/")


async def test_a_form_on_a_page_of_the_same_machine_changes_nothing(phone_page: Phones, inside: Served) -> None:
    """It is the same site to SameSite, so that the cookie goes along; the origin is another."""
    before = await community(inside)
    page = await phone_page("resident")
    document = DOCUMENTS["IdentityChooseCommunity"].id
    asked = json.dumps({"documentId": document, "variables": {"code": "370211001001"}, "x": ""})
    name, value = asked[:-2].replace('"', "&quot;"), asked[-2:].replace('"', "&quot;")
    phone_page.allow("403", "415")
    async with page.expect_response(lambda answer: answer.url.endswith("/graphql")) as answered:
        await at_the_neighbours(page, f"""<form method=post enctype=text/plain action="{inside.origin}/graphql">
            <input name="{name}" value="{value}"></form><script>document.forms[0].submit()</script>""")
    answer = await answered.value
    assert answer.status in (400, 403, 415)
    assert "haian_session" in (await answer.request.all_headers()).get("cookie", ""), "else nothing was tried"
    assert await community(inside) == before


async def community(inside: Served) -> str:
    [[code]] = await inside.platform.db.fetch("SELECT community_code FROM haian.citizen WHERE id = $1",
                                              demo_id("citizen:resident"))
    return str(code)


async def test_a_tossed_cookie_makes_nobody_somebody_else(phone_page: Phones, inside: Served) -> None:
    """Without https a neighbour can put a second cookie before mine: I am signed out then, and act on nobody's account."""
    attacker = await session_of(inside, demo_id("citizen:elder"))
    page = await phone_page("resident")
    await at_the_neighbours(page, f"<script>document.cookie = 'haian_session={attacker}; path=/graphql'</script>")
    phone_page.allow("401")
    await opened_at(page, "/about")
    viewer = await page.evaluate("""async (id) => (await (await fetch("/graphql", {method: "POST", headers:
        {"content-type": "application/json"}, body: JSON.stringify({documentId: id})})).json()).data.identityViewer""",
        DOCUMENTS["IdentityViewer"].id)
    assert viewer is None
