"""工作台: whose desks are shown to whom, and what counts as waiting."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from tests.clients import Phone, Served
from tests.consent.test_questions import ask, looked_at

from gateway.desks import desk_of
from haian.registry import Desk
from messages import store_held
from server.apps import registry


async def desks(phone: Phone) -> dict[str, Any]:
    return {desk["link"]: desk for desk in (await phone.ask("HomeDesks"))["homeDesks"]}


async def test_each_sees_the_desks_of_their_posts_and_nobody_else_any(served: Served) -> None:
    guard = await desks(await served.signed_in("guard"))
    assert list(guard) == ["/onecode/scan"] and len(guard["/onecode/scan"]["organisations"]) == 1
    manager = await desks(await served.signed_in("manager"))
    roles = {desk.link: desk for desk in registry().desks}
    assert all("manager" in roles[link].roles or "inspector" in roles[link].roles for link in manager)
    assert "/me/disputes" not in manager and len(manager["/me/staff"]["organisations"]) == 2
    assert manager["/terms/desk"]["organisations"] == ["青岛西海岸新区管委会（演示）"]
    assert await desks(await served.signed_in("resident")) == {}
    assert await served.phone().refused("HomeDesks") == "UNAUTHENTICATED"


async def test_what_waits_is_counted_for_who_may_decide_it(served: Served) -> None:
    """A question about a guard's look waits for the manager; one about the manager's own look waits for another."""
    manager, link = await served.signed_in("manager"), "/me/questions/desk"
    before = await desks(manager)
    made = await ask(await looked_at(served))
    own = await ask(await looked_at(served, "manager", "property", "manager"))
    after = await desks(manager)
    assert (before[link]["waiting"], after[link]["waiting"]) == (0, 1) and after[link]["since"] == made["askedAt"]
    assert next(iter(after)) == link, "what waits comes first"
    assert own["id"] != made["id"]
    await manager.ask("ConsentAnswer", id=made["id"], text="核对过，是门岗扫码。")
    assert (await desks(manager))[link]["waiting"] == 0


def test_a_desk_whose_read_wants_values_is_refused() -> None:
    with pytest.raises(ValueError, match="takes no values"):
        desk_of(0, Desk("/x", ("manager",), waiting=lambda: store_held.messages(uuid4()), since="at"))
