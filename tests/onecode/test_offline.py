"""离线码: carried for where there is no network; a code decides once, however it came to the server."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.clients import Phone, Served
from tests.onecode.device import Device
from tests.onecode.test_passes import invited
from tests.onecode.test_scan import scan, shown
from tests.waiting import until_async

from haian.cache import Rate, charging
from onecode.carried import from_base45


async def carrying(holder: Phone, scene: str = "小区门禁") -> tuple[Device, list[str]]:
    """A phone with codes for a scene, which says nothing of others."""
    device = Device()
    kinds = (await holder.ask("OnecodeCarry", deviceKeys=device.said))["kinds"]
    return device, next(kind["codes"] for kind in kinds if kind["label"] == scene)


async def settle(verifier: Phone, text: str, key: str | None = None) -> Any:
    return await verifier.ask("OnecodeSettle", code=text, key=key or str(uuid4()))


async def test_a_code_that_was_read_without_the_server_is_settled_and_told(served: Served, worker: Any) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    device, codes = await carrying(holder)
    assert len(codes) == len(set(codes)) == 6
    text, key = device.show(codes[0], served.platform.clock.epoch()), str(uuid4())
    served.platform.clock.move(timedelta(hours=5))
    first = await settle(guard, text, key)
    assert (first["verdict"], shown(first), first["withheld"]) == ("ACCEPTED", {"name": "王*燕", "resident": True}, [])
    assert await settle(guard, text, key) == first, "sent again, it has its first answer"
    mine = (await holder.ask("OnecodeScans", first=1))["edges"][0]["node"]
    assert mine["settledAt"] > mine["at"], "it was five hours ago"
    await worker()


async def test_a_code_shown_at_two_gates_without_the_server_is_found_and_both_are_told(served: Served, worker: Any) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    device, codes = await carrying(holder)
    now = served.platform.clock.epoch()
    checks = await asyncio.gather(*(settle(guard, device.show(codes[0], now + i)) for i in range(5)))
    assert sorted(check["verdict"] for check in checks) == ["ACCEPTED", "USED", "USED", "USED", "USED"]
    assert {check["firstPlace"] for check in checks} == {None, "海岸物业服务中心（演示） 东门"}
    assert (await scan(guard, device.show(codes[0], now)))["verdict"] == "USED", "nor with the server"
    assert (await scan(guard, device.show(codes[1], now)))["verdict"] == "ACCEPTED"
    seen = [edge["node"]["verdict"] for edge in (await holder.ask("OnecodeScans", first=10))["edges"]]
    assert seen.count("USED") >= 5


async def test_what_was_read_with_the_server_and_only_the_answer_was_lost_is_no_second_use(served: Served) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    device, codes = await carrying(holder)
    text = device.show(codes[0], served.platform.clock.epoch())
    read = await scan(guard, text)
    assert (await settle(guard, text))["id"] == read["id"]
    served.platform.clock.move(timedelta(seconds=5))
    assert (await settle(guard, device.show(codes[0], served.platform.clock.epoch())))["verdict"] == "USED", "shown anew"


async def test_a_picture_of_it_is_stale_after_half_a_minute(served: Served) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    device, codes = await carrying(holder)
    picture = device.show(codes[0], served.platform.clock.epoch())
    served.platform.clock.move(timedelta(seconds=32))
    assert (await scan(guard, picture))["verdict"] == "EXPIRED"
    assert (await scan(guard, device.show(codes[0], served.platform.clock.epoch())))["verdict"] == "ACCEPTED"
    ahead = device.show(codes[1], served.platform.clock.epoch() + 60)
    assert (await scan(guard, ahead))["verdict"] == "EXPIRED"
    over = device.show(codes[2], served.platform.clock.epoch() + 25 * 3600)
    served.platform.clock.move(timedelta(hours=25))
    assert (await settle(guard, over))["verdict"] == "EXPIRED"


@pytest.mark.parametrize("how", ["suspended", "signed out"])
async def test_what_is_stopped_is_on_the_list_and_passes_nowhere(served: Served, worker: Any, how: str) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    device, codes = await carrying(holder)
    before = device.show(codes[0], served.platform.clock.epoch())
    assert (await guard.ask("OnecodeOfflineKit"))["revoked"] == []
    served.platform.clock.move(timedelta(seconds=20))
    await holder.ask("OnecodeSuspend" if how == "suspended" else "IdentitySignOut")
    await worker()
    assert len((await guard.ask("OnecodeOfflineKit"))["revoked"]) == 1
    served.platform.clock.move(timedelta(seconds=5))
    later = device.show(codes[1], served.platform.clock.epoch())
    assert (await scan(guard, later))["verdict"] == "SUSPENDED"
    assert (await settle(guard, device.show(codes[2], served.platform.clock.epoch())))["verdict"] == "SUSPENDED"
    assert (await settle(guard, before))["verdict"] == "ACCEPTED", "who was let in before, was let in"


async def test_only_what_was_stopped_since_is_told_and_a_device_is_one_line_however_often_it_fetched(
        served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    phones, guard = [await served.signed_in("resident") for _ in range(3)], await served.signed_in("guard")
    devices = [Device() for _ in phones]
    fetched = [(await phone.ask("OnecodeCarry", deviceKeys=device.said))["kinds"]
               for _ in range(2) for phone, device in zip(phones, devices, strict=True)]
    assert len({code for kinds in fetched for kind in kinds for code in kind["codes"]}) == 180
    before = (await guard.ask("OnecodeOfflineKit"))["upto"]
    assert (await guard.ask("OnecodeOfflineKit", after=before))["revoked"] == []
    await phones[0].ask("OnecodeSuspend")
    await phones[0].ask("OnecodeResume")
    monkeypatch.setattr("onecode.offline.MOST_STOPPED", 2)
    first = await guard.ask("OnecodeOfflineKit", after=before)
    rest = await guard.ask("OnecodeOfflineKit", after=first["upto"])
    assert (len(first["revoked"]), first["more"], len(rest["revoked"]), rest["more"]) == (2, True, 1, False)
    assert (await guard.ask("OnecodeOfflineKit", after=rest["upto"]))["revoked"] == []
    anew = await guard.ask("OnecodeOfflineKit", after=rest["upto"] + 1000)
    assert len(anew["revoked"]) == 2, "a number that is not known here begins anew"
    assert (await phones[0].ask("OnecodeMine"))["onecodeState"]["carriedStoppedAt"], "a page that was shut learns of it"


async def test_who_ends_a_session_waits_for_what_it_is_just_fetching_and_after_the_end_nothing_is_fetched(
        served: Served, worker: Any, migration_owner: asyncpg.Connection) -> None:
    holder, other = await served.signed_in("resident"), await served.signed_in("resident")
    waits = """SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""

    async def waiting(count: int) -> None:
        async def are() -> bool:
            return bool(await migration_owner.fetchval(waits) == count)
        await until_async(are)

    async with migration_owner.transaction():
        await migration_owner.execute("SELECT pg_advisory_xact_lock(hashtext('onecode.carried'), hashtext($1))", holder.id)
        late = asyncio.create_task(holder.refused("OnecodeCarry", deviceKeys=Device().said))
        await waiting(1)
        await other.ask("IdentityEndOtherDevices")
        ending = asyncio.create_task(worker())
        await waiting(2)
    assert await late == "UNAUTHENTICATED", "its session ended while it waited"
    await ending
    assert not await served.platform.db.fetch("SELECT FROM onecode.offline_batch WHERE citizen_id = $1", UUID(holder.id))


async def test_too_many_at_once_are_settled_later(shared: Served) -> None:
    holder, guard = await shared.signed_in("resident"), await shared.signed_in("guard")
    device, codes = await carrying(holder)
    text, key, rate = device.show(codes[0], shared.platform.clock.epoch()), str(uuid4()), f"onecode:settle:{guard.id}"
    await shared.platform.line.ask(charging({rate: Rate(240, 60)}, passed=10_000))
    assert await guard.refused("OnecodeSettle", code=text, key=key) == "RATE_LIMITED"
    await shared.platform.redis.delete(f"haian:rate:{rate}")
    assert (await settle(guard, text, key))["verdict"] == "ACCEPTED"


async def test_the_key_of_what_waits_on_a_phone_is_each_ones_own(shared: Served) -> None:
    phones = [await shared.signed_in(who) for who in ("guard", "guard", "registrar")]
    keys = [await phone.ask("OnecodeKeptKey") for phone in phones]
    assert keys[0] == keys[1] != keys[2]
    assert await shared.phone().refused("OnecodeKeptKey") == "UNAUTHENTICATED"


async def test_who_stops_their_codes_while_some_are_fetched_carries_none(
        served: Served, migration_owner: asyncpg.Connection) -> None:
    holder = await served.signed_in("resident")

    async def waits() -> bool:
        return bool(await migration_owner.fetchval("""SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype =
            'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"""))

    async with migration_owner.transaction():
        await migration_owner.execute("SELECT pg_advisory_xact_lock(hashtext('onecode.carried'), hashtext($1))", holder.id)
        fetching = asyncio.create_task(holder.refused("OnecodeCarry", deviceKeys=Device().said))
        await until_async(waits)
        await migration_owner.execute("INSERT INTO onecode.suspension VALUES ($1, $2)", UUID(holder.id),
                                      served.platform.clock.now())
    assert await fetching == "ONECODE_SUSPENDED"
    assert not await served.platform.db.fetch("SELECT FROM onecode.offline_batch WHERE citizen_id = $1", UUID(holder.id))


async def test_a_code_says_what_its_scene_asks_and_two_have_nothing_in_common(shared: Served) -> None:
    """Whoever takes codes apart, from however many verifiers, learns no more of whose they are than their scenes ask."""
    holder, device = await shared.signed_in("resident"), Device()
    kinds = {kind["label"]: [base64.urlsafe_b64decode(code) for code in kind["codes"]]
             for kind in (await holder.ask("OnecodeCarry", deviceKeys=device.said))["kinds"]}
    masks = {label: {said[51] for said in codes} for label, codes in kinds.items()}
    assert next(iter(masks)) == "小区门禁"
    assert masks == {"小区门禁": {3}, "图书馆借阅": {9}, "公交乘车": {16}, "景区入园": {20}, "社区食堂": {19}}
    words = {label: [said[51:-64] for said in codes] for label, codes in kinds.items()}  # in keys any bytes may stand
    named = {label for label, codes in words.items() if any("王".encode() in said for said in codes)}
    assert named == {"小区门禁", "图书馆借阅", "社区食堂"}
    heads = [said[:51] for codes in kinds.values() for said in codes]
    own = [(head[3:11], head[18:51]) for head in heads]
    assert len({part for each in own for part in each}) == 60
    assert len({(head[:3], head[12:18]) for head in heads}) == 1
    assert int.from_bytes(heads[0][12:16]) % 3600 == 0, "not the second of the fetch"


async def test_a_code_for_another_scene_settles_as_what_it_says(shared: Served) -> None:
    """A guard's page does not take one (ELSEWHERE); who sends it all the same learns nothing."""
    holder, guard = await shared.signed_in("resident"), await shared.signed_in("guard")
    device, codes = await carrying(holder, "公交乘车")
    settled = await settle(guard, device.show(codes[0], shared.platform.clock.epoch()))
    assert (settled["verdict"], shown(settled)) == ("NOT_ENTITLED", {})


async def test_the_scene_says_whether_and_how(served: Served) -> None:
    holder, guard, registrar = [await served.signed_in(who) for who in ("resident", "guard", "registrar")]
    device, codes = await carrying(holder)
    now = served.platform.clock.epoch()
    kit = await guard.ask("OnecodeOfflineKit")
    assert kit["allowed"]
    assert [(each["name"], each["demanded"]) for each in kit["asks"]] == [("name", False), ("resident", True)]
    assert not (await registrar.ask("OnecodeOfflineKit"))["allowed"]
    text, key = device.show(codes[0], now), str(uuid4())
    assert await registrar.refused("OnecodeSettle", code=text, key=key) == "ONECODE_NOT_OFFLINE"
    assert (await scan(registrar, device.show(codes[0], now)))["verdict"] == "ACCEPTED", "with the server, a hospital may"
    assert await holder.refused("OnecodeSettle", code=device.show(codes[1], now), key=str(uuid4())) == "FORBIDDEN"
    assert await holder.refused("OnecodeOfflineKit") == "FORBIDDEN"


async def test_a_key_that_is_none_carries_nothing_and_a_forged_code_is_no_code(served: Served) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    for key in ("", "x", "AAAA", Device(1).said[0][:-2], "é" * 44):
        assert await holder.refused("OnecodeCarry", deviceKeys=[*Device().said[1:], key]) == "INVALID_ARGUMENT"
    assert await holder.refused("OnecodeCarry", deviceKeys=Device(4).said) == "INVALID_ARGUMENT", "five kinds of scenes"
    _, codes = await carrying(holder)
    stranger = Device().show(codes[0], served.platform.clock.epoch())
    assert await guard.refused("OnecodeScan", code=stranger, nonce=str(uuid4())) == "ONECODE_CODE_UNREADABLE"
    assert await guard.refused("OnecodeSettle", code=stranger, key=str(uuid4())) == "ONECODE_CODE_UNREADABLE"
    found = await served.platform.db.fetch("SELECT FROM onecode.scan WHERE holder_id = $1 AND NOT demo", UUID(holder.id))
    assert not found


async def test_no_byte_that_a_verifier_gets_tells_more_than_the_scene_asks(served: Served) -> None:
    """Of a visitor, of a carried code that is read and settled, and of what a post keeps."""
    host, guard, visitor = await served.signed_in("resident"), await served.signed_in("guard"), served.phone()
    secret, _ = await invited(served, host)
    visit = (await visitor.ask("OnecodeVisit", secret=secret))["code"]["text"]
    device, codes = await carrying(host)
    texts = [device.show(code, served.platform.clock.epoch()) for code in codes[:2]]
    answers = [await guard.send("OnecodeScan", code=code, nonce=str(uuid4())) for code in (visit, texts[0])]
    answers += [await guard.send("OnecodeSettle", code=texts[1], key=str(uuid4())), await guard.send("OnecodeOfflineKit"),
                await guard.send("OnecodePostScans")]
    [row] = await served.platform.db.fetch("SELECT * FROM haian.citizen WHERE id = $1", UUID(host.id))
    of_host = [row["name"], row["phone"], row["masked_phone"], str(row["id"]), row["born"].isoformat()]
    seen = [json.dumps(answer.json(), ensure_ascii=False) for answer in answers]
    assert not [told for told in (*of_host, secret) for text in seen if told in text]
    signed = from_base45(texts[0].removeprefix("H2:")) or b""
    told = [row["name"], row["phone"], f"{row['born']:%Y%m%d}"]
    assert not [one for one in (*(each.encode() for each in told), row["id"].bytes) if one in signed]
