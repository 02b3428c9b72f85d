"""Of every byte that a verifier receives, of whichever kind and way, none tells a fact beyond its scene."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

import httpx
from tests.clients import Phone, Served
from tests.onecode.device import Device
from tests.onecode.gate import gate_at
from tests.onecode.test_partners import scan_by, system_of, token_of

from haian.call import Call
from haian.viewer import Viewer
from onecode import facts
from onecode.carried import FACTS


def texts_in(value: Any) -> set[str]:
    """The texts of a fact's value, however it is made up."""
    if isinstance(value, str):
        return {value} if len(value) > 1 else set()
    parts: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for part in parts for text in texts_in(part)}


async def beyond(served: Served, holder: Phone, scene: Any) -> set[str]:
    """Whatever could be told of a holder and is not for this scene: the value of each other fact that anybody provides, its
    name, and who they are."""
    call, post = Call(served.platform, Viewer(UUID(holder.id))), {"organisation_id": scene["organisation_id"]}
    known = served.platform.registry.facts
    told = await facts.values(call, list(known), UUID(holder.id), post)
    values = {fact["name"]: texts_in(fact["value"]) for fact in told}
    [row] = await served.platform.db.fetch("SELECT * FROM haian.citizen WHERE id = $1", UUID(holder.id))
    whole = {row["name"], row["phone"], str(row["id"]), row["born"].isoformat(), f"{row['born']:%Y%m%d}"}
    others = {text for name in known if name not in scene["facts"] for text in values[name]}
    names = {f'"{name}"' for name in known if name not in scene["facts"] and name != "name"}  # which is a field's too
    return (whole | others | names) - {text for name in scene["facts"] for text in values[name]}


def tells(answers: list[httpx.Response], hidden: set[str]) -> list[str]:
    """What of this stands in any byte of the answers."""
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    told = [f"{answer.headers}{answer.text}{json.dumps(answer.json(), ensure_ascii=False)}" for answer in answers]
    return [text for text in hidden for whole in told if text in whole]


async def scene_of(served: Served, id: str, organisation: UUID | None = None) -> Any:
    """A scene as the row says it, and where it runs."""
    [row] = await served.platform.db.fetch("""SELECT s.*, coalesce($2, o.id) AS at FROM onecode.scene s
        JOIN haian.organisation o ON o.kind = s.organisation_kind WHERE s.id = $1 ORDER BY o.id LIMIT 1""", id, organisation)
    return {**row, "organisation_id": row["at"]}


async def test_staff_at_each_scene_with_a_network_and_without(served: Served) -> None:
    holder, device = await served.signed_in("resident"), Device()
    kinds = (await holder.ask("OnecodeCarry", deviceKeys=device.said))["kinds"]
    seen: dict[str, bool] = {}
    for who in ("guard", "registrar", "verifier"):
        phone, today = await served.signed_in(who), set[str]()
        for duty in await phone.ask("OnecodeDuties"):
            await phone.ask("OnecodeServe", duty=duty["id"])
            scene = await scene_of(served, duty["id"].split()[1], UUID(duty["id"].split()[0]))
            hidden = await beyond(served, holder, scene)
            live = (await holder.ask("OnecodeIssue"))["text"]
            answers = [await phone.send("OnecodeScan", code=live, nonce=str(uuid4())) for _ in range(2)]
            answers += [await phone.send(name) for name in ("OnecodePost", "OnecodeOfflineKit")]
            if scene["offline"] == "OFFLINE":
                carried = next(kind for kind in kinds if scene["name_zh"] in kind["label"].split("、"))["codes"].pop()
                said = base64.urlsafe_b64decode(carried)
                assert said[51] == sum(FACTS[name] for name in scene["facts"]), "in the picture itself too"
                assert not [text for text in hidden if text.encode() in said]
                text = device.show(carried, served.platform.clock.epoch())
                answers.append(await phone.send("OnecodeSettle", code=text, key=str(uuid4())))
            assert tells(answers, hidden) == [], scene["id"]
            seen[scene["id"]] = scene["offline"] == "OFFLINE"
            today |= set(scene["facts"])
            listed = await beyond(served, holder, {**scene, "facts": sorted(today)})
            assert tells([await phone.send("OnecodePostScans")], listed) == [], "each by its own scene"
    assert seen.keys() >= {"residential_gate", "hospital_check_in", "school_pick_up", "hall_queue", "library_loan",
                           "bus_ride", "park_entry", "community_canteen"}
    assert sum(seen.values()) == 5


async def test_gates_and_third_parties(served: Served) -> None:
    holder, manager, developer = [await served.signed_in(who) for who in ("resident", "manager", "developer")]
    device = Device()
    carried = (await holder.ask("OnecodeCarry", deviceKeys=device.said))["kinds"][0]["codes"]
    shown = [device.show(code, served.platform.clock.epoch()) for code in carried]

    async def live() -> str:
        return str((await holder.ask("OnecodeIssue"))["text"])
    for name in ("residential_gate", "parking_entry"):
        scene = await scene_of(served, name)
        async with gate_at(served, manager, scene=name) as gate:
            answers = [await gate.scan(await live()), await gate.scan(shown.pop()), await gate.beat(),
                       await gate.post("/gates/offline")]
            if scene["offline"] == "OFFLINE":
                answers.append(await gate.post("/gates/settle", code=shown.pop(), key=str(uuid4())))
            assert tells(answers, await beyond(served, holder, scene)) == [], name
    async with system_of(served, developer) as system:
        token = (await token_of(system)).json()["access_token"]
        answers = [await scan_by(system, token, code) for code in (await live(), "12345678")]
        assert tells(answers, await beyond(served, holder, await scene_of(served, "partner_check"))) == []
