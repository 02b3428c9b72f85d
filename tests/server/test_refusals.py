"""docs/errors.md is the catalogue of all codes, and cannot be out of date without `make check` saying so."""

from __future__ import annotations

import re

import pytest

from gateway.limits import TooDeep
from haian.errors import PublicError
from server import check
from server.apps import registry
from server.refusals import Undescribed, errors_text


def test_every_code_stands_in_it_once_with_its_sentences() -> None:
    nouns = registry()
    rows = re.findall(r"^\| `([A-Z_0-9]+)` \| (.+?) \| (.+) \| (.+) \| (.+) \|$", errors_text(nouns), re.M)
    assert sorted(code for code, *_ in rows) == sorted(nouns.catalogue.sentences)
    for code, status, when, *said in rows:
        assert re.match(r"[2-5]\d\d", status), code
        assert len(when) > 5, code
        for sentence, text in zip(said, nouns.catalogue.sentences[code].values(), strict=True):
            assert sentence.split("{")[0][:4] == text.split("{")[0][:4]


def test_a_limit_says_its_number() -> None:
    assert "`LIMIT_DEPTH` | 400" in errors_text(registry())
    assert "最多 16 层" in errors_text(registry())


def test_a_code_whose_class_does_not_say_when_it_is_raised_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    from haian.errors import NotFound

    monkeypatch.setattr(NotFound, "__doc__", None)
    with pytest.raises(Undescribed, match="NotFound"):
        errors_text(registry())


def test_a_sentence_that_nothing_raises_is_a_fault() -> None:
    nouns = registry()
    nouns.catalogue.sentences["NOBODY_RAISES_THIS"] = {"zh": "无", "en": "none"}
    with pytest.raises(Undescribed, match="NOBODY_RAISES_THIS"):
        errors_text(nouns)


def test_the_check_names_what_is_out_of_date(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(check, "errors_text", lambda nouns: "another")
    assert check.main(None) == 1  # type: ignore[arg-type]
    assert "docs/errors.md is out of date" in capsys.readouterr().err


def test_the_check_names_a_document_beyond_a_limit(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(TooDeep, "most", 2)
    assert check.main(None) == 1  # type: ignore[arg-type]
    assert re.search(r"^[A-Z]\w+: LIMIT_DEPTH, \d where 2 is the most$", capsys.readouterr().err, re.M)


def test_a_refusal_of_a_test_is_no_code_of_the_product() -> None:
    class Elsewhere(PublicError):
        code = "ELSEWHERE"
    assert "ELSEWHERE" not in errors_text(registry())
    assert Elsewhere.code
