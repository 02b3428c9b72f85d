"""The form of a code and its picture."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from haian.codes import ALPHABET, LENGTH, digest, new_token
from onecode.models import PREFIX, Code, readable
from onecode.pictures import MASK, SIZE, drawn

tokens = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


@given(tokens)
def test_what_is_shown_can_be_read(token: str) -> None:
    assert readable(PREFIX + token) == token


@given(tokens, st.integers(0, LENGTH))
def test_typing_is_forgiven_what_crockford_forgives(token: str, cut: int) -> None:
    typed = token.lower().replace("1", "l").replace("0", "o")
    assert readable(f" {typed[:cut]} {typed[cut:]} ") == token
    assert readable(f"h1:{typed[:cut]}-{typed[cut:]}") == token


@given(st.from_regex(r"[0-9]{8}", fullmatch=True))
def test_eight_digits_are_read_in_groups(digits: str) -> None:
    assert readable(f"{digits[:4]} {digits[4:]}") == digits


@given(st.text(max_size=60))
def test_anything_else_is_no_code_and_no_error(text: str) -> None:
    found = readable(text)
    assert found is None or (len(found) == LENGTH and set(found) <= set(ALPHABET)) or (len(found) == 8 and found.isdigit())


def test_a_thousand_tokens_have_130_bits_each() -> None:
    made = {new_token() for _ in range(1000)}
    assert len(made) == len({digest(token) for token in made}) == 1000
    assert 32**LENGTH == 2**130
    assert all(set(token) <= set(ALPHABET) for token in made)


@given(tokens)
def test_the_picture_is_small_and_holds_the_text(token: str) -> None:
    import segno

    code = Code(PREFIX + token, "00000000", datetime(2027, 3, 1, tzinfo=UTC))
    made = segno.make(code.text, error="m", mask=MASK, micro=False)
    assert (made.version, made.mode) == (2, "alphanumeric")
    assert made.error in ("M", "Q")
    assert painted(code.modules) == [[bool(module) for module in row] for row in made.matrix]


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", min_size=29, max_size=29))
def test_any_text_of_this_length_is_drawn_as_the_standard_says(text: str) -> None:
    import segno

    made = segno.make(text, version=2, error="q", mode="alphanumeric", mask=MASK, boost_error=False)
    assert painted(drawn(text)) == [[bool(module) for module in row] for row in made.matrix]


def painted(modules: str) -> list[list[bool]]:
    """The rows of what is sent five modules a sign."""
    bits = "".join(f"{int(sign, 32):05b}" for sign in modules)
    return [[bit == "1" for bit in bits[at:at + SIZE]] for at in range(0, len(bits), SIZE)]
