"""What the mini-apps lead to are pages of the client; what the client shows of them has words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from haian.settings import PROJECT
from messages.sentences import path
from server.apps import registry

LINK = re.compile(r"'(/[a-z][a-z/]*)(?:\?[a-z]+=)?'")
NOUNS = registry()


def pages() -> set[str]:
    from webapp import app
    from webapp.shell import PAGES

    assert app
    return {page.route for page in PAGES}


def fragments() -> Iterator[str]:
    """The SQL of what is offered to home and search."""
    for _, source in NOUNS.search_sources:
        yield "".join(literal for literal, _ in source.rows().fragment.parts)
    for _, block in NOUNS.home_blocks:
        yield "".join(literal for literal, _ in block.rows().fragment.parts)


def test_services_messages_hits_and_home_lead_to_pages() -> None:
    links = {service.link for _, service in NOUNS.services}
    links |= {path(type_.link, dict.fromkeys(("id", "subject"), "x")) for type_ in NOUNS.message_types.values()}
    links |= {link for text in fragments() for link in LINK.findall(text)}
    assert {link.split("?")[0] for link in links} - pages() == set()


def test_the_catalogue_and_the_desks_lead_to_pages() -> None:
    from webapp.catalogue import CATEGORIES, GRID
    from webapp.pages.me import _DESKS

    links = {service.route for service in GRID} | {service.route for _, found in CATEGORIES for service in found}
    links |= {route for *_, route in _DESKS}
    assert {link for link in links if link.startswith("/")} - pages() == set()


def actions(file: Path) -> Iterator[str]:
    """The actions that a module writes into the ledger, as far as they stand there as words."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        if getattr(node.func, "attr", getattr(node.func, "id", "")) in {"audit", "Audit"}:
            yield str(node.args[0].value)


def test_every_action_of_the_ledger_has_words() -> None:
    from webapp.texts import TEXTS

    files = [*(PROJECT / "backend").rglob("*.py"), *(PROJECT / "mini-apps").rglob("*.py")]
    found = {action for file in files for action in actions(file)}
    assert "SIGNED_IN" in found
    assert {action for action in found if f"ledger.act_{action.lower()}" not in TEXTS} == set()


def test_every_kind_of_hit_has_a_name() -> None:
    from webapp.texts import TEXTS

    kinds = {source.kind for _, source in NOUNS.search_sources} | {"service"}
    assert {kind for kind in kinds if f"search.kind_{kind}" not in TEXTS} == set()
