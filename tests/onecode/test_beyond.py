"""Facts beyond a scene's base: seen only where the holder's consent stands, and the ledger says that it is the ground."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from tests.clients import Phone, Served
from tests.consent.test_given import standing
from tests.consent.test_ledger import lines
from tests.onecode.test_scan import scan, shown


async def read(holder: Phone, registrar: Phone) -> dict[str, Any]:
    found: dict[str, Any] = await scan(registrar, (await holder.ask("OnecodeIssue"))["text"])
    return found


async def newest(holder: Phone) -> dict[str, Any]:
    found: dict[str, Any] = (await holder.ask("OnecodeScans", first=1))["edges"][0]["node"]
    return found


async def test_what_i_let_them_see_is_shown_from_the_next_scan_until_i_take_it_back(served: Served) -> None:
    holder, registrar = await served.signed_in("resident"), await served.signed_in("registrar")
    check = await read(holder, registrar)
    assert (check["verdict"], check["withheld"]) == ("ACCEPTED", [{"label": "手机号"}])
    said = json.dumps([check, await registrar.ask("OnecodePostScans")], ensure_ascii=False)
    assert "13800000001" not in said, "not a byte of what was not agreed to"
    asked = await newest(holder)
    assert asked["withheld"] == [{"name": "phone", "label": "手机号", "asked": False}]
    await holder.ask("OnecodeAllow", scan=asked["id"], fact="phone", term="MONTH")
    assert (await newest(holder))["withheld"] == [], "and is not asked again"
    check = await read(holder, registrar)
    assert (shown(check)["phone"], check["withheld"]) == ("13800000001", [])
    [line] = [line for line in await lines(holder, kind="SCAN") if line["action"] == "CODE_FACTS_GIVEN"]
    assert (line["fields"], line["ground"], line["actorRole"]) == (["phone"], "consent", "registrar")
    [given] = await standing(holder)
    assert (given["used"], given["receiverName"], given["purpose"]) == (1, "演示第一医院", "就医签到")
    await holder.ask("ConsentEnd", id=given["id"])
    check = await read(holder, registrar)
    assert "phone" not in shown(check)


async def test_nothing_is_given_but_what_was_asked_of_me(served: Served) -> None:
    holder, other = await served.signed_in("resident"), await served.signed_in("elder")
    registrar, guard = await served.signed_in("registrar"), await served.signed_in("guard")
    gate, desk = (await read(holder, guard)), (await read(holder, registrar))
    assert gate["withheld"] == []
    for who, asked, fact in ((holder, gate, "phone"), (holder, desk, "adult"), (other, desk, "phone")):
        assert await who.refused("OnecodeAllow", scan=asked["id"], fact=fact, term="YEAR") == "NOT_FOUND"
    assert await holder.refused("OnecodeAllow", scan=str(uuid4()), fact="phone", term="YEAR") == "NOT_FOUND"
    assert await standing(holder) == []
