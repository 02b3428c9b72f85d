"""Every text of the client is said somewhere, and what is said is there: found by drawing every page, since many of its
keys are put together (`t(f"onecode.kind_{kind}")`)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.architecture.house import House, tree_of

from haian.settings import PROJECT

HOUSE = House(PROJECT)
WORD = re.compile(r"""["'`](\w+)["'`]""")
WEEKDAYS = {f"client.weekday{day}" for day in range(7)}
"""The only texts whose key the browser puts together."""


class Asked(dict[str, Any]):
    """Texts that remember which of them were asked for."""

    def __init__(self, texts: dict[str, Any]) -> None:
        super().__init__(texts)
        self.keys_asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.keys_asked.add(key)
        return super().__getitem__(key)


@pytest.fixture(scope="module")
def drawn() -> set[str]:
    """The keys of which drawing all pages makes use."""
    from webapp import app, shell, texts

    assert app
    asked = Asked(texts.TEXTS)
    with pytest.MonkeyPatch.context() as patch, texts.speaking("zh"):
        patch.setattr(texts, "TEXTS", asked)
        for page in shell.PAGES:
            with shell._drawing(page):
                shell.frame(page)
    return asked.keys_asked


def words() -> set[str]:
    """All strings of the client's Python."""
    return {node.value for file in HOUSE.python(HOUSE.packages["webapp"]) for node in ast.walk(tree_of(file))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def said_by_the_browser() -> set[str]:
    scripts = [file for file in (PROJECT / "frontend/assets/haian").glob("*.js*") if file.name != "generated.js"]
    return {f"client.{word}" for script in scripts for word in WORD.findall(script.read_text("utf-8"))} | WEEKDAYS


def test_every_text_of_the_client_is_said(drawn: set[str]) -> None:
    from webapp.texts import TEXTS

    assert set(TEXTS) - drawn - words() - said_by_the_browser() == set()


def test_every_text_that_the_client_names_is_there() -> None:
    """Those of what is drawn are, else drawing fails; here are those that a handler says when it runs."""
    from webapp.texts import TEXTS

    assert set(named()) - set(TEXTS) == set()


def named() -> Iterator[str]:
    for file in HOUSE.python(HOUSE.packages["webapp"]):
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "t" and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


def noted() -> Iterator[str]:
    """The fields that a noun writes into the ledger itself, as far as they stand there as words."""
    for file in HOUSE.python(*HOUSE.nouns.values()):
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.keyword) and node.arg == "fields" and isinstance(node.value, ast.List):
                yield from (str(each.value) for each in node.value.elts if isinstance(each, ast.Constant))


def test_every_word_for_what_was_seen_is_of_something_that_is_noted() -> None:
    """The ledger looks these up when it is read, so that drawing it asks for all of them."""
    from onecode.models import VISIT_LABELS
    from server.apps import registry
    from webapp.texts import TEXTS

    nouns = registry()
    columns = re.findall(r"^\s+(\w+)[(:]", (PROJECT / "graphql/schema.graphql").read_text("utf-8"), re.M)
    seen = {name.lower().replace(".", "_") for name in (*columns, *nouns.facts, *nouns.scopes, *VISIT_LABELS, *noted())}
    kept = {name.removeprefix("ledger.field_") for name in TEXTS if name.startswith("ledger.field_")}
    assert kept - seen - {"other"} == set()
