"""访客码: a link lets a visitor show a code without an account; the guard sees whom they visit; the last entry is one."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.clients import Phone, Refused, Served
from tests.onecode.test_scan import scan, shown

from haian.codes import new_token


async def invited(served: Served, host: Phone, **given: Any) -> tuple[str, Any]:
    """The secret of a link, and the pass as its host sees it."""
    secret, now = new_token(), served.platform.clock.now()
    asked = {"visitor": "刘远客", "startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=3)).isoformat(),
             "entries": 2, "link": hashlib.sha256(secret.encode()).hexdigest(), "key": str(uuid4())}
    return secret, await host.ask("OnecodeInvite", **asked | given)


async def test_a_visitor_without_an_account_is_let_in_and_the_host_hears_of_it(served: Served, worker: Any) -> None:
    host, guard, visitor = await served.signed_in("resident"), await served.signed_in("guard"), served.phone()
    secret, made = await invited(served, host, plate="鲁B12345")
    visit = await visitor.ask("OnecodeVisit", secret=secret)
    assert (visit["host"], visit["state"], visit["remaining"], visit["code"]["size"]) == ("王*燕", "OPEN", 2, 25)
    check = await scan(guard, visit["code"]["text"])
    assert check["verdict"] == "ACCEPTED"
    assert shown(check) == {"visitor": "刘远客", "visits": f"{visit['community']} 王*燕", "plate": "鲁B12345",
                            "entries_left": "1"}
    assert (await scan(guard, visit["code"]["text"]))["verdict"] == "USED"
    mine = (await host.ask("OnecodeScans", first=2))["edges"][1]["node"]
    assert (mine["verdict"], mine["visitor"]) == ("ACCEPTED", "刘远客")
    assert [each["remaining"] for each in await host.ask("OnecodePasses") if each["id"] == made["id"]] == [1]
    await worker()
    newest = (await host.ask("MessagesInbox"))["messagesInbox"]["edges"][0]["node"]
    assert "刘远客 在 海岸物业服务中心（演示） 东门 通过了" in newest["body"]
    await guard.ask("OnecodeUndo", scan=check["id"], why="NOT_ENTERING")
    assert (await visitor.ask("OnecodeVisit", secret=secret))["remaining"] == 2, "who did not come in has used none"


async def test_of_two_who_show_the_last_entry_at_once_one_gets_it(served: Served) -> None:
    host, guard = await served.signed_in("resident"), await served.signed_in("guard")
    secret, _ = await invited(served, host, entries=1)
    friends = [served.phone() for _ in range(8)]
    codes = [(await friend.ask("OnecodeVisit", secret=secret))["code"]["text"] for friend in friends]
    verdicts = [check["verdict"] for check in await asyncio.gather(*(scan(guard, code) for code in codes))]
    assert (verdicts.count("ACCEPTED"), verdicts.count("NOT_ENTITLED")) == (1, 7)
    visit = await friends[0].ask("OnecodeVisit", secret=secret)
    assert (visit["state"], visit["remaining"], visit["code"]) == ("USED_UP", 0, None)


async def test_a_pass_holds_at_its_hours_and_its_community_and_until_it_is_ended(served: Served) -> None:
    host, guard, registrar = [await served.signed_in(who) for who in ("resident", "guard", "registrar")]
    now, visitor = served.platform.clock.now(), served.phone()
    later, _ = await invited(served, host, startsAt=(now + timedelta(hours=1, minutes=1)).isoformat())
    assert (await visitor.ask("OnecodeVisit", secret=later))["state"] == "NOT_YET"
    secret, made = await invited(served, host)
    code = (await visitor.ask("OnecodeVisit", secret=secret))["code"]["text"]
    elsewhere = await scan(registrar, code)
    assert (elsewhere["verdict"], elsewhere["facts"]) == ("NOT_ENTITLED", []), "a hospital sees nothing of a visitor"
    shown_before = (await visitor.ask("OnecodeVisit", secret=secret))["code"]["text"]
    assert (await host.ask("OnecodeEndPass", id=made["id"]))["state"] == "ENDED"
    assert (await scan(guard, shown_before))["verdict"] == "NOT_ENTITLED"
    assert (await visitor.ask("OnecodeVisit", secret=secret))["code"] is None
    served.platform.clock.move(timedelta(hours=4))
    assert (await visitor.ask("OnecodeVisit", secret=later))["state"] == "OVER"


async def test_whose_codes_are_suspended_has_no_visitors(served: Served) -> None:
    host, guard, visitor = await served.signed_in("resident"), await served.signed_in("guard"), served.phone()
    secret, _ = await invited(served, host)
    code = (await visitor.ask("OnecodeVisit", secret=secret))["code"]["text"]
    await host.ask("OnecodeSuspend")
    assert (await scan(guard, code))["verdict"] == "SUSPENDED"
    assert (await visitor.ask("OnecodeVisit", secret=secret))["state"] == "PAUSED"
    with pytest.raises(Refused) as refused:
        await invited(served, host)
    assert refused.value.code == "ONECODE_SUSPENDED"


async def test_the_secret_is_kept_nowhere_and_a_wrong_one_opens_nothing(served: Served) -> None:
    host, other, visitor = await served.signed_in("resident"), await served.signed_in("elder"), served.phone()
    secret, made = await invited(served, host)
    rows = await served.platform.db.fetch("SELECT p::text AS said FROM onecode.pass p")
    assert not [row for row in rows if secret in row["said"]]
    assert await visitor.refused("OnecodeVisit", secret=new_token()) == "ONECODE_VISIT_UNKNOWN"
    assert await visitor.refused("OnecodeVisit", secret="") == "ONECODE_VISIT_UNKNOWN"
    assert await other.refused("OnecodeEndPass", id=made["id"]) == "NOT_FOUND"
    assert await other.ask("OnecodePasses") == []
    assert (await visitor.ask("OnecodeVisit", secret=secret))["state"] == "OPEN"


async def test_ten_invitations_are_open_at_once_and_what_makes_no_sense_is_refused(served: Served) -> None:
    host, now = await served.signed_in("resident"), served.platform.clock.now()
    made = await asyncio.gather(*(invited(served, host) for _ in range(12)), return_exceptions=True)
    assert len([each for each in made if isinstance(each, tuple)]) == 10
    assert {str(getattr(each, "code", "")) for each in made if not isinstance(each, tuple)} == {"ONECODE_TOO_MANY_PASSES"}
    right = {"visitor": "客", "startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat(), "entries": 1,
             "link": "ab" * 32}
    for wrong in ({"visitor": " "}, {"visitor": "客" * 21}, {"entries": 0}, {"entries": 11}, {"link": "x"},
                  {"plate": "12345"}, {"endsAt": now.isoformat()}, {"endsAt": (now + timedelta(days=4)).isoformat()},
                  {"startsAt": "9999-12-30T00:00:00Z", "endsAt": "9999-12-31T00:00:00Z"}):
        assert await host.refused("OnecodeInvite", key=str(uuid4()), **right | wrong) == "INVALID_ARGUMENT"
