"""Browser sessions: a cookie that changes at sign-in, that no script reads, and that ends when it is ended."""

from __future__ import annotations

from http.cookies import SimpleCookie
from uuid import uuid4

import httpx
import pytest
from tests.clients import Served, new_number, serving
from tests.conftest import SHARED_REDIS_NUMBER
from tests.servers import Servers

from identity import sessions


def set_cookies(answer: httpx.Response) -> SimpleCookie:
    found: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        found.load(line)
    return found


async def sign_in(phone: object, number: str) -> httpx.Response:
    from tests.clients import Phone
    assert isinstance(phone, Phone)
    await phone.ask("IdentityRequestCode", phone=number)
    code = (await phone.http.get("/demo/sms", params={"phone": number})).json()["code"]
    return await phone.send("IdentitySignIn", phone=number, code=code, device="x")


async def test_a_cookie_that_was_planted_before_sign_in_is_not_the_session_after(shared: Served) -> None:
    """Session fixation: whoever planted it learns nothing."""
    victim = shared.phone()
    victim.http.cookies.set("haian_session", "planted-by-somebody-else", domain="127.0.0.1")
    answer = await sign_in(victim, new_number())
    assert set_cookies(answer)["haian_session"].value != "planted-by-somebody-else"
    attacker = shared.phone()
    attacker.http.cookies.set("haian_session", "planted-by-somebody-else")
    assert (await attacker.ask("IdentityViewer"))["identityViewer"] is None


async def test_each_sign_in_begins_a_new_session(shared: Served) -> None:
    phone, number = shared.phone(), new_number()
    first, second = [set_cookies(await sign_in(phone, number))["haian_session"].value for _ in range(2)]
    assert first != second
    assert len(first) >= 43, "256 bits"


async def test_the_cookie_is_for_this_site_and_no_script(shared: Served) -> None:
    cookies = set_cookies(await sign_in(shared.phone(), new_number()))
    session, asked = cookies["haian_session"], cookies["haian_asked"]
    for cookie in (session, asked):
        assert (cookie["httponly"], cookie["samesite"].lower(), cookie["path"], cookie["domain"]) == (True, "lax", "/", "")
    assert int(session["max-age"]) == sessions.LIFETIME
    assert asked.value.startswith("."), "the code's browser binding is used up; what is kept says only that it signed in"


async def test_under_https_the_cookie_is_host_bound_and_secure(shared: Served, servers: Servers) -> None:
    given = shared.platform.settings.model_copy(update={"redis_url": servers.valkey.url(SHARED_REDIS_NUMBER)})
    async with serving(given, ("https://haian.example.cn",)) as secure:
        phone = secure.phone()
        phone.http.headers["Origin"] = "https://haian.example.cn"
        number = new_number()
        asked = set_cookies(await phone.send("IdentityRequestCode", phone=number))["__Host-haian_asked"]
        assert (asked["secure"], asked["path"], asked["domain"]) == (True, "/", "")
        code = (await phone.http.get("/demo/sms", params={"phone": number})).json()["code"]
        phone.http.headers["Cookie"] = f"__Host-haian_asked={asked.value}"
        session = set_cookies(await phone.send("IdentitySignIn", phone=number, code=code))["__Host-haian_session"]
        assert session["secure"] and session["httponly"]
        phone.http.headers["Cookie"] = f"__Host-haian_session={session.value}"
        assert (await phone.ask("IdentityViewer"))["identityViewer"]
        phone.http.headers["Cookie"] = f"haian_session={session.value}"
        assert (await phone.ask("IdentityViewer"))["identityViewer"] is None, "a neighbour domain could have set that one"


async def test_signing_out_ends_the_session_itself_not_only_the_cookie(shared: Served) -> None:
    phone = await shared.signed_in(new_number())
    kept = phone.http.cookies["haian_session"]
    answer = await phone.send("IdentitySignOut")
    assert int(set_cookies(answer)["haian_session"]["max-age"]) == 0
    thief = shared.phone()
    thief.http.cookies.set("haian_session", kept)
    assert (await thief.ask("IdentityViewer"))["identityViewer"] is None


async def test_ending_all_others_leaves_this_one(shared: Served) -> None:
    number = new_number()
    phones = [await shared.signed_in(number) for _ in range(3)]
    assert await phones[1].ask("IdentityEndOtherDevices") == 2
    assert [await phone.refused("IdentityDevices") for phone in (phones[0], phones[2])] == ["UNAUTHENTICATED"] * 2
    [mine] = await phones[1].ask("IdentityDevices")
    assert mine["current"] is True


async def test_nobody_ends_anothers_device(shared: Served) -> None:
    mine, other = await shared.signed_in(new_number()), await shared.signed_in(new_number())
    [device] = await other.ask("IdentityDevices")
    assert await mine.refused("IdentityEndDevice", id=device["id"]) == "IDENTITY_DEVICE_UNKNOWN"
    assert await mine.refused("IdentityEndDevice", id=str(uuid4())) == "IDENTITY_DEVICE_UNKNOWN"
    assert await mine.refused("IdentityEndDevice", id="x") == "INVALID_ARGUMENT"
    assert len(await other.ask("IdentityDevices")) == 1


async def test_redis_holds_no_cookie(shared: Served) -> None:
    redis = shared.platform.redis

    async def keys() -> set[bytes]:
        return {*await redis.keys("haian:session:*"), *await redis.keys("haian:device:*")}
    before = await keys()
    phone = await shared.signed_in(new_number())
    cookie = phone.http.cookies["haian_session"]
    mine = await keys() - before
    assert {key.rpartition(b":")[0] for key in mine} == {b"haian:session", b"haian:device"} and len(mine) == 2
    for key in mine:
        assert cookie not in f"{key!r}{await redis.get(key)}"
        assert 0 < await redis.ttl(key) <= sessions.LIFETIME


@pytest.mark.parametrize("cookie", ["", "x", "a" * 4000, "%00", "\"quoted\"", b"\xe9\xff"])
async def test_a_cookie_that_is_none_of_ours_is_nobody(shared: Served, cookie: str | bytes) -> None:
    phone = shared.phone()
    sent = cookie if isinstance(cookie, bytes) else cookie.encode()
    phone.http.headers = httpx.Headers([*phone.http.headers.raw, (b"Cookie", b"haian_session=" + sent)])
    assert (await phone.ask("IdentityViewer"))["identityViewer"] is None


async def test_a_device_name_is_short_and_whatever_it_says_signs_in(shared: Served) -> None:
    for name in ("长" * 500, "<b>x</b>", "a\u0000b", ""):
        phone, number = shared.phone(), new_number()
        await phone.ask("IdentityRequestCode", phone=number)
        code = (await phone.http.get("/demo/sms", params={"phone": number})).json()["code"]
        answer = await phone.send("IdentitySignIn", phone=number, code=code, device=name)
        assert "errors" not in answer.json(), name
        [device] = await phone.ask("IdentityDevices")
        assert len(device["name"]) <= 60
