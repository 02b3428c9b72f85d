"""Searching a served product, and how its index is fed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.clients import Phone, Served

from haian.call import Platform
from haian.demo import ACCOUNTS, demo_id
from haian.ids import new_id
from haian.outbox import tell
from haian.reads import sql
from haian.registry import Event, MiniApp, Providers, Registry, SearchSource
from haian.transaction import statement_of
from search import service, store
from search.words import asked, fold

Work = Callable[[], Awaitable[None]]
NEWS = {"topic": "NOTICE", "title": "唐岛湾步道夜间维护", "body": "本周三夜间维护，请绕行。", "key": "0123456789"}


@pytest.fixture
async def phone(served: Served) -> Phone:
    """A phone on which nobody is signed in; everything is indexed."""
    await service.refresh(served.platform)
    return served.phone()


async def titles(phone: Phone, text: str, **variables: Any) -> list[str]:
    return [edge["node"]["title"] for edge in (await phone.ask("SearchFind", text=text, **variables))["edges"]]


async def indexed(platform: Platform) -> list[asyncpg.Record]:
    return list(await platform.db.fetch("SELECT * FROM search.entry ORDER BY noun, kind, id"))


async def test_two_characters_find_news_and_services_before_anybody_signs_in(phone: Phone) -> None:
    assert "冬季流感疫苗开始接种" in await titles(phone, "疫苗")
    assert "冬季流感疫苗开始接种" in await titles(phone, "yimiao")
    assert (await titles(phone, "公告"))[0] == "公告"


async def test_services_come_first_and_are_found_by_their_other_names(phone: Phone) -> None:
    hits = (await phone.ask("SearchFind", text="通知"))["edges"]
    assert hits[0]["node"] == {"id": "messages:service:news", "app": "messages", "kind": "service", "title": "公告",
                               "detail": "", "link": "/news"}
    assert {hit["node"]["kind"] for hit in hits[1:]} >= {"news"}


async def test_english_finds_and_shows_english(served: Served, phone: Phone) -> None:
    assert (await titles(served.phone("en"), "new"))[0] == "News"
    assert (await titles(phone, "new"))[0] == "公告"


async def test_kinds_are_counted_and_can_be_chosen(phone: Phone) -> None:
    counted = {kind["kind"]: kind["count"] for kind in await phone.ask("SearchKinds", text="通知")}
    assert counted["service"] >= 1
    kinds = await phone.ask("SearchKinds", text="通知")
    first = [[edge["node"]["title"] for edge in kind["hits"]["edges"]] for kind in kinds]
    assert "公告" in first[0]
    assert all(1 <= len(hits) <= 3 for hits in first)
    assert len(await titles(phone, "通知", kinds=["news"], first=100)) == counted["news"]
    assert await titles(phone, "通知", kinds=["none", "\U0001f600"]) == []


async def test_pages_follow_each_other_without_a_gap(phone: Phone) -> None:
    whole = await titles(phone, "演示", first=100)
    paged: list[str] = []
    after = None
    while True:
        page = await phone.ask("SearchFind", text="演示", first=2, after=after)
        paged += [edge["node"]["title"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(whole) >= 5
    assert paged == whole


@pytest.mark.parametrize("text", ["", "  ", "长" * 51])
async def test_a_text_has_1_to_50_characters(phone: Phone, text: str) -> None:
    assert await phone.refused("SearchFind", text=text) == "SEARCH_TEXT_INVALID"
    assert await phone.refused("SearchKinds", text=text) == "SEARCH_TEXT_INVALID"


async def test_what_makes_no_sense_is_refused_with_its_code(phone: Phone) -> None:
    assert await phone.refused("SearchFind", text="公告", kinds=["\x00"]) == "INVALID_ARGUMENT"
    assert await phone.refused("SearchFind", text="公告", after="nonsense") == "INVALID_CURSOR"
    assert await phone.refused("SearchFind", text="公告", first=1000) == "INVALID_ARGUMENT"


async def test_any_text_has_an_answer(phone: Phone) -> None:
    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.text(min_size=1, max_size=50), min_size=5, max_size=5))
    def collect(texts: list[str]) -> None:
        tried.extend(texts)

    tried: list[str] = ["%", "_", "\\", "~", "~gong", "\n", "\x00", "{}", "$1", "'", "‮", "﷽" * 50, "👨‍👩‍👧"]
    collect()
    for text in dict.fromkeys(tried):
        answer = (await phone.send("SearchFind", text=text)).json()
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= {"SEARCH_TEXT_INVALID"}, (text, codes)
        if not fold(text) and not codes:
            assert answer["data"]["searchFind"]["edges"] == []


async def test_every_indexed_title_is_found_by_each_two_of_its_characters(platform: Platform, phone: Phone) -> None:
    for entry in (await indexed(platform))[:60]:
        for i in range(len(entry["title"]) - 1):
            pair = entry["title"][i:i + 2]
            if not fold(pair):
                continue
            found = asked(pair)
            rows = await platform.db.fetch(*statement_of(store.find(
                found.grams, found.needles, found.lead, found.reach, [entry["kind"]], None, "zh", first=100), None, None))
            assert len(rows) > 100 or entry["title"] in [row["title"] for row in rows], pair


async def test_hints_are_the_same_for_everybody_and_are_found(served: Served, phone: Phone) -> None:
    hints = await phone.ask("SearchHints")
    assert len(set(hints)) == len(hints) > 4
    assert await (await served.signed_in("resident")).ask("SearchHints") == hints
    for hint in hints:
        assert hint in await titles(phone, hint, first=100)


async def test_news_is_found_when_it_is_published_and_no_more_when_withdrawn(
        served: Served, phone: Phone, worker: Work) -> None:
    editor = await served.signed_in("editor")
    news = await editor.ask("MessagesPublishNews", **NEWS)
    assert await titles(phone, "唐岛湾步道") == []
    await worker()
    assert await titles(phone, "唐岛湾步道") == [NEWS["title"]]
    await editor.ask("MessagesWithdrawNews", id=news["id"])
    await worker()
    assert await titles(phone, "唐岛湾步道") == []


async def test_an_event_told_twice_changes_nothing(served: Served, phone: Phone, worker: Work) -> None:
    before = await indexed(served.platform)
    for _ in range(2):
        await tell(served.platform, Event(new_id(), "messages.news_published", None, {"id": str(new_id())},
                                           served.platform.clock.now()))
    assert await indexed(served.platform) == before


async def test_refreshing_writes_only_what_differs(platform: Platform, phone: Phone) -> None:
    stamps = "SELECT id, xmin::text FROM search.entry ORDER BY id"
    before = await platform.db.fetch(stamps)
    await service.refresh(platform)
    assert await platform.db.fetch(stamps) == before


def with_source(platform: Platform, *sources: SearchSource) -> Platform:
    """The platform with search sources of this test beside its own."""
    app = MiniApp("messages")
    app.__dict__["providers"] = Providers(search=sources)
    return replace(platform, registry=Registry([app]))


@sql
def three_things() -> Any:
    """SELECT * FROM (VALUES ('thing', '1', '海边图书馆', NULL, '/things?id=1'),
                             ('thing', '2', '坏链接', '', '//evil.example/'),
                             ('thing', '3', '脚本', '', 'javascript:alert(1)')) v(kind, id, title, detail, link)"""


@sql
def nothing_works() -> Any:
    "SELECT 'thing' AS kind, (1 / 0)::text AS id, '' AS title, '' AS detail, '' AS link"


async def test_links_lead_to_our_own_pages_only(platform: Platform, phone: Phone) -> None:
    await service.refresh(with_source(platform, SearchSource("thing", three_things)))
    assert [row["title"] for row in await indexed(platform)] == ["海边图书馆"]


async def test_a_source_that_fails_keeps_no_other_from_the_index(platform: Platform, phone: Phone) -> None:
    await service.refresh(with_source(platform, SearchSource("broken", nothing_works), SearchSource("thing", three_things)))
    assert [row["title"] for row in await indexed(platform)] == ["海边图书馆"]


async def test_what_is_offered_no_more_is_found_no_more(platform: Platform, phone: Phone) -> None:
    assert await titles(phone, "公告")
    await service.refresh(with_source(platform))
    assert await titles(phone, "公告") == []


async def test_nothing_personal_is_in_the_index(platform: Platform, phone: Phone) -> None:
    """Nothing that leads to an account; nor anything of a citizen, since sources are read as nobody."""
    words = [word for account in ACCOUNTS for word in (account.phone, str(demo_id(f"citizen:{account.key}")))]
    for row in await indexed(platform):
        text = f"{row['title']} {row['detail']} {row['keywords']} {row['link']}"
        assert not [word for word in words if word in text], text
    for _, source in platform.registry.search_sources:
        assert "{viewer}" not in (source.rows().fragment.render(lambda name: "{" + name + "}"))


async def test_what_is_looked_for_is_kept_nowhere(
        served: Served, phone: Phone, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "丙型肝炎门诊"
    resident = await served.signed_in("resident")
    await resident.ask("SearchFind", text=secret)
    await resident.ask("SearchKinds", text=secret)
    await served.phone().refused("SearchFind", text=secret + "长" * 50)
    output = capsys.readouterr()
    assert secret not in caplog.text + output.out + output.err
    found = {key: await served.platform.redis.get(key) async for key in served.platform.redis.scan_iter("*search*")}
    assert all(key.startswith(b"haian:rate:") for key in found), "how often, and not what"
    assert all(float(value) for value in found.values() if value is not None), "it may have run out since"
    assert not [key async for key in served.platform.redis.scan_iter("*") if secret.encode() in key]
    tables = await served.platform.db.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'search'")
    assert {row["tablename"] for row in tables} == {"entry", "posting"}
