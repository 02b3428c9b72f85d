"""A field is retired on a day that its reason says; nobody who is trusted asks for it any more from that day on."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated

import pytest
import strawberry

from gateway.composition import compose
from gateway.deprecation import day_of, found_in
from gateway.documents import Documents, Operation
from haian.clock import Clock
from server.apps import registry


@strawberry.enum
class Size(Enum):
    SMALL = "small"
    HUGE = strawberry.enum_value("huge", deprecation_reason="2027-03-01: use SMALL")


@strawberry.input
class Wish:
    size: Size | None = None
    colour: str | None = strawberry.field(default=None, deprecation_reason="2027-04-01: use size")


@strawberry.type
class Query:
    @strawberry.field
    def new(self, size: Size | None = None, wish: Wish | None = None, old: Annotated[int | None, strawberry.argument(
            deprecation_reason="2027-05-01: it is not read")] = None) -> int:
        return 1

    @strawberry.field(deprecation_reason="2027-06-01: use new")
    def old(self) -> int:
        return 1


@strawberry.type
class Undated:
    @strawberry.field(deprecation_reason="soon")
    def old(self) -> int:
        return 1


SCHEMA = strawberry.Schema(Query)._schema
DAYS = {"{ new(size: HUGE) }": date(2027, 3, 1), '{ new(wish: {colour: "red"}) }': date(2027, 4, 1),
        "{ new(old: 1) }": date(2027, 5, 1), "{ old }": date(2027, 6, 1),
        "{ ...F } fragment F on Query { old }": date(2027, 6, 1)}


@pytest.mark.parametrize(("body", "day"), DAYS.items(), ids=DAYS)
def test_a_use_is_warned_of_until_the_day_and_a_fault_from_then_on(body: str, day: date) -> None:
    operation = Operation("x", "ShopFind", body)
    [before] = found_in(SCHEMA, [operation], day.replace(day=1, month=day.month - 1))
    [on_it] = found_in(SCHEMA, [operation], day)
    assert (before.over, on_it.over) == (False, True)
    for found in (before, on_it):
        assert found.sentence.startswith("ShopFind uses ")
        assert day.isoformat() in found.sentence


def test_what_is_not_retired_may_be_used_on_any_day() -> None:
    body = '{ new(size: SMALL, wish: {size: SMALL}) }'
    assert not list(found_in(SCHEMA, [Operation("x", "ShopFind", body)], date(2999, 1, 1)))


def test_a_reason_without_a_day_is_a_fault_whoever_uses_it() -> None:
    [found] = found_in(strawberry.Schema(Undated)._schema, [], date(2027, 1, 1))
    assert found.over
    assert "Undated.old" in found.sentence


@pytest.mark.parametrize("reason", ["", "soon", "2027-06-01", "2027-06-31: use x", "27-06-01: use x", "x 2027-06-01: use x"])
def test_a_day_has_one_form(reason: str) -> None:
    assert day_of(reason) is None


def test_our_own_documents_use_nothing_that_is_past_its_day() -> None:
    schema = compose(registry())._schema
    assert not [found.sentence for found in found_in(schema, Documents.load().by_id.values(), Clock().today().date())
                if found.over]
