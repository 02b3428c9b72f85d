"""QR codes as text, five modules a sign. All are of one form, and are made from tables, in a thousandth of the time.

Of a text with a fixed number of signs, at a fixed version, level and mask, each module of the symbol is a sum (XOR) of what
the bits of the text contribute: the bit stream, Reed-Solomon over GF(2^8) and the mask are affine over GF(2) (ISO/IEC 18004,
7.4 to 7.8). So segno is asked once for each bit. The mask is not chosen for each symbol anew: the format information names
it, and a reader takes any.
"""

from __future__ import annotations

from functools import cache

import segno

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
VALUES = bytes.maketrans(SIGNS.encode(), bytes(range(len(SIGNS))))
LENGTH, SIZE, MASK = 29, 25, 3
"""Signs and modules of version 2 at level Q, which holds just so many."""
PART = 5
HEX32 = bytes.maketrans(bytes(range(32)), b"0123456789ABCDEFGHIJKLMNOPQRSTUV")
"""The sign of five modules, the first of which is the highest bit (base32hex, RFC 4648, 7)."""
HIGH, LOW, LAST = 5, 6, 6
"""Two signs are a number of 11 bits, of which a table has 5 and another 6: small enough to stay near the processor. The last
one is a number of 6 (7.4.4)."""


def drawn(text: str) -> str:
    """The modules of a text of 29 capitals, row by row, without its white frame: SIZE on a side, PART of them a sign."""
    symbol, pairs, last = _tables()
    signs = text.encode().translate(VALUES)
    for (high, low), first, second in zip(pairs, signs[::2], signs[1::2], strict=False):
        value = 45 * first + second
        symbol ^= high[value >> LOW] ^ low[value & 63]
    return (symbol ^ last[signs[-1]]).to_bytes(SIZE * SIZE // PART).translate(HEX32).decode()


@cache
def _tables() -> tuple[int, list[tuple[list[int], list[int]]], list[int]]:
    """The symbol of zeros, and what each part of a number changes in it: of the fourteen pairs, and of the last sign."""
    blank = _drawn_by_segno("0" * LENGTH)

    def changes(at: int, bits: range) -> list[int]:
        found = [0]
        for bit in bits:
            value = 1 << bit
            signs = SIGNS[value // 45] + SIGNS[value % 45] if at + 1 < LENGTH else SIGNS[value]
            change = blank ^ _drawn_by_segno(("0" * at + signs).ljust(LENGTH, "0"))
            found += [change ^ each for each in found]
        return found
    pairs = [(changes(at, range(LOW, LOW + HIGH)), changes(at, range(LOW))) for at in range(0, LENGTH - 1, 2)]
    return blank, pairs, changes(LENGTH - 1, range(LAST))


def _drawn_by_segno(text: str) -> int:
    """All modules as one number, the first of them the highest: each five are a byte."""
    made = segno.make(text, version=2, error="q", mode="alphanumeric", mask=MASK, boost_error=False)
    modules = "".join("1" if module else "0" for row in made.matrix for module in row)
    return int.from_bytes(bytes(int(modules[at:at + PART], 2) for at in range(0, SIZE * SIZE, PART)))
