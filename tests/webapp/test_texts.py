"""Texts are in both languages, and a page speaks the one that it is compiled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from webapp.texts import TEXTS, TextError, load, speaking, t

WEBAPP = Path(__file__).resolve().parents[2] / "frontend" / "webapp"
VALUE = re.compile(r"\{(\w+)\}")


def test_a_text_in_each_language() -> None:
    assert t("shell.home") == "首页"
    with speaking("en"):
        assert t("shell.home") == "Home"
    assert t("shell.home") == "首页"


def test_both_languages_take_the_same_values() -> None:
    wrong = [name for name, text in TEXTS.items() if set(VALUE.findall(text["zh"])) != set(VALUE.findall(text["en"]))]
    assert wrong == []


@pytest.mark.parametrize("text", ['{ zh = "有" }', '{ zh = "有", en = "" }', '"有"'])
def test_a_text_in_one_language_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "noun.toml").write_text(f"key = {text}\n", "utf-8")
    with pytest.raises(TextError, match=r"noun\.key"):
        load(tmp_path)


def test_an_unknown_text_is_refused() -> None:
    with pytest.raises(TextError, match="nowhere"):
        t("nowhere.at_all")


def test_chinese_texts_have_chinese_punctuation() -> None:
    half = re.compile(r"[\u4e00-\u9fff][,;:?!](?![\w/])")
    assert [name for name, text in TEXTS.items() if half.search(text["zh"])] == []


def test_each_text_that_the_browser_says_by_itself_exists() -> None:
    source = "".join(path.read_text("utf-8") for path in (WEBAPP.parent / "assets" / "haian").glob("*.js*"))
    said = set(re.findall(r'\bsay\("(\w+)"[,)]', source))
    assert said and said <= {name.removeprefix("client.") for name in TEXTS if name.startswith("client.")}
