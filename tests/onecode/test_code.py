"""The form of a code and its picture."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from haian.codes import ALPHABET, LENGTH, digest, new_token
from onecode.models import PREFIX, Code, readable

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

    code = Code(PREFIX + token, "00000000", datetime.now(UTC))
    path, size = code.modules
    made = segno.make(code.text, error="m", micro=False)
    assert (size, made.version, made.mode) == (25, 2, "alphanumeric")
    assert made.error in ("M", "Q")
    assert painted(path, size) == [[bool(module) for module in row] for row in made.matrix]


def painted(path: str, size: int) -> list[list[bool]]:
    """The modules that a path of horizontal runs covers."""
    grid = [[False] * size for _ in range(size)]
    for run in path.removesuffix("z").split("z"):
        start, wide = run.removeprefix("M").split("h")[:2]
        x, y = map(int, start.split())
        for column in range(x, x + int(wide.split("v")[0])):
            grid[y][column] = True
    return grid
