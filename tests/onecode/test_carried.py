"""The form of a code for where there is no network: small, signed twice, and stale like any other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from tests.onecode.device import Device

from onecode.carried import (
    BASE45,
    FACTS,
    HEAD,
    LONGEST,
    PREFIX,
    SHOWN,
    SIGNATURE,
    Carried,
    Signer,
    Stopped,
    from_base45,
    is_point,
    number_of,
    says,
    shortened,
    to_base45,
)

SIGNER, DEVICE = Signer(b"k" * 32), Device(1)
AT = datetime(2027, 3, 1, 8, tzinfo=UTC)
names = st.text(st.characters(codec="utf-8", categories=["Lo", "Ll"]), min_size=1, max_size=30).map(
    lambda name: f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}" if len(name) > 2 else f"{name[0]}*")


def carried(name: str = "王*燕", index: int = 0) -> Carried:
    return Carried(number_of(b"s" * 16, index), index, AT, 1440, DEVICE.point, sum(FACTS.values()), FACTS["adult"],
                   "370211001001", name)


def only(*facts: str) -> Carried:
    """A code for a scene that asks these."""
    bits = sum(FACTS[fact] for fact in facts)
    return Carried(b"8 bytes.", 0, AT, 1440, DEVICE.point, bits, bits & FACTS["senior"],
                   "370211001001" if "resident" in facts else "", "王*燕" if "name" in facts else "")


@given(st.binary(max_size=210))
def test_base45_gives_back_what_it_was_given(said: bytes) -> None:
    text = to_base45(said)
    assert set(text) <= set(BASE45)
    assert from_base45(text) == said


@pytest.mark.parametrize(("said", "text"), [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581")])
def test_base45_is_that_of_rfc_9285(said: bytes, text: str) -> None:
    assert to_base45(said) == text


@pytest.mark.parametrize("text", ["GGW", "A", "::", "a", "ß", "%69 VD92EX", "GGW%69"])
def test_what_is_no_base45_is_refused(text: str) -> None:
    assert from_base45(text) is None


@given(names, st.integers(0, 255))
def test_what_is_shown_is_read_and_fits_version_10(name: str, index: int) -> None:
    said = carried(shortened(name), index)
    text = DEVICE.show(SIGNER.sign(said), AT.timestamp() + 5)
    shown = SIGNER.read(text)
    assert shown and shown.carried == said
    assert shown.shown_at.timestamp() == AT.timestamp() + 5
    made = segno.make(text, error="m", boost_error=False, micro=False)
    assert int(made.version) <= 10
    assert made.mode == "alphanumeric"


def test_the_longest_just_fits() -> None:
    name = "阿" + "*" * 9 + "提"
    assert len(name.encode()) == 15
    text = DEVICE.show(SIGNER.sign(carried(name)), AT.timestamp())
    assert len(text) == len(PREFIX) + len(to_base45(bytes(LONGEST))) == 311
    assert segno.make(text, error="m", boost_error=False).version == 10


@given(st.sets(st.sampled_from(sorted(FACTS))))
def test_a_code_says_what_its_scene_asks_and_nothing_else(facts: set[str]) -> None:
    said = only(*facts)
    text = DEVICE.show(SIGNER.sign(said), AT.timestamp())
    shown = SIGNER.read(text)
    assert shown and shown.carried == said
    every = {"name": "王*燕", "resident": True, "resident_of_district": False, "adult": False, "senior": True}
    assert says(shown.carried, "370211") == {fact: every[fact] for fact in facts}
    words = (from_base45(text.removeprefix(PREFIX)) or b"")[HEAD - 2:-2 * SIGNATURE - SHOWN]  # in a key any bytes may stand
    assert ("王".encode() in words) == ("name" in facts)
    assert (int("370211001001").to_bytes(5) in words) == ("resident" in facts)


@given(st.integers(0, 255))
def test_a_number_is_known_by_the_secret_of_its_batch_alone(index: int) -> None:
    stopped, others = Stopped([b"x" * 16, b"s" * 16]), Stopped([b"x" * 16])
    assert carried(index=index) in stopped
    assert carried(index=255 - index) in stopped
    assert carried(index=index) not in others
    assert len({number_of(b"s" * 16, each) for each in range(256)}) == 256


@given(st.data())
def test_a_code_with_one_bit_changed_is_no_code(data: st.DataObject) -> None:
    whole = from_base45(DEVICE.show(SIGNER.sign(carried()), AT.timestamp()).removeprefix(PREFIX))
    assert whole
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    changed = whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1:]
    assert SIGNER.read(PREFIX + to_base45(changed)) is None


@given(st.text(max_size=320))
def test_anything_else_is_no_code_and_no_error(text: str) -> None:
    assert SIGNER.read(text) is None
    assert SIGNER.read(PREFIX + text) is None


def test_another_server_and_another_device_sign_in_vain() -> None:
    signed = SIGNER.sign(carried())
    assert Signer(b"x" * 32).read(DEVICE.show(signed, AT.timestamp())) is None
    assert SIGNER.read(Device(1).show(signed, AT.timestamp())) is None


def test_a_key_is_a_point_of_the_curve() -> None:
    assert is_point(DEVICE.point)
    assert not any(map(is_point, (b"", b"\2" + b"\xff" * 32, b"\4" + DEVICE.point[1:], DEVICE.point[:-1])))
