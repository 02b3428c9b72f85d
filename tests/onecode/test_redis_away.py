"""Redis goes and comes back (AOF): no suspension and no scan is lost, no code passes twice; meanwhile there is a clear
word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from tests.clients import Served, serving
from tests.onecode.gate import code_of, gate_at
from tests.onecode.test_offline import carrying, settle
from tests.onecode.test_scan import scan
from tests.servers import NOW, PATIENT, Servers, copy_template, running, temporary_state

from haian.cache import OwnRate, Rate
from haian.settings import Settings
from server.embedded.state import locked, open_state
from server.embedded.valkey import Valkey


@pytest_asyncio.fixture
async def own(servers: Servers, admin: asyncpg.Connection,
              demo_template: str) -> AsyncIterator[tuple[Served, Valkey, ExitStack]]:
    """A product with a Valkey of its own, and what stops that."""
    name = await copy_template(admin, demo_template)
    with temporary_state() as folder, ExitStack() as stack:
        state = open_state(Path(folder))
        valkey, up = Valkey(state, stack.enter_context(locked(state))), ExitStack()
        stack.enter_context(up)
        up.enter_context(running(valkey))
        given = Settings(env="test", now=NOW, state=servers.state, **PATIENT, database_url=servers.url_of(name),
                         database_migration_url=servers.owner_url_of(name), redis_url=valkey.url())
        async with serving(given.with_keys()) as served:
            yield served, valkey, up
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_a_restart_in_the_middle_loses_nothing_and_lets_no_code_pass_twice(
        own: tuple[Served, Valkey, ExitStack]) -> None:
    served, valkey, up = own
    holder, other, guard, manager = [await served.signed_in(who) for who in ("resident", "elder", "guard", "manager")]
    device, carried = await carrying(holder)
    used, fresh, lost, third = [(await phone.ask("OnecodeIssue"))["text"] for phone in (holder, holder, other, holder)]
    assert (await scan(guard, used))["verdict"] == "ACCEPTED"
    await other.ask("OnecodeSuspend")
    async with gate_at(served, manager) as gate:
        nonce = str(uuid4())
        up.close()
        shown = device.show(carried[0], served.platform.clock.epoch())
        assert await guard.refused("OnecodeScan", code=fresh, nonce=str(uuid4())) == "UNAVAILABLE"
        assert await guard.refused("OnecodeScan", code=shown, nonce=str(uuid4())) == "UNAVAILABLE", "its page judges it"
        closed = await gate.scan(third, nonce)
        assert (closed.status_code, code_of(closed)) == (503, "UNAVAILABLE"), "a gate stays shut and says why"
        assert closed.json()["errors"][0]["extensions"]["offline"] == "OFFLINE"
        up.enter_context(running(valkey))
        assert (await settle(guard, shown))["verdict"] == "ACCEPTED", "and settles it"
        assert (await gate.scan(third, nonce)).json()["verdict"] == "ACCEPTED", "the same scan, sent again"
    verdicts = [(await scan(guard, code))["verdict"] for code in (used, fresh, fresh, lost, shown, third)]
    assert verdicts == ["USED", "ACCEPTED", "USED", "SUSPENDED", "USED", "USED"]
    kept = await served.platform.db.fetch("SELECT outcome FROM onecode.scan WHERE NOT demo ORDER BY at, id")
    assert [row["outcome"] for row in kept].count("ACCEPTED") == 4


async def test_while_redis_is_away_a_gate_does_what_its_scene_says(
        own: tuple[Served, Valkey, ExitStack], monkeypatch: pytest.MonkeyPatch) -> None:
    """It opens by an offline code where it may, once, and settles it; where it may not it stays shut and says why."""
    served, valkey, up = own
    holder, stopped, manager = [await served.signed_in(who) for who in ("resident", "elder", "manager")]
    phones = [await carrying(holder), await carrying(stopped)]
    live = (await holder.ask("OnecodeIssue"))["text"]
    await stopped.ask("OnecodeSuspend")
    served.platform.clock.move(timedelta(seconds=2))  # a code says the second in which it is shown
    async with gate_at(served, manager) as gate, gate_at(served, manager, scene="parking_entry") as parking:
        assert [(await one.sync())["offline"] for one in (gate, parking)] == ["OFFLINE", "REFUSE"]
        up.close()
        mine, theirs = [device.show(codes[0], served.platform.clock.epoch()) for device, codes in phones]
        said = await gate.read(mine)
        assert (said["verdict"], {fact["name"]: fact["value"] for fact in said["facts"]}) == (
            "ACCEPTED", {"name": "王*燕", "resident": True})
        assert [(await gate.read(text))["verdict"] for text in (mine, theirs)] == ["USED", "SUSPENDED"]
        for door, text in ((parking, mine), (gate, live)):
            refused = (await door.read(text))["errors"][0]["extensions"]
            assert refused == {"code": "UNAVAILABLE", "offline": door.memory.kit["offline"]}
        assert await served.platform.db.fetch("SELECT FROM onecode.scan WHERE NOT demo") == []
        monkeypatch.setattr("onecode.gates.ALONE", OwnRate(Rate(2, 3600)))
        told = [(await gate.scan(live)).json()["errors"][0]["extensions"] for _ in range(3)]
        away = {"code": "UNAVAILABLE"}
        assert told == [away | {"offline": "OFFLINE"}] * 2 + [away], "so many are looked up, and no more"
        assert (await gate.sync())["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        assert len(gate.memory.unsettled) == 3, "nothing is lost that was not settled"
        up.enter_context(running(valkey))
        done = await gate.sync()
        assert ([each["verdict"] for each in done["settled"]], done["left"]) == (["ACCEPTED", "USED", "SUSPENDED"], 0)
        assert (await gate.read(mine))["verdict"] == "USED", "nor with the server"
