"""A client is registered by a developer, approved by another pair of eyes, and ended at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from tests.clients import Phone, Served, new_number
from tests.oauth.program import CLIENT, READ, Program

from haian.demo import demo_id
from oauth import granting
from oauth.registering import MOST_CLIENTS, is_sound

STUDIO = str(demo_id("organisation:studio"))


async def register(developer: Phone, **changed: Any) -> Any:
    given = {"organisation": STUDIO, "nameZh": "看海小程序", "nameEn": "Sea view", "redirects": ["http://127.0.0.1/callback"],
             "scopes": [READ], "key": str(uuid4())} | changed
    return await developer.ask("OauthRegister", **given)


async def refused(developer: Phone, **changed: Any) -> str:
    given = {"organisation": STUDIO, "nameZh": "看海小程序", "nameEn": "Sea view", "redirects": ["https://sea.example/x"],
             "scopes": [READ], "key": str(uuid4())} | changed
    return await developer.refused("OauthRegister", **given)


async def standing(developer: Phone, client: str) -> str:
    mine = (await developer.ask("OauthMine"))["oauthMine"]["edges"]
    return next(str(edge["node"]["standing"]) for edge in mine if edge["node"]["id"] == client)


async def test_a_client_lives_from_its_approval_to_its_end_and_all_see_it(
        served: Served, worker: Callable[[], Awaitable[None]]) -> None:
    developer, manager = await served.signed_in("developer"), await served.signed_in("manager")
    client = (await register(developer))["id"]
    program = Program(served, client)
    wrong = {"accept-language": "zh"}
    assert (await program.http.get(program.request(), headers=wrong)).headers["location"] == "/authorize?wrong=1"
    waiting = [edge["node"] for edge in (await manager.ask("OauthWaiting"))["edges"]]
    assert [(each["id"], each["organisation"], each["titles"]) for each in waiting] == [
        (client, "海风小程序工作室（演示）", ["看车位预约"])]
    assert (await manager.ask("OauthDecide", id=client, agree=True))["standing"] == "LIVE"
    phone = await served.signed_in(new_number())
    await program.connect(phone)
    assert "edges" in await program.by_access().ask("ParkingBookings")
    assert (await developer.ask("OauthEnd", id=client, reason="有漏洞，先停用"))["standing"] == "ENDED"
    assert await program.by_access().refused("ParkingBookings") == "UNAUTHENTICATED"
    await worker()
    assert [each["isClient"] for each in await phone.ask("IdentityDevices")] == [False]
    assert (await phone.ask("ConsentGiven"))["edges"] == []
    titles = {edge["node"]["title"] for edge in (await developer.ask("MessagesInbox"))["messagesInbox"]["edges"]}
    assert {"小程序已上线", "小程序已停用"} <= titles
    done = {edge["node"]["action"] for edge in (await developer.ask("ConsentLedger"))["edges"]}
    assert {"CLIENT_REGISTERED", "CLIENT_APPROVED", "CLIENT_ENDED"} <= done
    assert await manager.refused("OauthDecide", id=client, agree=True) == "OAUTH_CLIENT_OVER", "it is over for good"


async def test_it_goes_from_the_devices_of_many_by_and_by(
        served: Served, worker: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(granting, "A_TURN", 2)
    phones = [await served.signed_in(new_number()) for _ in range(5)]
    for phone in phones:
        await Program(served).connect(phone)
    developer = await served.signed_in("developer")
    await developer.ask("OauthEnd", id=CLIENT, reason="有漏洞，先停用")
    await worker()
    assert [[each["isClient"] for each in await phone.ask("IdentityDevices")] for phone in phones] == [[False]] * 5


async def test_four_eyes_see_it(served: Served) -> None:
    """Whoever registered it does not approve it, whatever posts they hold; nor does the manager of another place."""
    developer, manager = await served.signed_in("developer"), await served.signed_in("manager")
    client = (await register(developer))["id"]
    async with served.platform.db.writing_as("staff") as connection:
        await connection.execute("""INSERT INTO staff.membership (citizen_id, organisation_id, role, place, during)
            VALUES ($1, $2, 'manager', '', tstzrange($4, NULL)), ($3, $2, 'manager', '', tstzrange($4, NULL))""",
            demo_id("citizen:developer"), demo_id("organisation:district"), demo_id("citizen:resident"),
            served.platform.clock.now())
        await connection.execute("""INSERT INTO staff.membership (citizen_id, organisation_id, role, place, during)
            VALUES ($1, $2, 'manager', '', tstzrange($3, NULL))""",
            demo_id("citizen:clerk"), demo_id("organisation:property"), served.platform.clock.now())
    assert await developer.refused("OauthDecide", id=client, agree=True) == "OAUTH_CLIENT_OVER"
    assert (await developer.ask("OauthWaiting"))["edges"] == []
    elsewhere = await served.signed_in("clerk")
    assert await elsewhere.refused("OauthDecide", id=client, agree=True) == "FORBIDDEN"
    assert (await elsewhere.ask("OauthWaiting"))["edges"] == (await elsewhere.ask("OauthClients"))["edges"] == []
    assert await elsewhere.refused("OauthEnd", id=client, reason="不需要了") == "OAUTH_CLIENT_OVER"
    assert await manager.refused("OauthDecide", id=client, agree=False, reason=" ") == "OAUTH_REASON_MISSING"
    assert (await manager.ask("OauthDecide", id=client, agree=False, reason="名称和单位不符"))["standing"] == "REFUSED"
    assert await standing(developer, client) == "REFUSED"
    resident = await served.signed_in("resident")
    assert await resident.refused("OauthDecide", id=client, agree=True) == "OAUTH_CLIENT_OVER"


async def test_only_what_makes_sense_is_registered_and_only_by_its_developers(served: Served) -> None:
    developer, elder = await served.signed_in("developer"), await served.signed_in("elder")
    assert await refused(elder) == "FORBIDDEN"
    assert await refused(developer, organisation=str(demo_id("organisation:district"))) == "FORBIDDEN"
    for changed, code in (({"nameZh": "x"}, "OAUTH_NAME_WRONG"), ({"nameZh": "长" * 21}, "OAUTH_NAME_WRONG"),
                          ({"nameEn": "a\u202eb"}, "OAUTH_NAME_WRONG"), ({"redirects": []}, "OAUTH_REDIRECT_WRONG"),
                          ({"redirects": ["https://a.example/x", "javascript:alert(1)"]}, "OAUTH_REDIRECT_WRONG"),
                          ({"scopes": []}, "INVALID_ARGUMENT"), ({"scopes": ["identity.devices.read"]}, "INVALID_ARGUMENT"),
                          ({"scopes": [READ, "onecode.code.show"]}, "INVALID_ARGUMENT")):
        assert await refused(developer, **changed) == code, changed
    key = str(uuid4())
    first = await register(developer, key=key)
    assert (await register(developer, key=key))["id"] == first["id"]
    async with served.platform.db.writing_as("oauth") as connection:
        await connection.execute("""
            INSERT INTO oauth.client (name_zh, name_en, organisation_id, redirects, scopes, registered_at)
            SELECT name_zh, name_en, organisation_id, redirects, scopes, registered_at
            FROM oauth.client, generate_series(1, $1) WHERE id = $2""", MOST_CLIENTS - 2, first["id"])
    assert await refused(developer) == "OAUTH_TOO_MANY"


@pytest.mark.parametrize("redirect", [
    "https://a.example/x", "https://a.example:8443/x?y=1", "http://127.0.0.1/x", "http://[::1]/x",
    "com.example.app:/callback"])
def test_an_address_is_sound(redirect: str) -> None:
    assert is_sound(redirect)


@pytest.mark.parametrize("redirect", [
    "", "x", "http://a.example/x", "http://127.0.0.1:80/x", "http://localhost/x", "https://u@a.example/x",
    "https://a.example/#x",
    "https://a.example/\\x", "https://a.example/ x", "https:///x", "https://localhost/x", "javascript:alert(1)",
    "app:/callback", "data.x:text", "com.example.app://host/x", "https://例子.example/x",
    "https://a.example:port/x", "https://a.example/" + "x" * 300])
def test_an_address_is_not_sound(redirect: str) -> None:
    assert not is_sound(redirect)
