"""公告: who writes it, who reads it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from tests.clients import Phone, Served

STREET, OTHER = "370211005", "370211007"


def news(**given: Any) -> dict[str, Any]:
    whole = {"topic": "NOTICE", "title": "唐岛湾步道夜间维护", "body": "本周三夜间维护，请绕行。", "key": str(uuid4())}
    return whole | given


async def titles(phone: Phone, **variables: Any) -> list[str]:
    return [edge["node"]["title"] for edge in (await phone.ask("MessagesNews", first=50, **variables))["edges"]]


async def test_everybody_reads_what_an_editor_published(served: Served) -> None:
    made = await (await served.signed_in("editor")).ask("MessagesPublishNews", **news())
    reader = served.phone()
    assert (await titles(reader))[0] == "唐岛湾步道夜间维护"
    whole = await reader.ask("MessagesOneNews", id=made["id"])
    assert (whole["body"], whole["topic"], whole["street"]) == ("本周三夜间维护，请绕行。", "NOTICE", None)
    assert whole["office"]["name"] == "青岛西海岸新区管委会（演示）"


@pytest.mark.parametrize("who", ["resident", "teacher", "guard", "developer"])
async def test_only_an_editor_writes(served: Served, who: str) -> None:
    phone = await served.signed_in(who)
    assert await phone.refused("MessagesPublishNews", **news()) == "FORBIDDEN"
    assert await phone.refused("MessagesWithdrawNews", id=str(uuid4())) == "FORBIDDEN"


async def test_nobody_writes_unsigned(served: Served) -> None:
    assert await served.phone().refused("MessagesPublishNews", **news()) == "UNAUTHENTICATED"


async def test_news_of_a_street_is_for_that_street(served: Served) -> None:
    editor = await served.signed_in("editor")
    made = await editor.ask("MessagesPublishNews", **news(street=STREET))
    assert made["street"]["code"] == STREET
    assert made["title"] in await titles(editor, street=STREET)
    assert made["title"] not in await titles(editor, street=OTHER)
    assert made["title"] in await titles(editor)


async def test_withdrawn_news_is_gone(served: Served) -> None:
    editor = await served.signed_in("editor")
    made = await editor.ask("MessagesPublishNews", **news())
    assert await editor.ask("MessagesWithdrawNews", id=made["id"]) is True
    assert made["title"] not in await titles(editor)
    assert await served.phone().ask("MessagesOneNews", id=made["id"]) is None
    assert await editor.refused("MessagesWithdrawNews", id=made["id"]) == "NOT_FOUND"


async def test_a_key_publishes_once_however_often_it_is_tapped(served: Served) -> None:
    editor = await served.signed_in("editor")
    given = news()
    answers = await asyncio.gather(*(editor.ask("MessagesPublishNews", **given) for _ in range(5)))
    assert len({answer["id"] for answer in answers}) == 1
    assert (await titles(editor)).count(given["title"]) == 1
    assert await editor.refused("MessagesPublishNews", **given | {"title": "另一条公告"}) == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize("wrong", [
    {"title": "短"}, {"title": "长" * 81}, {"title": " \n "}, {"body": "短"}, {"body": "长" * 5001}, {"title": "空\x00字符"},
    {"street": "370211005001"}, {"street": "110101001"}, {"street": "x"}, {"street": "\x00"},
], ids=str)  # fmt: skip
async def test_what_is_no_news_is_refused_with_its_code(served: Served, wrong: dict[str, str]) -> None:
    editor = await served.signed_in("editor")
    assert await editor.refused("MessagesPublishNews", **news(**wrong)) == "MESSAGES_NEWS_INVALID"


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "\x00" * 8])
async def test_a_key_has_8_to_64_characters(served: Served, key: str) -> None:
    editor = await served.signed_in("editor")
    assert await editor.refused("MessagesPublishNews", **news(key=key)) == "INVALID_ARGUMENT"


async def test_a_title_is_one_line(served: Served) -> None:
    made = await (await served.signed_in("editor")).ask("MessagesPublishNews", **news(title="  今晚\n停水  通知 "))
    assert made["title"] == "今晚 停水 通知"


async def test_what_is_published_and_withdrawn_is_in_the_ledger(served: Served) -> None:
    editor = await served.signed_in("editor")
    made = await editor.ask("MessagesPublishNews", **news())
    await editor.ask("MessagesWithdrawNews", id=made["id"])
    entries = [edge["node"]["action"] for edge in (await editor.ask("ConsentLedger"))["edges"]]
    assert entries[:2] == ["NEWS_WITHDRAWN", "NEWS_PUBLISHED"]


async def test_reading_nonsense_is_no_error_of_ours(served: Served) -> None:
    reader = served.phone()
    assert await reader.refused("MessagesOneNews", id="nonsense") == "INVALID_ARGUMENT"
    assert await reader.refused("MessagesNews", street="\x00") == "INVALID_ARGUMENT"
    assert len(await titles(reader, street="nonsense")) > 0
