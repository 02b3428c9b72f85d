"""A third party reads codes by a token that it gets for its own key's word, and by nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import jwt
from tests.clients import Phone, Served
from tests.consent.test_ledger import lines
from tests.onecode.gate import PROPERTY, approved, code_of, registered, turnstile
from tests.onecode.test_scan import scans_of

from haian.demo import demo_id
from server.turnstile import Turnstile

STUDIO = str(demo_id("organisation:studio"))
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Scan = Callable[..., Awaitable[httpx.Response]]


def assertion(system: Turnstile, **other: Any) -> str:
    now = int(system.clock())
    claims = {"iss": system.id, "sub": system.id, "aud": f"{system.origin}/oauth/token", "iat": now, "exp": now + 60,
              "jti": str(uuid4())} | other
    return jwt.encode(claims, system.key, algorithm=system.algorithm)


async def token_of(system: Turnstile, said: str = "", **other: str) -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION,
            "client_assertion": said or assertion(system), "scope": "onecode.code.scan", **other}
    return await system.http.post(f"{system.origin}/oauth/token", data=form)


async def scan_by(system: Turnstile, token: str, code: str, nonce: str = "") -> httpx.Response:
    return await system.http.post(f"{system.origin}/gates/scan", json={"code": code, "nonce": nonce or str(uuid4())},
                                  headers={"authorization": f"Bearer {token}"})


@asynccontextmanager
async def system_of(served: Served, manager: Phone) -> AsyncIterator[Turnstile]:
    """A third party's system whose key is registered."""
    made = await approved(served, manager, kind="PARTNER", scene="partner_check", organisation=STUDIO)
    async with turnstile(served) as system:
        assert (await system.enrol((await manager.ask("OnecodeEnrolVerifier", id=made["id"]))["code"])).status_code == 200
        yield system


async def test_a_third_party_reads_codes_by_a_token_of_five_minutes(served: Served) -> None:
    manager, holder, desk = [await served.signed_in(who) for who in ("developer", "resident", "desk")]
    async with system_of(served, manager) as system:
        given = (await token_of(system)).json()
        assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 300, "onecode.code.scan")
        text, nonce = (await holder.ask("OnecodeIssue"))["text"], str(uuid4())
        answers = await asyncio.gather(*(scan_by(system, given["access_token"], text, nonce) for _ in range(4)))
        assert {answer.content for answer in answers} == {answers[0].content}
        assert [(fact["name"], fact["text"]) for fact in answers[0].json()["facts"]] == [("name", "王*燕")]
        [line, *_] = await lines(holder, kind="SCAN")
        assert (line["action"], line["actorRole"]) == ("CODE_ACCEPTED", "partner")
        graphql = await system.http.post(f"{served.origin}/graphql", json={"documentId": "x"},
                                         headers={"authorization": f"Bearer {given['access_token']}"})
        assert graphql.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", "it is nobody's for anything else"
        served.platform.clock.move(timedelta(seconds=301))
        late = await scan_by(system, given["access_token"], (await holder.ask("OnecodeIssue"))["text"])
        assert (late.status_code, code_of(late)) == (401, "ONECODE_PROOF_INVALID")
        fresh = (await token_of(system)).json()["access_token"]
        await desk.ask("OnecodeRevokeVerifier", id=system.id, reason="合同到期")
        last = (await holder.ask("OnecodeIssue"))["text"]
        ended = await scan_by(system, fresh, last)
        assert (ended.status_code, code_of(ended)) == (403, "ONECODE_VERIFIER_REVOKED")
        assert await scans_of(served, last) == []
        refused = (await token_of(system)).json()
        assert refused == {"error": "invalid_client", "error_description": "ONECODE_VERIFIER_REVOKED"}


async def test_an_assertion_is_good_once_and_for_us_alone(shared: Served) -> None:
    manager = await shared.signed_in("developer")
    async with system_of(shared, manager) as system, turnstile(shared) as stranger:
        now, stranger.id = int(system.clock()), system.id
        wrong = {
            "another key": assertion(stranger), "another server": assertion(system, aud="https://elsewhere.example"),
            "another name": assertion(system, iss=str(uuid4())), "too long": assertion(system, exp=now + 4000),
            "long ago": assertion(system, exp=now - 100), "no use": assertion(system, jti="x"), "nothing": "x.y.z",
        }
        for what, said in wrong.items():
            answer = await token_of(system, said)
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), what
        said = assertion(system)
        assert (await token_of(system, said, scope="identity.all")).json()["error"] == "invalid_scope"
        assert (await token_of(system, said)).status_code == 200
        assert (await token_of(system, said)).json()["error"] == "invalid_client", "and once"
        body = b'{"code": "12345678", "nonce": "12345678"}'
        by_proof = await system.send("/gates/scan", body, system.proof("/gates/scan", body))
        assert code_of(by_proof) == "ONECODE_PROOF_INVALID", "a third party comes with a token"


async def test_third_parties_are_developers_and_gates_are_not(shared: Served) -> None:
    manager, developer = await shared.signed_in("manager"), await shared.signed_in("developer")
    asked = {"place": "系统", "key": str(uuid4())}
    assert await manager.refused("OnecodeRegisterVerifier", organisation=PROPERTY, kind="PARTNER", scene="residential_gate",
                                 **asked) == "ONECODE_SCENE_UNKNOWN"
    assert await developer.refused("OnecodeRegisterVerifier", organisation=STUDIO, kind="GATE", scene="partner_check",
                                   **asked) == "ONECODE_SCENE_UNKNOWN"
    made = await registered(developer, kind="PARTNER", scene="partner_check", organisation=STUDIO)
    assert (made["kind"], made["scene"]) == ("PARTNER", "第三方核验")
