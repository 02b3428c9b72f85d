"""How a text is seen by search, without any server."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.errors import TextInvalid
from search.models import Entry, Indexed
from search.words import asked, fold, indexed

NAMES = st.text(st.one_of(st.sampled_from("车位共享预约挂号灵山卫街道医院A3b号９（）· -"), st.characters(codec="utf-8")),
                min_size=2, max_size=60)


def entry(title: str, title_en: str | None = None, detail: str = "", keywords: str = "") -> Entry:
    return Entry("1", title, title_en, detail, "/x", keywords)


def finds(text: str, index: Indexed) -> bool:
    """What `store.find` asks of a row."""
    wanted = asked(text)
    return (bool(wanted.grams) and set(wanted.grams) <= set(index.grams)
            and all(needle in index.named or needle in index.told for needle in wanted.needles))


@given(NAMES)
@example("预约挂号")
@example("A-112 车位")
@example("ｶﾞｽ㍿ﷺ½ŉ")
@example("〇㐀𠀀﨎")
def test_a_name_is_found_by_each_two_of_its_characters(title: str) -> None:
    index = indexed(entry(title))
    for i in range(len(title) - 1):
        pair = title[i:i + 2]
        if fold(pair):
            assert finds(pair, index), pair


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_fold_of_a_part_is_a_part_of_the_fold(one: str, other: str) -> None:
    assert fold(one + other) == fold(one) + fold(other)


@given(st.text())
def test_every_text_is_either_asked_or_refused(text: str) -> None:
    if 1 <= len(text.strip()) <= 50:
        wanted = asked(text)
        assert bool(wanted.grams) == bool(fold(text))
    else:
        with pytest.raises(TextInvalid):
            asked(text)


@given(NAMES, st.text(max_size=80), st.text(max_size=80))
def test_everything_can_be_indexed(title: str, detail: str, keywords: str) -> None:
    index = indexed(entry(title, None, detail, keywords))
    assert all(gram for gram in index.grams)


@pytest.mark.parametrize("text", [
    "挂号", "预约", "guahao", "GuaHao", "yuyue", "yuyueg", "yygh", "ygh", "gh", "y", "约", "预约挂号", "预约·挂号",
    " 挂号 预约 ", "book", "Appointments", "看医生", "kanyisheng", "门诊", "400", "4008",
])  # fmt: skip
def test_what_finds_预约挂号(text: str) -> None:
    assert finds(text, indexed(entry("预约挂号", "Book appointments", "门诊时段，电话 400-8", "看医生\n看病")))


@pytest.mark.parametrize("text", ["uahao", "挂约", "hg", "诊", "车位", "挂号 车位", "……", "guahaoo"])
def test_what_does_not(text: str) -> None:
    assert not finds(text, indexed(entry("预约挂号", None, "门诊时段，电话 400-8", "看医生")))


def test_a_character_is_spelled_as_in_its_word() -> None:
    assert finds("yinhang", indexed(entry("重庆银行")))
    assert finds("chongqing", indexed(entry("重庆银行")))


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "长" * 51])
def test_texts_of_1_to_50_characters_are_looked_for(text: str) -> None:
    with pytest.raises(TextInvalid):
        asked(text)
