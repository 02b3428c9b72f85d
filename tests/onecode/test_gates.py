"""A fixed gate, from its registration to its end: who decides, what it is told, and that nobody else's hand opens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.clients import Phone, Served, serving
from tests.consent.test_ledger import lines
from tests.crowd import all_at_once
from tests.onecode.gate import PROPERTY, approved, code_of, gate_at, registered, turnstile
from tests.onecode.test_scan import scan, scans_of

from haian import steps
from haian.cache import Rate, charging
from haian.demo import demo_id

Worker = Callable[[], Awaitable[None]]


async def code(holder: Phone) -> str:
    return str((await holder.ask("OnecodeIssue"))["text"])


@pytest.mark.parametrize("key", [None, ec.generate_private_key(ec.SECP256R1())], ids=["Ed25519", "P-256"])
async def test_a_gate_reads_a_code_in_one_round_trip_and_its_holder_learns_of_it(shared: Served, key: Any) -> None:
    manager, holder = await shared.signed_in("manager"), await shared.signed_in("resident")
    async with gate_at(shared, manager, key, place=f"东门 {uuid4().hex[:6]}") as gate:
        answer = await gate.scan(await code(holder))
        [listed] = [one["node"] for one in (await manager.ask("OnecodeVerifiers", organisation=PROPERTY))["edges"]
                    if one["node"]["id"] == gate.id]
    assert answer.json()["verdict"] == "ACCEPTED"
    assert [(fact["name"], fact["text"], fact["holds"]) for fact in answer.json()["facts"]] == [
        ("name", "王*燕", None), ("resident", None, True)]
    mine = (await holder.ask("OnecodeScans", first=1))["edges"][0]["node"]
    assert (mine["verdict"], mine["place"], mine["role"], mine["verifier"]) == ("ACCEPTED", listed["place"], "gate", None)
    [line, *_] = await lines(holder, kind="SCAN")
    assert (line["action"], line["actorRole"], line["organisation"]) == ("CODE_ACCEPTED", "gate", "海岸物业服务中心（演示）")
    assert (listed["standing"], listed["acceptedToday"], listed["refusedToday"]) == ("ACTIVE", 1, 0)


async def test_no_byte_of_a_gates_answers_tells_more_than_its_scene_asks(shared: Served) -> None:
    manager, holder = await shared.signed_in("manager"), await shared.signed_in("resident")
    row = (await shared.platform.db.fetch("SELECT * FROM haian.citizen WHERE id = $1", demo_id("citizen:resident")))[0]
    async with gate_at(shared, manager) as gate:
        text, nonce = await code(holder), str(uuid4())
        answers = [await gate.scan(text, nonce), await gate.scan(text, nonce), await gate.scan(text),
                   await gate.scan("0" * 8)]
    said = [json.loads(answer.content) for answer in answers]
    assert [each["verdict"] for each in said] == ["ACCEPTED", "ACCEPTED", "USED", "EXPIRED"]
    shapes = {"scan", "at", "verdict", "facts", "withheld", "first_at", "first_place"}
    for each in said:
        assert set(each) == shapes
        assert {fact["name"] for fact in each["facts"]} in (set(), {"name", "resident"})
    secrets = [row["name"], row["phone"], row["masked_phone"], str(row["id"]), row["community_code"],
               row["born"].isoformat(), f"{row['born']:%Y%m%d}", text.removeprefix("H1:")]
    for answer, each in zip(answers, said, strict=True):
        whole = f"{answer.headers}{answer.content!r}{answer.text}{json.dumps(each)}"
        assert not [secret for secret in secrets if secret in whole]
        assert answer.headers["cache-control"] == "no-store"


async def test_of_two_hundred_who_scan_one_code_exactly_one_passes(served: Served) -> None:
    """A guard's phone and gates, mixed, over HTTP."""
    manager, guard = await served.signed_in("manager"), await served.signed_in("guard")
    holder = await served.signed_in("resident")
    async with gate_at(served, manager) as one, gate_at(served, manager) as other:
        text = await code(holder)
        read: list[Callable[[], Awaitable[Any]]] = [
            lambda: one.scan(text), lambda: other.scan(text),
            lambda: all_at_once([guard], lambda phone: scan(phone, text))]
        answers = await asyncio.gather(*(read[number % 3]() for number in range(200)))
    verdicts = [answer[0]["verdict"] if isinstance(answer, list) else answer.json()["verdict"] for answer in answers]
    assert (verdicts.count("ACCEPTED"), verdicts.count("USED")) == (1, 199)
    assert [row["verdict"] for row in await scans_of(served, text)].count("ACCEPTED") == 1


async def test_the_same_scan_sent_again_gets_its_first_answer_even_in_a_race(shared: Served) -> None:
    manager, holder = await shared.signed_in("manager"), await shared.signed_in("resident")
    async with gate_at(shared, manager) as gate:
        text, nonce = await code(holder), str(uuid4())
        answers = await asyncio.gather(*(gate.scan(text, nonce) for _ in range(12)))
        assert {answer.content for answer in answers} == {answers[0].content}
        assert answers[0].json()["verdict"] == "ACCEPTED"
        assert len(await scans_of(shared, text)) == 1
        assert code_of(await gate.scan("12345678", nonce)) == "IDEMPOTENCY_KEY_REUSED"


async def test_what_was_signed_is_good_once_for_what_it_says_and_for_a_minute(shared: Served) -> None:
    manager, holder = await shared.signed_in("manager"), await shared.signed_in("resident")
    async with gate_at(shared, manager) as gate, turnstile(shared) as stranger:
        text = await code(holder)
        body = json.dumps({"code": text, "nonce": str(uuid4())}).encode()
        other = json.dumps({"code": text, "nonce": str(uuid4())}).encode()
        now, stranger.id = int(shared.platform.clock.epoch()), gate.id
        refused = {
            "another body": (other, gate.proof("/gates/scan", body)),
            "another address": (body, gate.proof("/gates/heartbeat", body)),
            "another server": (body, gate.proof("/gates/scan", body, htu="https://elsewhere.example/gates/scan")),
            "another method": (body, gate.proof("/gates/scan", body, htm="GET")),
            "another key": (body, stranger.proof("/gates/scan", body)),
            "no use": (body, gate.proof("/gates/scan", body, jti="short")),
            "no text": (body, gate.proof("/gates/scan", body, jti="\ud800" * 8)),
            "no time": (body, gate.proof("/gates/scan", body, iat="now")),
            "no proof": (body, "x.y.z"),
        }
        for what, (sent, proof) in refused.items():
            answer = await gate.send("/gates/scan", sent, proof)
            assert (answer.status_code, code_of(answer)) == (401, "ONECODE_PROOF_INVALID"), what
        for wrong in (-61, 600, 10**400):
            answer = await gate.send("/gates/scan", body, gate.proof("/gates/scan", body, iat=now + wrong))
            assert (answer.status_code, code_of(answer)) == (401, "ONECODE_PROOF_STALE")
        assert await scans_of(shared, text) == [], "the code is as good as before"
        proof = gate.proof("/gates/scan", body)
        first, again = await gate.send("/gates/scan", body, proof), await gate.send("/gates/scan", body, proof)
        assert first.json()["verdict"] == "ACCEPTED"
        assert (again.status_code, code_of(again)) == (409, "ONECODE_PROOF_REPLAYED")
        nameless = await gate.http.post(f"{shared.origin}/gates/scan", content=body,
                                        headers={"content-type": "application/json", "authorization": "Bearer x"})
        assert (nameless.status_code, code_of(nameless)) == (401, "ONECODE_PROOF_INVALID")


async def test_a_gate_is_registered_by_its_manager_and_approved_by_somebody_else(shared: Served) -> None:
    manager, desk, guard = [await shared.signed_in(who) for who in ("manager", "desk", "guard")]
    made = await registered(manager, "西门闸机")
    assert (made["standing"], made["mine"], made["scene"]) == ("TO_APPROVE", True, "小区门禁")
    again = {"organisation": PROPERTY, "kind": "GATE", "scene": "residential_gate", "place": "西门闸机", "key": str(uuid4())}
    assert await manager.refused("OnecodeRegisterVerifier", **again) == "ONECODE_PLACE_TAKEN"
    assert await manager.refused("OnecodeRegisterVerifier", **again | {
        "scene": "hospital_check_in"}) == "ONECODE_SCENE_UNKNOWN"
    assert await manager.refused("OnecodeRegisterVerifier", **again | {"place": " "}) == "ONECODE_PLACE_INVALID"
    assert await manager.refused("OnecodeRegisterVerifier", **again | {
        "organisation": str(demo_id("organisation:hospital"))}) == "FORBIDDEN"
    assert await guard.refused("OnecodeRegisterVerifier", **again) == "FORBIDDEN"
    assert await manager.refused("OnecodeEnrolVerifier", id=made["id"]) == "ONECODE_VERIFIER_REVOKED", "not before approval"
    assert await manager.refused("OnecodeDecideVerifier", id=made["id"], agree=True) == "ONECODE_SECOND_PERSON"
    [waiting, *_] = (await desk.ask("OnecodeAllVerifiers"))["edges"]
    assert waiting["node"]["standing"] == "TO_APPROVE", "what waits comes first"
    assert (await desk.ask("OnecodeDecideVerifier", id=made["id"], agree=True))["standing"] == "APPROVED"
    assert await desk.refused("OnecodeDecideVerifier", id=made["id"], agree=False) == "ONECODE_DECIDED_ALREADY"
    declined = await registered(manager)
    assert (await desk.ask("OnecodeDecideVerifier", id=declined["id"], agree=False))["standing"] == "DECLINED"
    assert await manager.refused("OnecodeEnrolVerifier", id=declined["id"]) == "ONECODE_VERIFIER_REVOKED"


async def test_a_code_registers_one_key_within_a_quarter_of_an_hour(served: Served) -> None:
    manager = await served.signed_in("manager")
    made = await approved(served, manager)

    async def given() -> str:
        return str((await manager.ask("OnecodeEnrolVerifier", id=made["id"]))["code"])
    first = await given()
    async with turnstile(served) as gate, turnstile(served) as thief, turnstile(served) as spare:
        old = await given()
        assert code_of(await gate.enrol(first)) == "ONECODE_ENROLMENT_UNKNOWN", "a new code ends the one before"
        assert (await gate.enrol(f" {old[:4].lower()} {old[4:]}")).json()["scene"] == "小区门禁"
        assert (await gate.enrol(old)).status_code == 200, "whose answer was lost asks again"
        assert code_of(await thief.enrol(old)) == "ONECODE_ENROLMENT_UNKNOWN"
        late = await given()
        served.platform.clock.move(timedelta(minutes=15, seconds=1))
        assert code_of(await spare.enrol(late)) == "ONECODE_ENROLMENT_UNKNOWN"
        assert (await gate.beat()).json()["place"] == made["place"], "the key before counts until there is another"
        assert (await spare.enrol(await given())).status_code == 200
        assert code_of(await gate.beat()) == "ONECODE_PROOF_INVALID", "and no longer"
        assert code_of(await thief.post("/gates/enrol", code=old, key={"kty": "RSA"})) == "ONECODE_KEY_INVALID"
        assert code_of(await thief.post("/gates/enrol", code=old, key=gate.public)) == "ONECODE_PROOF_INVALID"


async def test_a_gate_that_was_revoked_reads_nothing_from_that_moment_on_any_server(served: Served, worker: Worker) -> None:
    manager, desk, holder = [await served.signed_in(who) for who in ("manager", "desk", "resident")]
    async with serving(served.platform.settings) as second, gate_at(served, manager) as gate:
        def there(path: str, **given: Any) -> Any:
            body = json.dumps(given).encode()
            proof = gate.proof(path, body, htu=second.origin + path)
            return gate.http.post(second.origin + path, content=body,
                                  headers={"content-type": "application/json", "authorization": f"Gate {proof}"})
        text = await code(holder)
        assert (await there("/gates/heartbeat")).status_code == 200
        assert await manager.refused("OnecodeRevokeVerifier", id=gate.id, reason=" ") == "ONECODE_REASON_MISSING"
        assert (await desk.ask("OnecodeRevokeVerifier", id=gate.id, reason="钥匙丢失"))["standing"] == "REVOKED"
        for answer in (await there("/gates/scan", code=text, nonce=str(uuid4())), await gate.scan(text), await gate.beat()):
            assert (answer.status_code, code_of(answer)) == (403, "ONECODE_VERIFIER_REVOKED")
        assert await scans_of(served, text) == []
        assert await manager.refused("OnecodeEnrolVerifier", id=gate.id) == "ONECODE_VERIFIER_REVOKED"
    await worker()
    told = [edge["node"]["body"] for edge in (await manager.ask("MessagesInbox"))["messagesInbox"]["edges"]]
    assert any("钥匙丢失" in each for each in told)


async def test_the_district_sees_whom_a_gate_scanned_and_each_of_them_sees_that(shared: Served) -> None:
    manager, desk, holder = [await shared.signed_in(who) for who in ("manager", "desk", "elder")]
    async with gate_at(shared, manager) as gate:
        assert (await gate.scan(await code(holder))).json()["verdict"] == "ACCEPTED"
    asked = {"id": gate.id, "reason": "居民投诉多扫"}
    assert await desk.refused("OnecodeShowScanned", **asked) == "STEP_UP_NEEDED"
    for device in await shared.platform.db.fetch("SELECT id FROM identity.device WHERE citizen_id = $1", desk.id):
        await steps.confirm(shared.platform, str(device["id"]))
    found = await desk.ask("OnecodeShowScanned", **asked)
    [seen] = found["scans"]
    assert not found["more"]
    assert (seen["name"], seen["verdict"], seen["saw"]) == ("李*福", "ACCEPTED", ["姓名", "本社区居民"])
    [line, *_] = await lines(holder, kind="OFFICIAL")
    assert (line["action"], line["actorRole"], line["reason"]) == ("SCANS_REVIEWED", "identity_officer", "居民投诉多扫")
    assert await desk.refused("OnecodeShowScanned", **asked | {"reason": "x"}) == "ONECODE_REASON_MISSING"


async def test_a_heartbeat_says_that_a_gate_is_there(served: Served) -> None:
    manager = await served.signed_in("manager")

    async def awake() -> bool:
        [found] = (await manager.ask("OnecodeVerifiers", organisation=PROPERTY))["edges"]
        return bool(found["node"]["awake"])
    async with gate_at(served, manager) as gate:
        assert await awake()
        served.platform.clock.move(timedelta(minutes=3))
        assert not await awake()
        beat = await gate.beat()
        assert beat.json()["asks"] == ["姓名", "本社区居民"]
        assert await awake()


async def test_guesses_are_few(served: Served) -> None:
    async with turnstile(served) as gate:
        answers = [await gate.enrol(f"{number:012d}") for number in range(30)]
    tries = [code_of(answer) for answer in answers]
    assert tries[:10] == ["ONECODE_ENROLMENT_UNKNOWN"] * 10
    late = answers[tries.index("RATE_LIMITED")]
    assert late.headers["retry-after"] == str(late.json()["errors"][0]["extensions"]["retryAfter"])
    assert late.headers["cache-control"] == "no-store"


async def test_one_address_asks_only_so_often_by_a_proof_or_by_a_token(served: Served) -> None:
    """A door that is asked too often does not even look whose it is."""
    async with turnstile(served) as gate:
        async def refused(scheme: str) -> str:
            body, headers = {"code": "12345678", "nonce": "12345678"}, {"authorization": f"{scheme} x.y.z"}
            return code_of(await gate.http.post(f"{served.origin}/gates/scan", json=body, headers=headers))
        assert [await refused("Gate"), await refused("Bearer")] == ["ONECODE_PROOF_INVALID"] * 2
        await served.platform.line.ask(charging({"onecode:gates:127.0.0.1": Rate(3000, 60)}, passed=6000))
        assert [await refused("Gate"), await refused("Bearer")] == ["RATE_LIMITED"] * 2


async def test_the_api_is_documented_with_each_of_its_answers(shared: Served) -> None:
    async with httpx.AsyncClient() as http:
        told = (await http.get(f"{shared.origin}/gates/openapi.json")).json()
    assert set(told["paths"]) >= {"/gates/enrol", "/gates/scan", "/gates/heartbeat", "/gates/offline", "/gates/settle"}
    assert all(path.startswith("/gates/") for path in told["paths"])
    for path in told["paths"].values():
        assert set(path["post"]["responses"]) == {"200", "400", "401", "403", "409", "429", "503"}
    assert set(told["components"]["schemas"]["Answer"]["properties"]) == {
        "scan", "at", "verdict", "facts", "withheld", "first_at", "first_place"}


async def test_what_cannot_be_read_is_refused_by_name(shared: Served) -> None:
    deep = b"[" * 1300 + b"]" * 1300
    bodies = [b"", b"[", b"[]", b"{}", b'{"code": 1, "nonce": null}', b'{"code": "a"}', b"\xff", deep,
              b'{"code": "a", "key": {"x": ' + deep + b"}}"]
    async with turnstile(shared) as stranger:
        for path in ("/gates/enrol", "/gates/scan"):
            for body in bodies:
                answer = await stranger.send(path, body, "x.y.z")
                assert (answer.status_code, code_of(answer)) == (400, "BAD_REQUEST"), (path, body[:40], answer.text)
                assert answer.headers["cache-control"] == "no-store"
