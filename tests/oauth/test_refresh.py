"""Refresh tokens: one at a time, of one client on one device; whoever comes with an old one ends them all."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
import pytest
from tests.clients import Served, new_number
from tests.oauth.program import HEALTH, READ, Program, code_of, said

from haian import codes
from haian.demo import demo_id
from oauth import families


@pytest.fixture
def program(shared: Served) -> Program:
    return Program(shared)


async def connected(program: Program, *scopes: str) -> Program:
    """With the tokens of a citizen of its own."""
    await program.connect(await program.served.signed_in(new_number()), *scopes)
    return program


async def lives(program: Program) -> bool:
    """Whether the access token still lets in."""
    answer = (await program.by_access().send("ParkingBookings")).json()
    return "errors" not in answer


async def test_a_code_gives_tokens_that_are_opaque_bound_and_of_which_redis_keeps_hashes(program: Program) -> None:
    await connected(program, READ, HEALTH)
    refresh = program.token["refresh_token"]
    assert program.token["token_type"] == "Bearer" and program.token["expires_in"] == 600
    assert program.token["scope"] == f"{HEALTH} {READ}"
    assert refresh.count(".") == 1
    held = [key async for key in program.served.platform.redis.scan_iter("haian:session:refresh:*")]
    handle, secret = refresh.split(".")
    [key] = [each for each in held if hashlib.sha256(handle.encode()).hexdigest().encode() in each]
    kept = await program.served.platform.redis.hgetall(key)  # type: ignore[misc]
    assert kept[b"hash"].decode() == hashlib.sha256(secret.encode()).hexdigest()
    assert refresh.encode() not in b" ".join([key, *kept.values()])
    assert await lives(program)


async def test_each_use_swaps_the_token_and_the_new_one_goes_on(program: Program) -> None:
    await connected(program)
    seen = {program.token["refresh_token"]}
    for _ in range(3):
        answer = await program.refresh()
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
        program.token = answer.json()
        assert program.token["refresh_token"] not in seen
        seen.add(program.token["refresh_token"])
        assert await lives(program)


async def test_fifty_at_once_on_the_same_device_get_the_same_token(
        program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tabs, or a phone whose answer was lost in the lift."""
    monkeypatch.setattr(families, "GRACE", 50.0)  # a busy machine may need more than the grace to answer so many
    await connected(program)
    answers = await asyncio.gather(*(program.refresh() for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    [token] = {answer.json()["refresh_token"] for answer in answers}
    assert token != program.token["refresh_token"]
    assert (await program.refresh(token)).status_code == 200


async def test_after_the_grace_the_old_token_ends_the_family_at_once_and_its_citizen_hears_of_it(
        program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = await program.served.signed_in(new_number())
    await program.connect(phone)
    old = program.token["refresh_token"]
    program.token = (await program.refresh()).json()
    assert await lives(program)
    monkeypatch.setattr(families, "GRACE", -1.0)
    assert await said(await program.refresh(old)) == "invalid_grant"
    assert await program.by_access().refused("ParkingBookings") == "UNAUTHENTICATED"
    assert await said(await program.refresh()) == "invalid_grant", "the good one is over too"
    assert [each["isClient"] for each in await phone.ask("IdentityDevices")] == [False]
    [line] = [edge["node"] for edge in (await phone.ask("ConsentLedger"))["edges"]
              if edge["node"]["action"] == "CLIENT_REUSED"]
    assert (line["kind"], line["byMyself"], line["actorName"], line["organisation"]) == (
        "MINI_APP", False, "停车小助手", "海风小程序工作室（演示）")


async def test_a_thief_with_another_key_is_refused_even_within_the_grace_and_ends_the_family(program: Program) -> None:
    for stolen_is_old in (False, True):
        await connected(program)
        stolen = program.token["refresh_token"]
        if stolen_is_old:
            program.token = (await program.refresh()).json()
        assert await said(await Program(program.served).refresh(stolen)) == "invalid_grant"
        assert await said(await program.refresh()) == "invalid_grant"
        assert not await lives(program)


async def test_another_client_cannot_use_it_though_it_has_the_key(program: Program) -> None:
    await connected(program)
    other = await another_client(program.served)
    stranger = Program(program.served, other, program.key)
    assert await said(await stranger.refresh(program.token["refresh_token"])) == "invalid_grant"
    assert await said(await program.refresh()) == "invalid_grant"


async def another_client(served: Served) -> str:
    async with served.platform.db.writing_as("oauth") as connection:
        return str(await connection.fetchval("""
            INSERT INTO oauth.client (name_zh, name_en, organisation_id, redirects, scopes, registered_at, approved_at)
            SELECT '别的小程序', 'Another', organisation_id, redirects, scopes, registered_at, approved_at
            FROM oauth.client WHERE id = $1 RETURNING id""", demo_id("client:parking")))


@pytest.mark.parametrize("token", ["", ".", "a.b", "a", "x" * 5000, "é.é", "a.b.c"])
async def test_what_is_no_token_is_refused(program: Program, token: str) -> None:
    assert await said(await program.refresh(token or "-")) == "invalid_grant"


async def test_a_device_that_i_end_is_over_and_so_is_one_that_the_program_ends(program: Program) -> None:
    phone = await program.served.signed_in(new_number())
    await program.connect(phone)
    await phone.ask("IdentityEndDevice", id=str(program.device()))
    assert not await lives(program)
    assert await said(await program.refresh()) == "invalid_grant"
    for kind in ("refresh_token", "access_token"):
        await program.connect(phone)
        stranger = Program(program.served, await another_client(program.served))
        await stranger.post("revoke", token=program.token[kind])
        assert await lives(program), "of another client nobody ends anything"
        assert (await program.post("revoke", token=program.token[kind])).status_code == 200
        assert not await lives(program)
        assert await said(await program.refresh()) == "invalid_grant"
    assert (await program.post("revoke", token="unknown")).status_code == 200
    assert await said(await Program(program.served, "nobody").post("revoke", token="x")) == "invalid_client"


async def test_a_code_is_good_once_and_the_second_use_ends_what_it_gave(program: Program) -> None:
    phone = await program.served.signed_in(new_number())
    code = await code_of(phone, program.request())
    program.token = (await program.exchange(code)).json()
    assert await lives(program)
    assert await said(await Program(program.served).exchange(code)) == "invalid_grant"
    assert not await lives(program)
    assert await said(await program.refresh()) == "invalid_grant"


async def test_a_code_whose_answer_was_lost_on_the_way_from_redis_is_nobodys_theft(
        program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that died asks again (`haian.line`), and finds its own use."""
    phone, burn = await program.served.signed_in(new_number()), codes.burn
    code = await code_of(phone, program.request())

    async def twice(*given: Any) -> codes.Burnt:
        await burn(*given)
        return await burn(*given)
    monkeypatch.setattr(codes, "burn", twice)
    program.token = (await program.exchange(code)).json()
    assert await lives(program)


async def test_of_many_who_come_with_one_code_at_once_at_most_one_gets_tokens_and_none_keeps_them(program: Program) -> None:
    phone = await program.served.signed_in(new_number())
    code = await code_of(phone, program.request())
    answers = await asyncio.gather(*(program.exchange(code) for _ in range(10)))
    given = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(given) <= 1
    for program.token in given:
        assert not await lives(program)
    assert [each["isClient"] for each in await phone.ask("IdentityDevices")] == [False]


async def test_the_other_devices_hear_of_a_new_one(
        served: Served, worker: Callable[[], Awaitable[None]]) -> None:
    phone = await served.signed_in("resident")
    await Program(served).connect(phone)
    await worker()
    inbox = (await phone.ask("MessagesInbox"))["messagesInbox"]
    titles = [edge["node"]["title"] for edge in inbox["edges"]]
    assert "小程序已连上您的账号" in titles


class TestProofs:
    """DPoP (RFC 9449): without the key of the device nothing is given."""

    @pytest.mark.parametrize(("what", "changed"), [
        ("none", None), ("of another address", {"htu": "https://evil.example/oauth/token"}),
        ("of another method", {"htm": "GET"}), ("old", {"iat": 1}), ("to come", {"iat": 2**33}),
        ("without a name", {"jti": ""}), ("with a time that is none", {"iat": "x"}),
    ])
    async def test_a_proof_is_refused_that_is(self, program: Program, what: str, changed: dict[str, Any] | None) -> None:
        proof = "" if changed is None else program.proof(**changed)
        assert await said(await program.refresh("a.b", proof)) == "invalid_dpop_proof", what

    async def test_a_proof_is_good_once(self, program: Program) -> None:
        await connected(program)
        proof = program.proof()
        program.token = (await program.refresh(proof=proof)).json()
        assert await said(await program.refresh(proof=proof)) == "invalid_dpop_proof"
        assert await lives(program), "a proof that was copied ends nothing"

    async def test_a_proof_that_is_not_signed_by_its_key_is_none(self, program: Program) -> None:
        """alg none and confusion, a private key in it, a key that is a secret, another kind of token."""
        right = program.proof()
        public = jwt.get_unverified_header(right)["jwk"]
        claims = jwt.decode(right, options={"verify_signature": False})
        private = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(program.key))
        wrong = [
            jwt.encode(claims, "", algorithm="none", headers={"typ": "dpop+jwt", "jwk": public}),
            jwt.encode(claims, "s" * 40, algorithm="HS256", headers={"typ": "dpop+jwt", "jwk": {"kty": "oct", "k": "c3Nz"}}),
            jwt.encode(claims, "s" * 40, algorithm="HS256", headers={"typ": "dpop+jwt", "jwk": public}),
            jwt.encode(claims, program.key, algorithm="ES256", headers={"typ": "dpop+jwt", "jwk": private}),
            jwt.encode(claims, program.key, algorithm="ES256", headers={"typ": "JWT", "jwk": public}),
            jwt.encode(claims, Program(program.served).key, algorithm="ES256", headers={"typ": "dpop+jwt", "jwk": public}),
            jwt.encode(claims, program.key, algorithm="ES256", headers={"typ": "dpop+jwt", "jwk": [1]}),
            f"{right}x", "a.b.c", "é", "x" * 100,
        ]
        for proof in wrong:
            assert await said(await program.refresh("a.b", proof.encode("latin-1").decode("ascii", "ignore") or "-")) == (
                "invalid_dpop_proof"), proof
