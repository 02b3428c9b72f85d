"""当面同意: what is asked beyond the base is asked of the holder at the scan, for two minutes; both see the answer."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.clients import Phone, Served, new_number
from tests.consent.test_given import standing
from tests.consent.test_ledger import lines
from tests.onecode.test_beyond import newest, read
from tests.onecode.test_scan import shown

from onecode.providers import PROVIDERS


async def scanned(served: Served, who: str = "") -> tuple[Phone, Phone, dict[str, Any]]:
    """A holder whose code was read at the hospital, the registrar, and what they saw."""
    holder, registrar = await served.signed_in(who or new_number()), await served.signed_in("registrar")
    return holder, registrar, await read(holder, registrar)


async def again(registrar: Phone, check: dict[str, Any]) -> dict[str, Any]:
    """The scan as the registrar sees it now."""
    found = (await registrar.ask("OnecodePostScans", first=50))["edges"]
    node: dict[str, Any] = next(edge["node"] for edge in found if edge["node"]["id"] == check["id"])
    return node


async def test_given_once_it_is_seen_at_this_scan_and_at_no_other(served: Served) -> None:
    holder, registrar, check = await scanned(served, "resident")
    assert (check["asking"], check["withheld"]) == ("WAITING", [{"label": "手机号"}])
    [asked] = await holder.ask("OnecodeAsks")
    assert (asked["scanId"], asked["asks"], asked["organisation"]) == (check["id"], ["手机号"], "演示第一医院")
    assert 60 < asked["seconds"] <= 120
    await holder.ask("OnecodeAnswer", scan=check["id"], reply="ONCE")
    assert await holder.ask("OnecodeAsks") == []
    now = await again(registrar, check)
    assert (shown(now)["phone"], now["asking"], now["withheld"]) == ("13800000001", "GIVEN", [])
    [line] = [line for line in await lines(holder, kind="SCAN") if line["action"] == "CODE_FACTS_GIVEN"]
    assert (line["fields"], line["ground"], line["actorRole"], line["actorName"]) \
        == (["phone"], "consent", "registrar", "孙*娜")
    assert await standing(holder) == [], "used up"
    other = await read(holder, registrar)
    assert (other["asking"], "phone" in shown(other)) == ("WAITING", False)


async def test_given_from_now_on_the_next_scan_asks_no_more(served: Served) -> None:
    holder, registrar, check = await scanned(served, "resident")
    await holder.ask("OnecodeAnswer", scan=check["id"], reply="STANDING")
    [given] = await standing(holder)
    assert (given["used"], given["purpose"]) == (1, "就医签到")
    check = await read(holder, registrar)
    assert (check["asking"], shown(check)["phone"]) == (None, "13800000001")


async def test_denied_it_is_never_seen(served: Served) -> None:
    holder, registrar, check = await scanned(served, "resident")
    await holder.ask("OnecodeAnswer", scan=check["id"], reply="DENIED")
    now = await again(registrar, check)
    assert (now["asking"], now["withheld"]) == ("DENIED", [{"label": "手机号"}])
    assert "13800000001" not in json.dumps(now)
    assert "CODE_FACTS_DENIED" in [line["action"] for line in await lines(holder)]
    assert await standing(holder) == []


async def test_after_two_minutes_or_an_undone_scan_nobody_is_asked(served: Served) -> None:
    holder, registrar, late = await scanned(served, "resident")
    served.platform.clock.move(timedelta(minutes=2))
    assert (await holder.ask("OnecodeAsks"), (await again(registrar, late))["asking"]) == ([], "OVER")
    assert await holder.refused("OnecodeAnswer", scan=late["id"], reply="ONCE") == "ONECODE_ASK_OVER"
    undone = await read(holder, registrar)
    await registrar.ask("OnecodeUndo", scan=undone["id"], why="WRONG_PERSON")
    assert await holder.refused("OnecodeAnswer", scan=undone["id"], reply="STANDING") == "ONECODE_ASK_OVER"
    assert await holder.ask("OnecodeAsks") == [] and await standing(holder) == []
    assert "phone" not in shown(await again(registrar, late))


async def test_of_two_taps_the_first_counts_and_nobody_else_answers(served: Served) -> None:
    holder, registrar, check = await scanned(served, "resident")
    tablet, stranger = await served.signed_in("resident"), await served.signed_in("elder")
    for who in (stranger, registrar):
        assert await who.refused("OnecodeAnswer", scan=check["id"], reply="ONCE") == "NOT_FOUND"
    replies = ["ONCE", "DENIED"] * 4
    taps = [phone.ask("OnecodeAnswer", scan=check["id"], reply=reply)
            for phone, reply in zip([holder, tablet] * 4, replies, strict=True)]
    said = await asyncio.gather(*taps, return_exceptions=True)
    first = {reply for reply, answer in zip(replies, said, strict=True) if not isinstance(answer, Exception)}
    assert len(first) == 1
    assert {getattr(answer, "code", answer) for answer in said if isinstance(answer, Exception)} == {"ONECODE_ASK_ANSWERED"}
    now = await again(registrar, check)
    assert ("phone" in shown(now)) is (first == {"ONCE"}) and now["asking"] == ("GIVEN" if first == {"ONCE"} else "DENIED")
    assert len([line for line in await lines(holder, kind="SCAN") if line["action"] == "CODE_FACTS_GIVEN"]) \
        == (1 if first == {"ONCE"} else 0)


async def test_both_hear_at_once(served: Served, worker: Any) -> None:
    holder, registrar = await served.signed_in("resident"), await served.signed_in("registrar")
    async with holder.live() as phone:
        assert (await anext(phone))["live"]["type"] == "ready"
        check = await read(holder, registrar)
        await worker()
        heard = {(await anext(phone))["live"]["type"] for _ in range(2)}
        assert heard == {"onecode.scanned", "onecode.asked"}
    async with registrar.live("OnecodeAsked", scan=check["id"]) as screen:
        assert (await anext(screen))["onecodeAsked"]["state"] == "WAITING"
        await holder.ask("OnecodeAnswer", scan=check["id"], reply="ONCE")
        await worker()
        told = (await anext(screen))["onecodeAsked"]
        assert (told["state"], shown(told["check"])["phone"]) == ("GIVEN", "13800000001")
        assert [each async for each in screen] == []
    async with holder.live("OnecodeAsked", scan=check["id"]) as other:
        assert [each async for each in other if each] == [], "it is the verifier's"


async def test_under_fourteen_nobody_is_asked_at_the_door(served: Served) -> None:
    holder = await served.signed_in(new_number())
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET born = '2016-01-01' WHERE id = $1", UUID(holder.id))
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("""INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until)
            SELECT c.id, $1, 'OTHER', $2, 'infinity' FROM haian.citizen c WHERE c.phone = '13800000003'""",
            UUID(holder.id), served.platform.clock.now())
    await (await served.signed_in("parent")).ask("ConsentAccept", version=1, child=holder.id)
    check = await read(holder, await served.signed_in("registrar"))
    assert (check["asking"], await holder.ask("OnecodeAsks")) == (None, [])


async def test_the_question_stands_beside_the_last_scan_only(shared: Served) -> None:
    holder, registrar, _ = await scanned(shared)
    await read(holder, registrar)
    asked = [bool(edge["node"]["withheld"]) for edge in (await holder.ask("OnecodeScans"))["edges"]]
    assert asked == [True, False]
    assert (await newest(holder))["withheld"][0]["name"] == "phone"


async def test_what_was_asked_is_erased_with_whom_it_was_asked_of(served: Served) -> None:
    holder, _, _ = await scanned(served, "resident")
    async with served.platform.db.writing_as("onecode") as connection:
        assert PROVIDERS.erase
        await PROVIDERS.erase(connection, UUID(holder.id))
    assert not await served.platform.db.fetch("SELECT FROM onecode.ask WHERE holder_id = $1", UUID(holder.id))
