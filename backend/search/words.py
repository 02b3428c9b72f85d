"""A text as search sees it: letters and digits alone, whatever their case, width and marks; and the grams of it.

Folding is done character by character, so the fold of a part is a part of the fold: what can be read in a name finds it.
Words of a–z and 0–9 alone are looked for where a word or a syllable begins, and marked by `~`: `guahao` finds 预约挂号.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from search.errors import TextInvalid
from search.models import Asked, Entry, Indexed

VERSION = 2
"""Counted up when the index is made otherwise, so that everything is indexed anew."""
LONGEST = 50
REACH = 24
"""How many letters of a spelling are kept from each of its syllables on."""
GRAM = 4
"""How many letters the longest gram has: a word so long is found by one list."""
REACHED = 8
"""How many candidates are looked at for each hit that is shown, where not every candidate is one."""
LATIN = re.compile(r"[a-z0-9]+")
HAN = re.compile("[〇㐀-鿿\U00020000-\U0003ffff]+")
UNITS = re.compile(f"{LATIN.pattern}|{HAN.pattern}|.")


def fold(text: str) -> str:
    """Letters and digits (Unicode L*, N*) of the text, compatible forms alike (NFKD), without case or marks."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(char for char in plain if char.isalnum())


def parts(folded: str, shortest: int) -> Iterator[str]:
    """What stands together, of `shortest` to GRAM characters."""
    return (folded[i:i + n] for n in range(shortest, GRAM + 1) for i in range(len(folded) - n + 1))


def cover(word: str) -> Iterator[str]:
    """The fewest grams that hold all of a word."""
    return (word[max(0, min(i, len(word) - GRAM)):][:GRAM] for i in range(0, len(word), GRAM))


def asked(text: str) -> Asked:
    """What to look for: every word of the text. Nothing where no letter is in it. TextInvalid."""
    if not 1 <= len(text.strip()) <= LONGEST:
        raise TextInvalid
    grams: dict[str, None] = {}
    needles: dict[str, None] = {}
    for word in filter(None, map(fold, text.split())):
        if LATIN.fullmatch(word):
            needles["~" + word[:REACH]] = grams["~" + word[:GRAM]] = None
        else:
            needles[word] = None
            grams |= dict.fromkeys(cover(word))
    lead = next(iter(grams), "")
    return Asked(list(grams), list(needles), lead, 1 if list(needles) in ([], [lead]) else REACHED)


def indexed(entry: Entry) -> Indexed:
    """What is kept of an entry. Its names are found by each of their characters, its detail by two or more."""
    names = [fold(name) for name in (entry.title, entry.title_en) if name]
    others = [fold(name) for name in entry.keywords.splitlines()]
    spelled = {name: spellings(name) for name in (*names, *others)}
    detail, runs = fold(entry.detail), [run for word in entry.detail.split() for run in LATIN.findall(fold(word))]
    grams = {gram for name in (*names, *others) for gram in parts(name, 1)} | set(parts(detail, 2))
    for spelling in (*runs, *(each for found in spelled.values() for each in found)):
        grams |= {"~" + spelling[:i] for i in range(1, GRAM + 1)}
    heads = ["\n" + head for name in names for head in (name, *("~" + each for each in whole(name)))]
    return Indexed("".join(heads), haystack(names, [each for name in names for each in spelled[name]]),
                   haystack([*others, detail], [*(each for name in others for each in spelled[name]), *runs]), sorted(grams))


def haystack(texts: Sequence[str], spelled: Sequence[str]) -> str:
    return "\n".join((*texts, "")) + "".join("~" + each for each in dict.fromkeys(spelled))


def whole(folded: str) -> list[str]:
    """A name as it sounds, and by its initials."""
    sounds = syllables(folded)
    return ["".join(sounds)[:REACH], "".join(initials(folded, sounds))[:REACH]]


def spellings(folded: str) -> list[str]:
    """How a name sounds, from each syllable on, whole and by initials; words of a–z also from each letter on."""
    sounds = syllables(folded)
    first = initials(folded, sounds)
    return list(dict.fromkeys(
        "".join(each[i:i + REACH])[:REACH] for each in (sounds, first) for i in range(len(sounds))))


@lru_cache(256)
def syllables(folded: str) -> Sequence[str]:
    """One for each character: the sound of a Chinese character in its word (汉语拼音, no tones, ü as v), else itself."""
    from pypinyin import lazy_pinyin  # 50 MB that only the worker needs

    sounds: list[str] = []
    for unit in UNITS.findall(folded):
        sounds += lazy_pinyin(unit, errors=list) if HAN.match(unit) else unit  # type: ignore[arg-type]
    return sounds


def initials(folded: str, sounds: Sequence[str]) -> list[str]:
    return [sound[0] if HAN.match(char) else char for char, sound in zip(folded, sounds, strict=True)]
