"""The one-time code: five tries, one browser, the same answer for every number, and limits that lock nobody out."""

from __future__ import annotations

import asyncio
import json
import re
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from tests.clients import Phone, Refused, Served, new_address, new_number

from haian.errors import Unavailable
from identity.sms import HttpSender


async def code_of(phone: Phone, number: str) -> str:
    return str((await phone.http.get("/demo/sms", params={"phone": number})).json()["code"])


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def test_after_five_wrong_tries_the_right_code_is_no_good_either(shared: Served) -> None:
    phone, number = shared.phone(), new_number()
    await phone.ask("IdentityRequestCode", phone=number)
    code = await code_of(phone, number)
    for _ in range(5):
        assert await phone.refused("IdentitySignIn", phone=number, code=other(code)) == "IDENTITY_CODE_WRONG"
    assert await phone.refused("IdentitySignIn", phone=number, code=code) == "IDENTITY_CODE_WRONG"


async def test_after_four_the_right_code_is_still_good_and_only_once(shared: Served) -> None:
    phone, number = shared.phone(), new_number()
    await phone.ask("IdentityRequestCode", phone=number)
    code = await code_of(phone, number)
    for _ in range(4):
        assert await phone.refused("IdentitySignIn", phone=number, code=other(code)) == "IDENTITY_CODE_WRONG"
    asked = phone.http.cookies.get("haian_asked")
    assert await phone.ask("IdentitySignIn", phone=number, code=code)
    phone.http.cookies.set("haian_asked", asked or "")
    assert await phone.refused("IdentitySignIn", phone=number, code=code) == "IDENTITY_CODE_WRONG"


async def test_of_many_tries_at_once_five_count(shared: Served) -> None:
    """Guessing in parallel gains nothing."""
    phone, number = shared.phone(), new_number()
    await phone.ask("IdentityRequestCode", phone=number)
    code = await code_of(phone, number)
    guesses = [f"{(int(code) + i) % 10**6:06d}" for i in range(1, 30)]
    await asyncio.gather(*(phone.refused("IdentitySignIn", phone=number, code=guess) for guess in guesses))
    assert await phone.refused("IdentitySignIn", phone=number, code=code) == "IDENTITY_CODE_WRONG"


async def test_a_code_is_good_for_its_number_only(shared: Served) -> None:
    phone, number = shared.phone(), new_number()
    await phone.ask("IdentityRequestCode", phone=number)
    code = await code_of(phone, number)
    assert await phone.refused("IdentitySignIn", phone=new_number(), code=code) == "IDENTITY_CODE_WRONG"


async def test_a_code_is_six_digits_kept_as_a_proof_for_five_minutes(shared: Served) -> None:
    phone, number, redis = shared.phone(), new_number(), shared.platform.redis
    before = set(await redis.keys("haian:signin:*"))
    await phone.ask("IdentityRequestCode", phone=number)
    code = await code_of(phone, number)
    assert len(code) == 6 and code.isdecimal()
    [key] = set(await redis.keys("haian:signin:*")) - before
    assert 0 < await redis.ttl(key) <= 300
    kept = await redis.hgetall(key)  # type: ignore[misc]
    assert number not in f"{key}{kept}"
    assert (kept.keys(), kept[b"tries"]) == ({b"proof", b"tries"}, b"0")
    assert re.fullmatch(b"[0-9a-f]{64}", kept[b"proof"]), "in which six digits may stand by chance"


@pytest.mark.parametrize("code", ["", "12345", "1234567", "１２３４５６", "12345\n", "abcdef", "\u0661" * 6, "123456 "])
async def test_what_is_no_code_is_refused_like_a_wrong_one(shared: Served, code: str) -> None:
    phone, number = shared.phone(), new_number()
    await phone.ask("IdentityRequestCode", phone=number)
    assert await phone.refused("IdentitySignIn", phone=number, code=code) == "IDENTITY_CODE_WRONG"


async def test_known_and_unknown_numbers_get_the_same_answer(shared: Served) -> None:
    """Nothing tells who is a citizen here: neither answer nor headers but the cookie's own value."""
    answers = []
    for number in ("13800000001", new_number()):
        answer = await shared.phone().send("IdentityRequestCode", phone=number)
        headers = {name for name in answer.headers if name not in ("x-request-id", "date")}
        answers.append((answer.status_code, answer.text, headers, answer.headers["set-cookie"].split(";")[1:]))
    assert answers[0] == answers[1]
    given = ({"phone": number, "code": "000000"} for number in ("13800000001", new_number()))
    known, unknown = [await shared.phone().send("IdentitySignIn", **each) for each in given]
    assert known.text == unknown.text


@pytest.mark.parametrize("number", ["", "1380000000", "138000000011", "12800000001", "+1 202 555 0123",
                                    "１３８００００００００１", "a" * 5000, "13800000001\n", "\u0661" + "3800000001"])
async def test_what_is_no_number_is_refused(shared: Served, number: str) -> None:
    assert await shared.phone().refused("IdentityRequestCode", phone=number) == "IDENTITY_PHONE_INVALID"


@pytest.mark.parametrize("written", ["138 0000 0001", "138-0000-0001", "+8613800000001", "+86 138 0000 0001"])
async def test_a_number_may_be_written_as_people_write_it(shared: Served, written: str) -> None:
    assert await shared.phone().ask("IdentityRequestCode", phone=written) == 60


async def test_one_browser_asks_five_times_then_waits(shared: Served) -> None:
    phone, number = shared.phone(), new_number()
    for _ in range(5):
        await phone.ask("IdentityRequestCode", phone=number)
    with pytest.raises(Refused) as refused:
        await phone.ask("IdentityRequestCode", phone=number)
    assert refused.value.code == "RATE_LIMITED"
    assert 0 < refused.value.errors[0]["extensions"]["retryAfter"] <= 60


async def test_a_stranger_who_asks_for_my_codes_does_not_lock_me_out(shared: Served) -> None:
    number, stranger = new_number(), shared.phone()
    for _ in range(8):
        try:
            await stranger.ask("IdentityRequestCode", phone=number)
        except Refused as refused:
            assert refused.code == "RATE_LIMITED"
    mine = shared.phone()
    await mine.sign_in(number)
    assert mine.id


async def test_an_address_is_held_back_whatever_numbers_it_asks_for(shared: Served) -> None:
    phone = shared.phone()
    found = [await phone.send("IdentityRequestCode", phone=new_number()) for _ in range(61)]
    assert not any("errors" in answer.json() for answer in found[:60])
    assert found[60].json()["errors"][0]["extensions"]["code"] == "IDENTITY_WORK_NEEDED"
    await phone.ask_for_code(new_number())  # behind it may be a whole street: who works for it is served


async def test_an_address_that_nobody_signed_counts_as_the_connection(shared: Served) -> None:
    """Whoever writes the header without our key cannot choose an address."""
    phone = shared.phone()
    signed = shared.signed(new_address())
    phone.http.headers["X-Haian-Address"] = signed[:-1] + ("1" if signed.endswith("0") else "0")
    await phone.ask("IdentityRequestCode", phone=new_number())
    assert await shared.platform.redis.keys("haian:rate:sms:address:127.0.0.1*")


class Operator(BaseHTTPRequestHandler):
    """An SMS operator that keeps what it was sent."""

    seen: list[Any] = []
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).seen.append((self.headers["authorization"], json.loads(body)))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Silent."""


async def test_the_http_adapter_sends_number_template_and_code_with_its_token() -> None:
    server = HTTPServer(("127.0.0.1", 0), Operator)
    Thread(target=server.serve_forever, daemon=True).start()
    sender = HttpSender(f"http://127.0.0.1:{server.server_port}/send", "secret")
    await sender.send("13800000001", "sign_in", "123456")
    assert Operator.seen == [("Bearer secret", {"phone": "13800000001", "template": "sign_in", "code": "123456"})]
    Operator.status = 500
    with pytest.raises(Unavailable):
        await sender.send("13800000001", "sign_in", "123456")
    server.shutdown()
    server.server_close()
    with pytest.raises(Unavailable):
        await sender.send("13800000001", "sign_in", "123456")
