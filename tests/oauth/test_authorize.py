"""The way to a code: nobody is sent where nobody registered, no way leads down from PKCE, and what comes back says whose."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.clients import Served, new_number
from tests.oauth.program import (
    CLIENT,
    HEALTH,
    READ,
    REDIRECT,
    WRITE,
    Program,
    allowed,
    answer_of,
    asked,
    code_of,
    said,
    went_on,
)

from haian import codes
from oauth.service import may_return

WRONG_PAGE, OVER_PAGE = "/authorize?wrong=1", "/authorize?over=1"
SENT = {"accept-language": "zh"}


@pytest.fixture
def program(shared: Served) -> Program:
    return Program(shared)


async def sent_to(program: Program, address: str) -> str:
    """Where a browser goes that comes with this request."""
    answer = await program.http.get(address, headers=SENT)
    assert (answer.status_code, answer.headers["cache-control"]) == (303, "no-store")
    return str(answer.headers["location"])


async def test_what_comes_back_has_the_state_and_says_who_answers(program: Program) -> None:
    """RFC 9207: a program that speaks to two servers knows whose code it is."""
    phone = await program.served.signed_in(new_number())
    went = await allowed(phone, program.request())
    assert went.startswith(f"{REDIRECT}?")
    answer = answer_of(went)
    assert set(answer) == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == (program.state, program.served.platform.settings.public_origin)


async def test_the_page_says_who_asks_for_what_in_words(program: Program) -> None:
    phone = await program.served.signed_in(new_number())
    shown = await phone.ask("OauthRequest", request=await asked(phone, program.request(READ, HEALTH, READ)))
    client = {"id": CLIENT, "name": "停车小助手", "organisation": "海风小程序工作室（演示）", "demo": True}
    assert shown["client"] == client
    assert [scope["title"] for scope in shown["scopes"]] == ["看车位预约", "看就诊预约"]
    assert all(scope["words"] for scope in shown["scopes"]) and shown["native"]
    assert await phone.ask("OauthRequest", request="0" * 26) is None


async def test_i_may_choose_less_and_refuse_all(program: Program) -> None:
    phone = await program.served.signed_in(new_number())
    code = answer_of(await allowed(phone, program.request(READ, HEALTH), READ))["code"]
    assert (await program.exchange(code)).json()["scope"] == READ
    name = await asked(phone, program.request())
    await phone.ask("OauthRefuse", request=name)
    assert answer_of(await went_on(phone, name))["error"] == "access_denied"
    for scopes, term in (([], "MONTH"), ([WRITE], "MONTH"), ([READ], "ONCE")):
        name = await asked(phone, program.request())
        assert await phone.refused("OauthAllow", request=name, scopes=scopes, term=term) == "OAUTH_NOTHING_CHOSEN"


REDIRECTS = [
    "https://evil.example/callback", "https://parking.example/callback/", "https://parking.example/callback?x=1",
    "https://parking.example/callback#x", "https://parking.example.evil.example/callback", "https://evil@parking.example/callback",
    "https://parking.example:444/callback", "http://parking.example/callback", "HTTPS://parking.example/callback",
    "//parking.example/callback", "javascript:alert(1)", "data:text/html,x", "", "http://localhost:8000/callback",
    "http://127.0.0.1:8000/other", "http://127.0.0.1:8000/callback?x=1", "http://127.0.0.1:8000@evil.example/callback",
    "http://127.0.0.1.evil.example:8000/callback", "http://127.0.0.1:99999/callback", "http://127.0.0.1:8000/../callback",
    "http://127.0.0.1:8000/callback\r\nset-cookie: x=y", "http://127.0.0.1:8000\\@evil.example/callback", "http://127.0.0.2:1/callback",
    "http://user@127.0.0.1:8000/callback", "https://127.0.0.1:8000/callback",
]


@pytest.mark.parametrize("redirect", REDIRECTS)
async def test_nobody_is_sent_to_an_address_that_nobody_registered(program: Program, redirect: str) -> None:
    went = await sent_to(program, program.request(redirect_uri=redirect))
    assert went == WRONG_PAGE


@pytest.mark.parametrize("redirect", ["http://127.0.0.1/callback", "http://127.0.0.1:1/callback",
                                      "http://127.0.0.1:65535/callback", "https://parking.example/callback"])
async def test_a_registered_address_is_good_and_on_loopback_any_port(program: Program, redirect: str) -> None:
    assert (await sent_to(program, program.request(redirect_uri=redirect))).startswith("/authorize?request=")


def test_a_port_is_free_on_loopback_alone() -> None:
    assert may_return(["http://[::1]/x"], "http://[::1]:5000/x")
    assert not may_return(["https://a.example/x"], "https://a.example:5000/x")
    assert not may_return(["com.example.app:/x"], "com.example.app:/y")


@pytest.mark.parametrize(("changed", "error"), [
    ({"code_challenge": ""}, "invalid_request"), ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": ""}, "invalid_request"), ({"code_challenge": "short"}, "invalid_request"),
    ({"dpop_jkt": "x" * 5000}, "invalid_request"), ({"dpop_jkt": "x"}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"), ({"response_type": ""}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"), ({"request_uri": "https://evil.example/x"}, "invalid_request"),
    ({"scope": ""}, "invalid_scope"), ({"scope": "identity.devices.write"}, "invalid_scope"),
    ({"scope": f"{READ} consent.ledger.read"}, "invalid_scope"),
])
async def test_what_is_wrong_is_said_to_the_program_with_its_state(
        program: Program, changed: dict[str, str], error: str) -> None:
    went = await sent_to(program, program.request(**changed))
    assert went.startswith(f"{REDIRECT}?")
    assert answer_of(went) == {"error": error, "state": program.state, "iss": program.served.platform.settings.public_origin}


async def test_what_comes_twice_or_from_nobody_known_stays_with_us(program: Program) -> None:
    once = program.request()
    for wrong in (f"{once}&redirect_uri=https://evil.example", f"{once}&client_id={CLIENT}", f"{once}&x=1&x=2",
                  program.request(client_id="nobody"), program.request(client_id=""), program.request(state="x" * 2000),
                  f"{once}&y=%00", "/oauth/authorize", f"{once}&" + "&".join(f"p{i}=1" for i in range(40))):
        assert await sent_to(program, wrong) == WRONG_PAGE, wrong
    english = await program.http.get("/oauth/authorize", headers={"accept-language": "en"})
    assert english.headers["location"] == f"/en{WRONG_PAGE}"


async def test_a_code_wants_its_verifier_its_client_its_address_and_its_key(program: Program) -> None:
    """PKCE (RFC 7636): who takes the code on its way has nothing; a wrong try uses it up."""
    phone = await program.served.signed_in(new_number())
    for changed in ({"code_verifier": "x" * 43}, {"code_verifier": ""}, {"code_verifier": program.challenge},
                    {"redirect_uri": "http://127.0.0.1:43118/callback"}, {"redirect_uri": "https://parking.example/callback"}):
        code = await code_of(phone, program.request())
        assert await said(await program.exchange(code, **changed)) == "invalid_grant", changed
        assert await said(await program.exchange(code)) == "invalid_grant", "it is used up"
    bound = await code_of(phone, program.request(dpop_jkt="A" * 43))
    assert await said(await program.exchange(bound)) == "invalid_grant"
    assert await said(await program.exchange("0" * 26)) == "invalid_grant"
    assert await said(await Program(program.served, "nobody").exchange("x")) == "invalid_client"
    assert await said(await program.post("token", grant_type="password", username="a")) == "unsupported_grant_type"


async def test_a_request_is_answered_once_by_who_read_it_in_their_own_browser(program: Program) -> None:
    """Nobody takes home what another consented to, nor lets another's browser end with their own code."""
    phone, other = [await program.served.signed_in(new_number()) for _ in range(2)]
    name = await asked(phone, program.request())
    assert await went_on(phone, name) == OVER_PAGE, "nobody has decided"
    await phone.ask("OauthAllow", request=name, scopes=[READ], term="YEAR")
    await phone.ask("OauthAllow", request=name, scopes=[READ], term="YEAR")  # whose answer was lost
    assert await other.refused("OauthAllow", request=name, scopes=[READ], term="YEAR") == "OAUTH_REQUEST_STALE"
    assert await other.refused("OauthRefuse", request=name) == "OAUTH_REQUEST_STALE"
    assert await went_on(other, name) == OVER_PAGE, "another's browser"
    assert await went_on(phone, name) == OVER_PAGE, "and whoever tried has used it up"
    name = await asked(phone, program.request())
    await phone.ask("OauthAllow", request=name, scopes=[READ], term="YEAR")
    assert "code" in answer_of(await went_on(phone, name))
    assert await went_on(phone, name) == OVER_PAGE, "once"
    assert await other.refused("OauthAllow", request="0" * 26, scopes=[READ], term="YEAR") == "OAUTH_REQUEST_STALE"
    nobody = program.served.phone()
    assert await nobody.refused("OauthAllow", request=name, scopes=[READ], term="YEAR") == "UNAUTHENTICATED"


async def test_of_consent_and_refusal_at_once_one_counts_and_nothing_is_left_of_the_other(program: Program) -> None:
    """Another browser refuses after what is asked for was read, before it is burnt."""
    phone, other = [await program.served.signed_in(new_number()) for _ in range(2)]
    burn = codes.burn
    tried: list[dict[str, Any]] = []

    async def late(line: Any, kind: str, code: str, by: dict[str, Any]) -> Any:
        if not tried:
            tried.append(by)
            await other.ask("OauthRefuse", request=name)
        return await burn(line, kind, code, by)
    name = await asked(phone, program.request())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(codes, "burn", late)
        assert await phone.refused("OauthAllow", request=name, scopes=[READ], term="YEAR") == "OAUTH_REQUEST_STALE"
    assert tried and (await phone.ask("ConsentGiven"))["edges"] == []
    assert answer_of(await went_on(other, name))["error"] == "access_denied"


async def test_a_form_is_a_form(program: Program) -> None:
    for body, type_ in ((b"grant_type=refresh_token", "application/json"), (b"a=1&a=2", "application/x-www-form-urlencoded"),
                        (b"a=" + b"x" * 20_000, "application/x-www-form-urlencoded"), (b"\xff\xfe", "text/plain"),
                        (b"&".join(b"p%d=1" % i for i in range(40)), "application/x-www-form-urlencoded")):
        answer = await program.http.post("/oauth/token", content=body, headers={"content-type": type_})
        assert (answer.status_code, await said(answer)) == (400, "invalid_request")
    for path in ("token", "revoke"):
        answer = await program.http.post(f"/oauth/{path}", content=b"a=" + b"x" * 100_000,
                                         headers={"content-type": "application/x-www-form-urlencoded"})
        assert answer.status_code == 413, "of what nobody sends so much is not read whole"


async def test_what_the_server_can_is_published(program: Program) -> None:
    """RFC 8414."""
    found = (await program.http.get("/.well-known/oauth-authorization-server")).json()
    assert found["issuer"] == program.served.platform.settings.public_origin
    assert {urlsplit(found[name]).path for name in ("authorization_endpoint", "token_endpoint", "revocation_endpoint")} == {
        "/oauth/authorize", "/oauth/token", "/oauth/revoke"}
    assert found["code_challenge_methods_supported"] == ["S256"] and found["authorization_response_iss_parameter_supported"]
    assert set(found["scopes_supported"]) == set(program.served.platform.registry.client_scopes)
    assert "onecode.code.show" not in found["scopes_supported"], "nobody but a person shows a person's code"
