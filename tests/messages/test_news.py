"""公告: written by the district's news editors, read by everybody."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from tests.clients import Served


def piece(**changes: Any) -> dict[str, Any]:
    return {"topic": "NOTICE", "title": "停水通知", "body": "今晚 22 点起停水。", "key": str(uuid4())} | changes


async def test_an_editor_publishes_and_everybody_reads(served: Served) -> None:
    editor = await served.signed_in("editor")
    made = await editor.ask("MessagesPublishNews", **piece(street="370211005"))
    assert made["street"] == {"code": "370211005", "name": "长江路街道"}
    reader = served.phone()
    assert (await reader.ask("MessagesOneNews", id=made["id"]))["body"] == "今晚 22 点起停水。"
    first = (await reader.ask("MessagesNews", street="370211005"))["edges"][0]["node"]
    assert first["id"] == made["id"]
    assert made["id"] not in str(await reader.ask("MessagesNews", street="370211007"))


async def test_two_taps_publish_one_piece(served: Served) -> None:
    editor, given = await served.signed_in("editor"), piece()
    made = await asyncio.gather(*(editor.ask("MessagesPublishNews", **given) for _ in range(4)))
    assert len({news["id"] for news in made}) == 1
    assert await editor.refused("MessagesPublishNews", **given | {"title": "另一条"}) == "IDEMPOTENCY_KEY_REUSED"


async def test_nobody_else_publishes_or_takes_back(served: Served) -> None:
    editor, resident = await served.signed_in("editor"), await served.signed_in("resident")
    made = await editor.ask("MessagesPublishNews", **piece())
    assert await resident.refused("MessagesPublishNews", **piece()) == "FORBIDDEN"
    assert await resident.refused("MessagesWithdrawNews", id=made["id"]) == "FORBIDDEN"
    assert await served.phone().refused("MessagesWithdrawNews", id=made["id"]) == "UNAUTHENTICATED"
    assert await editor.ask("MessagesWithdrawNews", id=made["id"]) is True
    assert await served.phone().ask("MessagesOneNews", id=made["id"]) is None
    assert await editor.refused("MessagesWithdrawNews", id=made["id"]) == "NOT_FOUND"


@pytest.mark.parametrize("wrong", [{"title": "短"}, {"title": "长" * 81}, {"body": " "}, {"body": "a\u0000b"},
                                   {"street": "370211005001"}, {"street": "x"}], ids=str)
async def test_what_is_no_news_is_refused(served: Served, wrong: dict[str, Any]) -> None:
    editor = await served.signed_in("editor")
    assert await editor.refused("MessagesPublishNews", **piece(**wrong)) == "MESSAGES_NEWS_INVALID"


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "a\u0000bcdefgh"], ids=repr)
async def test_a_key_has_8_to_64_characters(served: Served, key: str) -> None:
    editor = await served.signed_in("editor")
    assert await editor.refused("MessagesPublishNews", **piece(key=key)) == "INVALID_ARGUMENT"
