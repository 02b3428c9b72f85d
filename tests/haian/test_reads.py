"""Declared reads: pages that stay put while rows come and go, cursors that break nothing, one statement for many."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from haian.call import Call, Platform
from haian.errors import InvalidArgument, InvalidCursor
from haian.fields import page
from haian.reads import FROM_TEXT, Keyset, bind, decode_cursor, encode_cursor, keyset, sql

START = datetime(2026, 11, 1, tzinfo=UTC)
FEW = settings(max_examples=25)


@keyset("at timestamptz", "id uuid")
def oldest_first(citizen: UUID) -> Any:
    "SELECT * FROM messages.message WHERE citizen_id = {citizen}"


@keyset("at timestamptz", "id uuid", descending=True)
def newest_first(citizen: UUID) -> Any:
    "SELECT * FROM messages.message WHERE citizen_id = {citizen}"


@keyset("n int8", "t text")
def numbers(most: int) -> Any:
    "SELECT n % 7 AS n, n::text AS t FROM generate_series(1, {most}) n"


async def add(platform: Platform, citizen: UUID, minutes: Sequence[int]) -> list[tuple[datetime, UUID]]:
    """Messages of a citizen, each so many minutes after the start."""
    rows = [(START + timedelta(minutes=minute), uuid4()) for minute in minutes]
    async with platform.db.writing_as("messages") as connection:
        await connection.executemany("INSERT INTO messages.message (id, citizen_id, type, payload, at) "
                                     "VALUES ($1, $2, 'a', '{}', $3)", [(id_, citizen, at) for at, id_ in rows])
    return rows


async def page_of(call: Call, read: Any) -> tuple[list[UUID], str | None, bool]:
    """The ids of a page, where the next one begins, and whether there is one."""
    rows = await call.rows(read)
    asked = dict(zip(read.fragment.types, read.values, strict=True))
    shown = rows[:asked["first"] - 1]
    return [row["id"] for row in shown], encode_cursor(shown[-1]["cursor"]) if shown else None, len(rows) > len(shown)


async def all_pages(call: Call, pages: Keyset, citizen: UUID, size: int) -> list[UUID]:
    found: list[UUID] = []
    after, more = None, True
    while more:
        ids, after, more = await page_of(call, pages(citizen, first=size, after=after))
        found += ids
    return found


@FEW
@given(minutes=st.lists(st.integers(0, 5), max_size=12), size=st.integers(1, 5), descending=st.booleans())
async def test_pages_hold_every_row_once_in_order(kernel: Platform, minutes: list[int], size: int, descending: bool) -> None:
    """Against a plain model: sort, cut. Equal times are the rule, not the exception."""
    citizen = uuid4()
    rows = await add(kernel, citizen, minutes)
    pages = newest_first if descending else oldest_first
    expected = [id_ for _, id_ in sorted(rows, reverse=descending)]
    assert await all_pages(Call(kernel), pages, citizen, size) == expected


async def test_a_page_stays_put_while_rows_come_before_it(kernel: Platform) -> None:
    citizen, call = uuid4(), Call(kernel)
    rows = await add(kernel, citizen, range(10))
    newest = [id_ for _, id_ in sorted(rows, reverse=True)]
    first, after, _ = await page_of(call, newest_first(citizen, first=4))
    await add(kernel, citizen, range(20, 30))
    second, after, _ = await page_of(call, newest_first(citizen, first=4, after=after))
    assert first + second == newest[:8]
    async with kernel.db.writing_as("messages") as connection:
        await connection.execute("DELETE FROM messages.message WHERE id = $1", second[-1])
    third, _, more = await page_of(call, newest_first(citizen, first=4, after=after))
    assert (third, more) == (newest[8:], False)


async def test_a_page_says_whether_there_is_another(kernel: Platform) -> None:
    citizen = uuid4()
    await add(kernel, citizen, range(4))
    for size, more in ((3, True), (4, False), (5, False)):
        assert (await page_of(Call(kernel), oldest_first(citizen, first=size)))[2] is more


@pytest.mark.parametrize("first", [-1, 101, 2**31])
def test_a_page_has_up_to_100_rows(first: int) -> None:
    with pytest.raises(InvalidArgument):
        newest_first(uuid4(), first=first)


GARBAGE = ["", "x", "====", "W10=", base64.urlsafe_b64encode(b"[1, 2]").decode(),
           base64.urlsafe_b64encode(b'{"a": 1}').decode(),
           base64.urlsafe_b64encode(b'["2026-11-22 10:00:00", "x"]').decode(),
           "\u4f60\u597d", "\ud800", "A" * 60_000,
           base64.urlsafe_b64encode(b"[" * 45_000).decode()]


@pytest.mark.parametrize("cursor", GARBAGE, ids=range(len(GARBAGE)))
def test_a_cursor_that_we_did_not_give_out_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        newest_first(uuid4(), first=1, after=cursor)


KEYS = st.one_of(st.text(), st.integers().map(str), st.datetimes().map(str), st.datetimes().map(lambda at: f"{at}+14:00"),
                 st.uuids().map(str), st.floats().map(str), st.dates().map(str))


@settings(max_examples=300)
@given(keys=st.lists(KEYS, max_size=3), types=st.lists(st.sampled_from(sorted(FROM_TEXT)), min_size=1, max_size=3))
def test_a_forged_cursor_is_keys_or_a_refusal(keys: list[str], types: list[str]) -> None:
    cursor = encode_cursor(json.dumps(keys))
    with contextlib.suppress(InvalidCursor):
        assert len(decode_cursor(cursor, types)) == len(types)


@FEW
@given(number=st.integers().map(str), text=KEYS)
@example(number="9" * 30, text="x")
@example(number="1", text="a\x00b")
async def test_a_forged_cursor_never_makes_the_database_fail(kernel: Platform, number: str, text: str) -> None:
    """Whatever passes as keys can be asked for."""
    try:
        read = numbers(50, first=5, after=encode_cursor(json.dumps([number, text])))
    except (InvalidCursor, UnicodeEncodeError):
        return
    await Call(kernel).rows(read)
    assert number != "9" * 30 and "\x00" not in text, "refused before it is asked for"


@FEW
@given(at=KEYS)
@example(at="0001-01-01 00:00:00+14:00")
@example(at="9999-12-31 23:59:59-14:00")
async def test_a_forged_time_never_makes_the_database_fail(kernel: Platform, at: str) -> None:
    try:
        read = newest_first(uuid4(), first=5, after=encode_cursor(json.dumps([at, str(uuid4())])))
    except (InvalidCursor, UnicodeEncodeError):
        return
    await Call(kernel).rows(read)


class Statements:
    """The statements that reached PostgreSQL."""

    def __init__(self, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
        self.all: list[str] = []
        fetch = platform.db.fetch

        async def counted(statement: str, *values: Any) -> Any:
            self.all.append(statement)
            return await fetch(statement, *values)
        monkeypatch.setattr(platform.db, "fetch", counted)


@sql
def messages_of(citizen: UUID) -> Any:
    "SELECT * FROM messages.message WHERE citizen_id = {citizen} ORDER BY at, id"


@sql
def how_many(citizen: UUID | None) -> Any:
    "(SELECT count(*) FROM messages.message WHERE citizen_id = {citizen})"


@sql
def is_me(citizen: UUID) -> Any:
    "{citizen} = {viewer}"


@sql
def named(names: list[str]) -> Any:
    "SELECT n FROM unnest({names}) n ORDER BY n"


async def test_what_is_asked_for_together_is_one_statement(kernel: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    citizens = [uuid4() for _ in range(20)]
    expected = [[id_ for _, id_ in await add(kernel, citizen, range(number))] for number, citizen in enumerate(citizens)]
    counted, call = Statements(kernel, monkeypatch), Call(kernel)
    found = await asyncio.gather(*(call.rows(messages_of(citizen)) for citizen in citizens))
    assert [[row["id"] for row in rows] for rows in found] == expected
    assert len(counted.all) == 1
    assert await asyncio.gather(*(call.value(how_many(citizen)) for citizen in citizens)) == list(range(20))
    assert len(counted.all) == 2


async def test_what_is_asked_for_twice_is_read_once(kernel: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    counted, call, citizen = Statements(kernel, monkeypatch), Call(kernel), uuid4()
    await asyncio.gather(*(call.rows(messages_of(citizen)) for _ in range(5)))
    await call.rows(messages_of(citizen))
    assert len(counted.all) == 1


async def test_a_read_after_a_write_sees_what_was_written(kernel: Platform) -> None:
    call, citizen = Call(kernel), uuid4()
    assert await call.value(how_many(citizen)) == 0
    async with call.writing("messages") as tx:
        await tx.value("INSERT INTO messages.message (id, citizen_id, type, payload, at) VALUES ($1, $2, 'a', '{}', $3)",
                       uuid4(), citizen, tx.now)
    assert await call.value(how_many(citizen)) == 1


async def test_none_is_no_row_and_lists_are_read_alone(kernel: Platform) -> None:
    call = Call(kernel)
    assert await asyncio.gather(*(call.value(how_many(who)) for who in (None, uuid4()))) == [0, 0]
    found = await asyncio.gather(call.rows(named(["b", "a"])), call.rows(named([])))
    assert [[row["n"] for row in rows] for rows in found] == [["a", "b"], []]


async def test_nobody_is_equal_to_nobody(kernel: Platform) -> None:
    """NULL denies: who is not signed in is not the citizen of any row."""
    found = await asyncio.gather(*(Call(kernel).value(is_me(uuid4())) for _ in range(2)))
    assert found == [None, None]


async def test_a_page_of_none_has_no_cursors(kernel: Platform) -> None:
    shown = await page(Call(kernel), newest_first(uuid4(), first=5), None, None)
    assert (shown.edges, shown.page_info.has_next_page, shown.page_info.end_cursor) == ([], False, None)


def test_a_fragment_names_only_its_parameters() -> None:
    def wrong(id: UUID) -> Any:
        "SELECT {di}"
    with pytest.raises(TypeError, match="no parameter di"):
        sql(wrong)


class Colour(Enum):
    RED = "red"


def test_values_are_bound_as_the_driver_wants_them() -> None:
    id_ = uuid4()
    assert bind("id", "uuid", str(id_)) == id_
    assert bind("colour", "text", Colour.RED) == "red"
    for type_, value in (("uuid", "x"), ("text", "a\x00b"), ("int8", 2**63), ("int8", -2**63 - 1)):
        with pytest.raises(InvalidArgument):
            bind("it", type_, value)
