"""What a form or a button of a page sends is what its document takes: a name that is written wrongly is found here, not by
whoever fills the form in."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pytest
import reflex as rx
from graphql import NonNullTypeNode
from tests.clients import DOCUMENTS

NAMED = re.compile(r'(?:^|[\s"\',])(?:name|start|end):"([A-Za-z]\w*)')
OWN = {"key", "link"}
"""What the client itself adds: a key, and the hash of an invitation's link, whose secret the browser draws (visit.jsx)."""


class Sender(NamedTuple):
    """A form or button: where it stands, what it sends by its fields and beside them; `whole` where all of that is known."""

    page: str
    document: str
    names: frozenset[str]
    whole: bool


def fields_of(child: Any) -> set[str]:
    """The names of the fields below something that is drawn; what is kept alone is not sent."""
    if not isinstance(child, rx.Component):
        return set()
    found = re.sub(r"\{[^{}]*\"data-only\":\"kept\"[^{}]*\}", "", str(child.render()))
    return set(NAMED.findall(found))


@pytest.fixture(scope="module")
def senders() -> list[Sender]:
    """All of them, of every page in Chinese."""
    from webapp import app, parts, shell
    from webapp.texts import speaking

    assert app
    found: list[Sender] = []
    with pytest.MonkeyPatch.context() as patch:
        for kind in (parts.ActForm, parts.ActButton):
            def create(*children: Any, _made: Any = kind.create, _form: bool = kind is parts.ActForm, **props: Any) -> Any:
                given = props.get("vars") or {}
                names = {name for child in children for name in fields_of(child)} if _form else set()
                known = isinstance(given, dict)
                found.append(Sender(page.route, props["doc"], frozenset(names | (set(given) if known else set())), known))
                return _made(*children, **props)
            patch.setattr(kind, "create", create)
        for page in shell.PAGES:
            with speaking("zh"), shell._drawing(page):
                shell.frame(page)
    return found


def test_every_form_gives_what_its_document_needs_and_nothing_else(senders: list[Sender]) -> None:
    wrong = []
    for page, document, names, whole in senders:
        takes = {each.variable.name.value: each for each in DOCUMENTS[document].node.variable_definitions or ()}
        needed = {name for name, each in takes.items()
                  if isinstance(each.type, NonNullTypeNode) and each.default_value is None}
        wrong += [f"{page}: {document} takes no {name!r}" for name in sorted(names - set(takes))]
        wrong += [f"{page}: {document} is not given {name!r}" for name in sorted(needed - names - OWN) if whole]
    assert wrong == []
    assert len(senders) > 100
