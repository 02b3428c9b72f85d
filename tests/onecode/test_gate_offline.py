"""What a gate holds for the time without the server, and what it settles; nothing beyond its scene in any byte of it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.clients import Served
from tests.onecode.device import Device
from tests.onecode.gate import code_of, gate_at
from tests.onecode.test_offline import carrying

from server import turnstile
from server.console import SAY
from server.turnstile import Turnstile
from server.turnstile_offline import Memory


async def alone(gate: Turnstile, text: str) -> str | None:
    """What it reads where it reaches nobody."""
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as nowhere:
        far = Turnstile(nowhere, "http://127.0.0.1:1", gate.key, gate.id, gate.clock, gate.memory)
        verdict: str | None = (await far.read(text))["verdict"]
        return verdict


async def test_what_is_stale_used_stopped_or_forged_opens_no_gate_that_reaches_nobody(served: Served) -> None:
    manager, holder, clock = await served.signed_in("manager"), await served.signed_in("resident"), served.platform.clock
    async with gate_at(served, manager) as gate:
        device, codes = await carrying(holder)
        text = device.show(codes[0], clock.epoch())
        assert await alone(gate, text) is None, "it knows nothing yet"
        assert (await gate.sync())["settled"] == []
        assert [await alone(gate, text), await alone(gate, text)] == ["ACCEPTED", "USED"]
        assert await alone(gate, Device().show(codes[1], clock.epoch())) is None, "another phone"
        assert await alone(gate, device.show(codes[1], clock.epoch() + 60)) == "EXPIRED", "not yet"
        late = device.show(codes[1], clock.epoch())
        clock.move(timedelta(seconds=31))
        assert await alone(gate, late) == "EXPIRED"
        await holder.ask("OnecodeSuspend")
        clock.move(timedelta(seconds=2))
        assert await alone(gate, device.show(codes[1], clock.epoch())) == "ACCEPTED", "what it has not heard of"
        gate.memory = Memory.of(json.loads(json.dumps(gate.memory.kept())))
        settled = (await gate.sync())["settled"]
        assert [each["verdict"] for each in settled] == ["ACCEPTED", "USED", "SUSPENDED"], "told when it is settled"
        assert await alone(gate, device.show(codes[2], clock.epoch())) == "SUSPENDED"
        clock.move(timedelta(hours=25))
        assert await alone(gate, device.show(codes[3], clock.epoch())) is None, "it has heard nothing for a day"
        assert gate.memory.kit["revoked"] != []
        await gate.sync()
        assert gate.memory.kit["revoked"] == [], "what is over leaves its list"


def test_the_list_of_what_was_stopped_is_as_the_server_has_it() -> None:
    memory, [one, two, three] = Memory(), [f"{number:032x}" for number in range(3)]

    def told(upto: int, *revoked: str) -> dict[str, Any]:
        return {"revoked": [*revoked], "upto": upto, "now": 1_000_000}
    assert memory.after(5) == 0, "it knows nothing, whatever its clock says"
    memory.learn(0, [told(1, one), told(2, two)], 999_900)
    assert (memory.kit["revoked"], memory.after(999_900)) == ([one, two], 2)
    memory.learn(2, [told(3, three)], 999_900)
    assert memory.kit["revoked"] == [one, two, three]
    memory.learn(3, [told(1, one)], 999_900)
    assert (memory.kit["revoked"], memory.after(999_900)) == ([one], 1), "an older copy of the database"
    assert memory.after(999_900 + 12 * 3600) == 0, "twice a day all of it"


async def test_a_gate_with_a_network_reads_an_offline_code_with_what_is_known_now(shared: Served) -> None:
    manager, holder = await shared.signed_in("manager"), await shared.signed_in("resident")
    async with gate_at(shared, manager) as gate:
        device, codes = await carrying(holder)
        text, key = device.show(codes[0], shared.platform.clock.epoch()), str(uuid4())
        read = (await gate.scan(text)).json()
        assert read["verdict"] == "ACCEPTED"
        again = (await gate.post("/gates/settle", code=text, key=key)).json()
        assert again["scan"] == read["scan"], "only its answer was lost"
        assert code_of(await gate.post("/gates/settle", code="H2:", key=key)) == "ONECODE_CODE_UNREADABLE"
        await manager.ask("OnecodeRevokeVerifier", id=gate.id, reason="试用结束")
        for path, given in (("offline", {}), ("settle", {"code": text, "key": key})):
            assert code_of(await gate.post(f"/gates/{path}", **given)) == "ONECODE_VERIFIER_REVOKED"


async def test_no_byte_that_a_gate_is_told_or_keeps_tells_more_than_its_scene_asks(shared: Served) -> None:
    manager, holder = await shared.signed_in("manager"), await shared.signed_in("resident")
    [row] = await shared.platform.db.fetch("SELECT * FROM haian.citizen WHERE id = $1", UUID(holder.id))
    async with gate_at(shared, manager) as gate:
        device, codes = await carrying(holder)
        texts = [device.show(code, shared.platform.clock.epoch()) for code in codes[:2]]
        answers = [await gate.post("/gates/offline", after=0), await gate.scan(texts[0]),
                   await gate.post("/gates/settle", code=texts[1], key=str(uuid4()))]
        await gate.sync()
        await alone(gate, device.show(codes[2], shared.platform.clock.epoch()))
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert set(answers[0].json()) == {"offline", "asks", "division", "code_seconds", "keys", "revoked", "upto", "more",
                                      "now"}
    assert [fact["name"] for fact in answers[2].json()["facts"]] == ["name", "resident"]
    whole = [f"{answer.headers}{answer.text}" for answer in answers] + [json.dumps(gate.memory.kept(), ensure_ascii=False)]
    secrets = [*(row[name] for name in ("name", "phone", "masked_phone")), str(row["id"]),
               row["born"].isoformat()]
    assert not [secret for secret in secrets for text in whole if secret in text]


@pytest.mark.parametrize("arguments", [("beat",), ("sync",), ("enrol", "ABCDEFGHJKMN")], ids=lambda given: given[0])
def test_where_the_server_is_away_the_operator_reads_a_sentence(
        arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["server", "gate", *arguments])
    monkeypatch.setenv("HAIAN_GATE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("HAIAN_GATE_FILE", str(tmp_path / "gate.json"))
    assert turnstile.main() == 3
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", SAY("gate_alone", origin="http://127.0.0.1:1") + "\n")
    assert not (tmp_path / "gate.json").exists()
