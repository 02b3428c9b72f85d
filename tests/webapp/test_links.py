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
    from webapp.pages.work import DESKS

    links = {service.route for service in GRID} | {service.route for _, found in CATEGORIES for service in found}
    assert {link for link, *_ in DESKS} == {desk.link for desk in NOUNS.desks}
    links |= {link for link, *_ in DESKS}
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


def test_every_reason_of_the_ledger_that_is_no_sentence_has_words() -> None:
    from consent.models import Term
    from delegation.models import Document
    from healthcare.models import Mark
    from healthcare.service import SHOWS
    from identity.models import Outcome
    from onecode.models import Undoing, Verdict
    from webapp.texts import TEXTS

    found = {each.value for each in (*Term, *Document, *Mark, *Outcome, *Verdict, *Undoing)}
    found |= SHOWS.keys() - {"HealthcareAppointment"}
    assert {reason for reason in found if f"ledger.why_{reason.lower()}" not in TEXTS} == set()


def test_what_may_be_done_is_said_to_whom_it_is_about_and_of_them_to_others() -> None:
    for scope in NOUNS.scopes.values():
        assert "您" not in scope.of_them["zh"] and not re.search(r"\byours?\b|\byou\b", scope.of_them["en"], re.I), scope.id
        assert "您" in scope.words["zh"], scope.id


def test_every_kind_of_hit_has_a_name() -> None:
    from webapp.texts import TEXTS

    kinds = {source.kind for _, source in NOUNS.search_sources} | {"service"}
    assert {kind for kind in kinds if f"search.kind_{kind}" not in TEXTS} == set()
