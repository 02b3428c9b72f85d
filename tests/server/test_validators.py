"""What others may keep: answers that are the same for everybody, until they change."""

from __future__ import annotations

import httpx
import pytest
from tests.clients import DOCUMENTS, Phone, Served

PERSONAL = "no-store"


async def get(phone: Phone, name: str, **headers: str) -> httpx.Response:
    return await phone.http.get("/graphql", params={"documentId": DOCUMENTS[name].id}, headers=headers)


@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_a_shared_answer_may_be_kept_and_is_known_again(shared: Served, coding: str) -> None:
    first = await get(shared.phone(), "MessagesNews", **{"Accept-Encoding": coding})
    assert first.headers["cache-control"] == "public, max-age=10"
    assert "cookie" not in first.headers["vary"] and "set-cookie" not in first.headers
    assert first.headers["etag"].endswith('-gzip"') == (coding == "gzip")
    for who in (shared.phone(), await shared.signed_in("resident")):
        again = await get(who, "MessagesNews", **{
            "If-None-Match": f'"x", {first.headers["etag"]}', "Accept-Encoding": coding})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert again.headers["cache-control"] == "public, max-age=10"
        assert "content-length" not in again.headers
    other = await get(shared.phone(), "MessagesNews", **{"If-None-Match": '"x"'})
    assert (other.status_code, other.json()) == (200, first.json())


async def test_what_changed_has_another_validator(served: Served) -> None:
    """Nothing is kept by the server, so the next who asks sees the change."""
    before = await get(served.phone(), "MessagesNews")
    editor = await served.signed_in("editor")
    await editor.ask("MessagesPublishNews", topic="NOTICE", title="停水", body="明天上午停水。", key="0123456789")
    after = await get(served.phone(), "MessagesNews", **{"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["data"]["messagesNews"]["edges"][0]["node"]["title"] == "停水"


@pytest.mark.parametrize("name", ["IdentityViewer", "MessagesUnread", "HomeThings"])
async def test_a_personal_answer_is_kept_by_nobody(shared: Served, name: str) -> None:
    for phone in (shared.phone(), await shared.signed_in("resident")):
        answer = await get(phone, name)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, PERSONAL)
        assert "etag" not in answer.headers


async def test_nor_is_a_refusal_or_what_was_posted(shared: Served) -> None:
    phone = shared.phone()
    wrong = await phone.http.get("/graphql", params={"documentId": DOCUMENTS["HealthcareHospital"].id})
    assert wrong.json()["errors"]
    for answer in (wrong, await get(phone, "IdentityDevices"), await phone.send("HealthcareHospitals")):
        assert answer.headers["cache-control"] == PERSONAL
