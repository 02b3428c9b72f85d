"""The words of every registered message, and where it leads."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haian.errors import LOCALES
from haian.registry import MessageType
from messages.sentences import INBOX, PATH, path, say, words_of
from server.apps import registry

TYPES = list(registry().message_types.values())
AT = "2026-11-25T14:30:00+08:00"
LEAVES = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3), max_leaves=5)


def payload_of(type_: MessageType) -> Mapping[str, Any]:
    """The example of a type; a word for each name that it does not show."""
    templates = [*type_.title.values(), *type_.body.values(), type_.link]
    parts = [part for template in templates for part in string.Formatter().parse(template)]
    return {name: AT if spec == "time" else f"‹{name}›" for _, name, spec, _ in parts if name} | dict(type_.example)


@pytest.mark.parametrize("type_", TYPES, ids=lambda type_: type_.event)
def test_every_message_is_said_whole_in_both_languages(type_: MessageType) -> None:
    payload = payload_of(type_)
    for texts in (type_.title, type_.body):
        assert set(texts) == set(LOCALES)
        for locale in LOCALES:
            said = say(texts, locale, payload)
            assert said.strip()
            assert "{" not in said
            assert "None" not in said
            for word in words_of(texts[locale]):
                assert say({locale: "{%s}" % word}, locale, payload), f"{word} is empty"  # noqa: UP031


@pytest.mark.parametrize("type_", TYPES, ids=lambda type_: type_.event)
def test_both_languages_say_the_same_words(type_: MessageType) -> None:
    assert words_of(type_.title["zh"] + type_.body["zh"]) == words_of(type_.title["en"] + type_.body["en"])


@pytest.mark.parametrize("type_", TYPES, ids=lambda type_: type_.event)
def test_english_is_english(type_: MessageType) -> None:
    said = say(type_.title, "en", {}) + say(type_.body, "en", {})
    assert not [char for char in said if "一" <= char <= "鿿"]


@pytest.mark.parametrize("type_", TYPES, ids=lambda type_: type_.event)
def test_every_message_leads_to_a_page_of_ours(type_: MessageType) -> None:
    made = path(type_.link, payload_of(type_))
    assert PATH.fullmatch(made)
    assert made.split("?")[0] == type_.link.split("?")[0].split("{")[0]


@given(st.dictionaries(st.sampled_from(["id", "place", "starts_at"]), JSON))
def test_no_payload_makes_a_foreign_link_or_breaks_a_sentence(payload: dict[str, Any]) -> None:
    for template in ("/x?id={id}", "{place}", "/{place}", "/{place}/{id}", "//{place}", "https://{place}/"):
        made = path(template, payload)
        assert PATH.fullmatch(made)
        assert "\\" not in made
    for locale in LOCALES:
        assert "None" not in say({locale: "{starts_at:time}{place}"}, locale, payload) or "None" in str(payload)


@pytest.mark.parametrize("value", [
    "//evil.example", "javascript:alert(1)", "\\\\evil.example", "/evil", "%2F%2Fevil", "", None])
def test_a_word_is_never_a_path_by_itself(value: str | None) -> None:
    assert path("{place}", {"place": value}) == INBOX


def test_times_are_said_as_people_say_them() -> None:
    texts = {"zh": "{at:time}", "en": "{at:time}"}
    assert say(texts, "zh", {"at": "2026-11-25T06:30:00+00:00"}) == "11月25日 周三 14:30"
    assert say(texts, "en", {"at": "2026-11-25T06:30:00+00:00"}) == "Wed 25 Nov 14:30"
    assert say(texts, "zh", {"at": "never"}) == ""


def test_several_things_are_listed() -> None:
    assert say({"zh": "{fields}"}, "zh", {"fields": ["姓名", "电话"]}) == "姓名、电话"
