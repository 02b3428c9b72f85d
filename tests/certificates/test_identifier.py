"""The identifier of a certificate (GB/T 36904-2018), its check character, and what is masked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.models import ALPHABET, check_character, identifier, is_identifier, masked

SIGNS = st.text(ALPHABET, min_size=1, max_size=32)
ISSUED = ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
          "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",
          "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0")
"""Identifiers that authorities have published in the descriptions of their interfaces."""
OTHERWISE = "1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M"
"""Published too, by who counts letters from 11: by ISO/IEC 7064 it ends in D."""


@pytest.mark.parametrize("text", ISSUED)
def test_identifiers_that_authorities_gave_are_right(text: str) -> None:
    assert is_identifier(text)
    _, _, _, _, _, type_code, issuer, serial, version, _ = text.split(".")
    assert identifier(type_code, issuer, serial, int(version)) == text


@given(SIGNS, SIGNS, SIGNS, st.integers(1, 999))
def test_what_we_give_is_right(type_code: str, issuer: str, serial: str, version: int) -> None:
    assert is_identifier(identifier(type_code, issuer, serial, version))


@given(SIGNS, st.data())
def test_one_wrong_sign_and_two_that_changed_places_are_found(text: str, data: st.DataObject) -> None:
    whole = text + check_character(text)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([sign for sign in ALPHABET if sign != whole[at]]))
    wrong = whole[:at] + other + whole[at + 1:]
    assert check_character(wrong[:-1]) != wrong[-1]


@pytest.mark.parametrize("text", ["", "1.2.156.3005.2", OTHERWISE, ISSUED[0][:-1] + "V", ISSUED[0].lower(),
                                  ISSUED[0] + ".1", ISSUED[0][1:]])
def test_anything_else_is_none(text: str) -> None:
    assert not is_identifier(text)


@pytest.mark.parametrize(("text", "how", "seen"), [
    ("370211198805120010", "ENDS", "370*************10"), ("1234567", "ENDS", "******"), ("王海燕", "NAME", "王**"),
    ("汉", "WHOLE", "汉"), ("1988-05-12", "HIDDEN", "******"), ("王", "NAME", "王*")])
def test_what_is_seen_before_a_tap(text: str, how: str, seen: str) -> None:
    assert masked(text, how) == seen
