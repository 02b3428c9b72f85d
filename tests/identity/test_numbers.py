"""Citizen ID numbers: right by independent vectors, sealed to one citizen, shown masked.

cn_vectors.json: numbers of GB 11643-1999 (check digit: ISO 7064 MOD 11-2) of district 370211 made with a fixed seed on
2026-11-22, among them what python-stdnum 2 gets wrong: abolished counties and full-width digits. All are synthetic.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from haian.settings import Settings
from identity import numbers
from identity.demo import number
from identity.numbers import FieldKeys

VECTORS = json.loads(Path(__file__).with_name("cn_vectors.json").read_text(encoding="utf-8"))
CITIZENS = [vector for vector in VECTORS if vector["kind"] == "ric"]
TODAY = date(2026, 11, 22)
KEY, OTHER_KEY = FieldKeys(b"k" * 32), FieldKeys(b"o" * 32)


@pytest.mark.parametrize("vector", CITIZENS, ids=lambda vector: f"{vector['value']} {vector['why']}")
def test_a_number_is_what_the_vectors_say(vector: dict[str, Any]) -> None:
    assert numbers.is_valid(numbers.normalise(vector["value"]), TODAY) is vector["valid"]


def test_who_is_born_tomorrow_has_no_number_yet() -> None:
    born_today = next(vector["value"] for vector in CITIZENS if vector["value"][6:14] == "20261122" and vector["valid"])
    assert numbers.is_valid(born_today, TODAY)
    assert not numbers.is_valid(born_today, date(2026, 11, 21))


def test_a_lower_case_x_is_the_check_digit_and_nothing_else_is_forgiven() -> None:
    made = next(made for order in range(100) if (made := number(date(1988, 5, 12), order)).endswith("X"))
    assert numbers.is_valid(numbers.normalise(made.lower()), TODAY)
    assert not numbers.is_valid(made.lower(), TODAY)
    for wrong in (f" {made}", f"{made}\n", made.replace("370", "37O"), made[:-1], made + "X", made.replace("1", "\u0661")):
        assert not numbers.is_valid(numbers.normalise(wrong), TODAY)


@given(st.text(max_size=30))
def test_no_text_makes_the_check_fail(text: str) -> None:
    assert numbers.is_valid(numbers.normalise(text), TODAY) in (True, False)


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(born: date, order: int, place: int, by: int) -> None:
    made = number(born, order)
    digit = made[place]
    wrong = made[:place] + (str((int(digit) + by) % 10) if digit != "X" else str(by)) + made[place + 1:]
    assert not numbers.is_valid(wrong, TODAY)


def test_the_mask_shows_five_of_eighteen_places() -> None:
    assert numbers.mask("370211194910010876") == "370*************76"
    assert len(numbers.mask("370211194910010876")) == 18


def test_a_sealed_number_opens_for_its_citizen_and_key_only() -> None:
    citizen, other = uuid4().bytes, uuid4().bytes
    sealed = numbers.seal("370211194910010876", KEY, citizen)
    assert numbers.unseal(sealed, KEY, citizen) == "370211194910010876"
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    cut = [(sealed[:length], KEY, citizen) for length in (0, 4, 16, 20)]
    for wrong in ((sealed, KEY, other), (sealed, OTHER_KEY, citizen), (changed, KEY, citizen), *cut):
        with pytest.raises(InvalidTag):
            numbers.unseal(*wrong)


def test_two_seals_of_one_number_differ_and_hide_it() -> None:
    citizen = uuid4().bytes
    seals = {numbers.seal("370211194910010876", KEY, citizen) for _ in range(50)}
    assert len({seal[4:16] for seal in seals}) == 50
    assert not any(b"370211" in seal for seal in seals)


def test_the_index_is_equal_for_equal_numbers_and_tells_nothing_without_the_key() -> None:
    def by(*keys: bytes) -> list[bytes]:
        settings = Settings(env="test", index_key=keys[0], index_keys_old=keys[1:])
        return numbers.index("370211194910010876", settings)
    one, other = KEY.newest, OTHER_KEY.newest
    assert by(one) == by(one) != by(other)
    assert by(one, other, one) == by(one) + by(other) == by(other, one)[::-1]
    assert [len(each) for each in by(one)] == [36] and one[:4] not in by(one)[0]
