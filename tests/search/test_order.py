"""What is found, and in which order, against a plain model: look at every entry, sort, cut."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio
from hypothesis import example, given, settings
from hypothesis import strategies as st

from haian.call import Call, Platform
from haian.reads import encode_cursor
from search import store
from search.models import Entry
from search.words import asked, fold, indexed, spellings, whole

KINDS = ["service", "place", "person"]
TOLD = st.text("东西医院王a1 ", max_size=12)
NAMED = st.text("东西医院王a1", min_size=1, max_size=9)
ENTRIES = st.lists(st.builds(lambda kind, title, detail, keywords: (kind, Entry("", title, None, detail, "/", keywords)),
                             st.sampled_from(KINDS), NAMED, TOLD, NAMED), max_size=40)
TEXTS = st.lists(st.text("东西医院王a1", min_size=1, max_size=6), min_size=1, max_size=3).map(" ".join)
TRIED = settings(max_examples=120)


@dataclass(frozen=True)
class Listed:
    """An entry that is kept, with its number."""

    kind: str
    entry: Entry
    number: int

    def rank(self, word: str) -> int | None:
        """How well it answers a word of the text; None where the word is not in it."""
        names, others, detail = [fold(self.entry.title)], [fold(self.entry.keywords)], fold(self.entry.detail)
        if not word.isascii():
            begins, has = names[0].startswith(word), word in names[0]
            elsewhere = word in others[0] or (len(word) > 1 and word in detail)
        else:
            begins = any(each.startswith(word) for each in whole(names[0]))
            has = any(each.startswith(word) for each in spellings(names[0]))
            elsewhere = any(each.startswith(word) for each in (*spellings(others[0]), *latin_runs(self.entry.detail)))
        return 0 if begins else 1 if has else 2 if elsewhere else None

    def key(self, text: str) -> tuple[int, int, int] | None:
        """Where it stands among the hits of a text."""
        words = [fold(word) for word in text.split()]
        if any(self.rank(word) is None for word in words):
            return None
        first = self.rank(words[0][:4])
        assert first is not None
        return first + 3 * (self.kind != "service"), len(self.entry.title), self.number


def latin_runs(detail: str) -> list[str]:
    return "".join(char if char.isascii() and char.isalnum() else " " for char in detail).split()


@pytest_asyncio.fixture
async def index(kernel: Platform) -> AsyncIterator[Platform]:
    """A product in whose index nothing is."""
    async with kernel.db.writing_as("search") as connection:
        await connection.execute("DELETE FROM search.entry")
    yield kernel
    async with kernel.db.writing_as("search") as connection:
        await connection.execute("DELETE FROM search.entry")


async def keep(platform: Platform, given: Sequence[tuple[str, Entry]]) -> list[Listed]:
    """Only these are in the index, called by their places in the list."""
    named = [(kind, replace(entry, id=str(n))) for n, (kind, entry) in enumerate(given)]
    async with platform.db.writing_as("search") as connection:
        for kind in KINDS:
            mine = [(entry, indexed(entry)) for each, entry in named if each == kind]
            await store.remove(connection, "noun", kind, [str(n) for n in range(40)])
            await store.keep(connection, "noun", kind, 1, mine)
        rows = await connection.fetch("SELECT id, number FROM search.entry")
    numbers = {row["id"]: row["number"] for row in rows}
    return [Listed(kind, entry, numbers[entry.id]) for kind, entry in named]


def expected(listed: Sequence[Listed], text: str, kinds: Sequence[str]) -> list[str]:
    keys = ((each.key(text), each) for each in listed if each.kind in kinds)
    return [each.entry.id for key, each in sorted(((key, each) for key, each in keys if key), key=lambda pair: pair[0])]


async def pages(platform: Platform, text: str, kinds: list[str] | None, size: int, backward: bool) -> list[str]:
    """The ids of all pages, one after the other."""
    found, wanted, at, call = [], asked(text), None, Call(platform)
    values = (wanted.grams, wanted.needles, wanted.lead, wanted.reach, KINDS, kinds, "zh")
    while True:
        read = store.find(*values, last=size, before=at) if backward else store.find(*values, first=size, after=at)
        rows = await call.rows(read)
        found += [row["id"].split(":")[2] for row in rows[:size]]
        if len(rows) <= size:
            return found
        at = encode_cursor(rows[size - 1]["cursor"])


@TRIED
@given(entries=ENTRIES, text=TEXTS, kinds=st.none() | st.lists(st.sampled_from(KINDS), max_size=3), size=st.integers(1, 6))
@example([("place", Entry("", "东西医院王" + "东" * n, None, "王1", "/", "a")) for n in range(1, 40)], "东西医院王", None, 2)
@example([("place", Entry("", "王" * (1 + n % 9), None, "", "/", "")) for n in range(30)]
         + [("place", Entry("", "西王" + "西" * n, None, "医院东", "/", "西王东")) for n in range(4)]
         + [("service", Entry("", "医院", None, "", "/", "东王")), ("place", Entry("", "医院", None, "王东", "/", "东"))]
         + [("place", Entry("", "王东", None, "", "/", ""))], "王 东", None, 1)
@example([("place", Entry("", "1", None, "东", "/", "1")), ("place", Entry("", "1", None, "", "/", "东"))], "1 东", None, 1)
async def test_every_page_is_that_of_the_model(
        index: Platform, entries: list[tuple[str, Entry]], text: str, kinds: list[str] | None, size: int) -> None:
    model = expected(await keep(index, entries), text, KINDS if kinds is None else kinds)
    assert await pages(index, text, kinds, size, backward=False) == model
    assert await pages(index, text, kinds, size, backward=True) == model[::-1]


@TRIED
@given(entries=ENTRIES, text=TEXTS)
async def test_kinds_are_counted_and_ordered_by_their_best(
        index: Platform, entries: list[tuple[str, Entry]], text: str) -> None:
    listed, wanted = await keep(index, entries), asked(text)
    rows = await Call(index).rows(store.kinds(wanted.grams, wanted.needles, wanted.lead, wanted.reach, KINDS))
    of_kind = {kind: [key for each in listed if each.kind == kind and (key := each.key(text))] for kind in KINDS}
    model = sorted((min(keys)[0], len(keys), kind) for kind, keys in of_kind.items() if keys)
    assert [(row["kind"], row["count"]) for row in rows] == [(kind, count) for _, count, kind in model]


@pytest.mark.parametrize("text", ["王", "王东", "王东西医院a", "王 东", "王 1"])
async def test_more_than_100_are_said_to_be_101(index: Platform, text: str) -> None:
    """Also where most of those that have the first word are no hits."""
    entries = [Entry(str(n), "王东西医院a1" if n % 9 == 0 else "王的", None, "", "/", "") for n in range(1000)]
    async with index.db.writing_as("search") as connection:
        await store.keep(connection, "noun", "place", 1, [(entry, indexed(entry)) for entry in entries])
    wanted = asked(text)
    rows = await Call(index).rows(store.kinds(wanted.grams, wanted.needles, wanted.lead, wanted.reach, KINDS))
    assert [(row["kind"], row["count"]) for row in rows] == [("place", 101)]


LISTS = """SELECT g, kind, search.rank(kind, heads, named, g), length(title)::int2, number
           FROM search.entry, unnest(grams) g"""


@TRIED
@given(before=ENTRIES, after=ENTRIES)
async def test_the_lists_follow_every_change(
        index: Platform, before: list[tuple[str, Entry]], after: list[tuple[str, Entry]]) -> None:
    """An entry may come, go, and change its name under the same id."""
    await keep(index, before)
    async with index.db.writing_as("search") as connection:
        for n, (kind, entry) in enumerate(after):
            await store.keep(connection, "noun", kind, 2, [(replace(entry, id=str(n)), indexed(entry))])
        await store.forget_nouns(connection, ["noun.service", "noun.person"])
    lists = await index.db.fetch("SELECT gram, kind, rank, size, number FROM search.posting")
    assert sorted(map(tuple, lists)) == sorted(map(tuple, await index.db.fetch(LISTS)))
    assert {row[1] for row in lists} <= {"service", "person"}
