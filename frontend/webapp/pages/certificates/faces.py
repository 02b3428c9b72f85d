"""How a certificate looks: its card in the wallet, and its face with what it says."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.certificates import pieces
from webapp.ui import t

e = rx.el
SYMBOLS = {"id_card": "id-card", "driving_licence": "car", "social_security": "credit-card", "household": "book-user",
           "marriage": "heart", "residence_permit": "house", "student_card": "graduation-cap", "disability": "accessibility",
           "senior": "hand-heart", "business": "store"}
BADGES = {"VALID": "teal", "NOT_YET": "amber", "EXPIRED": "coral", "SUSPENDED": "amber", "REVOKED": "coral"}


def toned(tone: Any, words: str) -> Any:
    """The class of something in the colour of its kind."""
    return words + " tone-" + tone


def identifier(one: Any) -> rx.Component:
    """证照标识, which is long."""
    return e.span(ui.text(one, "identifier"), class_name="num cert-identifier")


def symbol(kind: Any, size: int = 24) -> rx.Component:
    return rx.match(ui.text(kind, "id"), *[(name, ui.icon(icon, size)) for name, icon in SYMBOLS.items()],
                    ui.icon("badge-check", size))


def standing(one: Any) -> rx.Component:
    """Whether it counts, in words."""
    return rx.match(ui.text(one, "standing"),
                    *[(each, e.span(t(f"certificates.standing_{each.lower()}"), class_name="cert-standing"))
                      for each in BADGES if each != "VALID"], rx.fragment())


def card(one: rx.Var[Any]) -> rx.Component:
    """A card of the wallet: a tap opens it."""
    return ui.go(
        "/certificates/one?id=" + ui.text(one, "id"),
        e.span(symbol(ui.at(one, "kind"), 26), class_name="cert-mark"),
        e.span(e.b(ui.text(one, "kind.name")), e.small(ui.text(one, "issuer")), class_name="row-words"),
        standing(one),
        ui.icon("chevron-right", 20),
        class_name=toned(ui.text(one, "kind.tone"), "cert"),
    )


def face(one: Any, large: bool = False) -> rx.Component:
    """What it says, masked until a tap and, where one is set, a second factor."""
    use("CertificatesUnmask")
    texts = {"show": t("certificates.unmask"), "hide": t("certificates.hides", seconds="{seconds}"),
             "mask": t("certificates.mask")}
    head = e.div(
        e.span(symbol(ui.at(one, "kind"), 26), class_name="cert-mark"),
        e.span(e.h2(ui.text(one, "kind.name")), e.small(ui.text(one, "issuer")), class_name="row-words"),
        standing(one),
        class_name="cert-head",
    )
    body = pieces.CertificateClaims.create(id=ui.text(one, "id"), claims=ui.items(one, "claims"), texts=texts)
    words = "cert-face cert-large" if large else "cert-face"
    return e.article(head, body, class_name=toned(ui.text(one, "kind.tone"), words))
