"""An office in which posts are given, for the tests."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.clients import PHONES, Phone, Served

from haian.demo import ACCOUNTS, demo_id

NAMES = {account.key: account.name for account in ACCOUNTS}
PROPERTY, DISTRICT = str(demo_id("organisation:property")), str(demo_id("organisation:district"))


def invitation(whom: str, role: str, organisation: str = PROPERTY, **given: Any) -> dict[str, Any]:
    """What a manager writes to invite a demo account."""
    key = str(uuid4())
    return {"organisation": organisation, "name": NAMES[whom], "phone": PHONES[whom], "role": role, "key": key, **given}


async def invited(manager: Phone, whom: str, role: str, organisation: str = PROPERTY, **given: Any) -> str:
    """The id of a new invitation."""
    made = await manager.ask("StaffInvite", **invitation(whom, role, organisation, **given))
    return str(made["id"])


async def offers(phone: Phone) -> list[Any]:
    return list((await phone.ask("StaffMine"))["staffOffers"])


async def posts(phone: Phone) -> list[str]:
    return [post["role"] for post in (await phone.ask("StaffMine"))["staffMine"]]


async def people(manager: Phone, organisation: str = PROPERTY) -> dict[str, Any]:
    """The posts of an organisation, by the name of the holder and the role."""
    found = await manager.ask("StaffPosts", organisation=organisation, first=100)
    return {f"{edge['node']['name']} {edge['node']['role']}": edge["node"] for edge in found["edges"]}


async def appointed(served: Served, manager: Phone, whom: str, role: str, **given: Any) -> Phone:
    """The phone of somebody who was invited and accepted."""
    phone = await served.signed_in(whom)
    await phone.ask("StaffAnswer", id=await invited(manager, whom, role, **given), accept=True)
    return phone


async def lines(served: Served, citizen: str, action: str) -> list[Any]:
    """(who did it, as what) in somebody's ledger."""
    rows = await served.platform.db.fetch(
        "SELECT actor_id, actor_role FROM haian.audit WHERE subject_id = $1 AND action = $2 ORDER BY id", citizen, action)
    return [(str(row["actor_id"]), row["actor_role"]) for row in rows]
