"""撤销 and 紧急放行: a scan is taken back within minutes, and who has no code is let in for a reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

from tests.clients import Served
from tests.consent.test_ledger import lines
from tests.onecode.test_scan import scan

from haian.demo import demo_id

Worker = Callable[[], Awaitable[None]]


async def test_a_wrong_scan_is_taken_back_and_its_holder_is_told(served: Served, worker: Worker) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    before, code = await guard.ask("OnecodePost"), (await holder.ask("OnecodeIssue"))["text"]
    check = await scan(guard, code)
    assert check["undoUntil"] is not None
    undone = await guard.ask("OnecodeUndo", scan=check["id"], why="WRONG_PERSON")
    assert (undone["undoneFor"], undone["undoUntil"]) == ("WRONG_PERSON", None)
    assert await guard.ask("OnecodeUndo", scan=check["id"], why="NOT_ENTERING") == undone, "once"
    assert (await scan(guard, code))["verdict"] == "USED", "the code stays used"
    assert (await guard.ask("OnecodePost"))["acceptedToday"] == before["acceptedToday"]
    assert (await holder.ask("OnecodeScans", first=2))["edges"][1]["node"]["undoneFor"] == "WRONG_PERSON"
    [line] = [line for line in await lines(holder, kind="SCAN") if line["action"] == "CODE_UNDONE"]
    assert (line["reason"], line["actorRole"]) == ("WRONG_PERSON", "property_guard")
    await worker()
    inbox = (await holder.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert [edge["node"]["type"] for edge in inbox] == ["onecode.undone"]


async def test_only_who_scanned_takes_it_back_and_only_for_five_minutes(served: Served) -> None:
    holder, guard, registrar = [await served.signed_in(who) for who in ("resident", "guard", "registrar")]
    check = await scan(guard, (await holder.ask("OnecodeIssue"))["text"])
    assert await registrar.refused("OnecodeUndo", scan=check["id"], why="WRONG_PERSON") == "NOT_FOUND"
    assert await holder.refused("OnecodeUndo", scan=check["id"], why="WRONG_PERSON") == "FORBIDDEN"
    again = await scan(guard, "H1:" + "0" * 26)
    assert again["undoUntil"] is None
    assert await guard.refused("OnecodeUndo", scan=again["id"], why="WRONG_PERSON") == "NOT_FOUND", "it used no code"
    served.platform.clock.move(timedelta(minutes=5))
    assert await guard.refused("OnecodeUndo", scan=check["id"], why="WRONG_PERSON") == "ONECODE_UNDO_LATE"
    assert (await holder.ask("OnecodeScans", first=1))["edges"][0]["node"]["undoneAt"] is None


async def test_an_emergency_entry_has_a_reason_and_is_the_managers_to_review(served: Served, worker: Worker) -> None:
    guard, resident, manager = [await served.signed_in(who) for who in ("guard", "resident", "manager")]
    key = str(uuid4())
    made = await guard.ask("OnecodeLetIn", cause="AMBULANCE", people=3, words="120 到 3 号楼", key=key)
    assert (made["place"], made["people"]) == ("东门", 3)
    assert await guard.ask("OnecodeLetIn", cause="AMBULANCE", people=3, words="120 到 3 号楼", key=key) == made
    for wrong in ({"cause": "OTHER", "people": 1}, {"cause": "FIRE", "people": 0}, {"cause": "FIRE", "people": 100}):
        assert await guard.refused("OnecodeLetIn", **wrong, key=str(uuid4())) == "ONECODE_ENTRY_UNEXPLAINED"
    assert await resident.refused("OnecodeLetIn", cause="FIRE", people=1, key=str(uuid4())) == "FORBIDDEN"
    rows = await served.platform.db.fetch("SELECT verifier_id, reviewed_at FROM onecode.entry")
    assert [tuple(row) for row in rows] == [(demo_id("citizen:guard"), None)]
    said = await served.platform.db.fetch("SELECT actor_role, reason FROM haian.audit WHERE action = 'EMERGENCY_ENTRY'")
    assert [tuple(row) for row in said] == [("property_guard", "AMBULANCE")]
    await worker()
    inbox = (await manager.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert "onecode.let_in" in [edge["node"]["type"] for edge in inbox]
