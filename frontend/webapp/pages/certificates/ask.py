"""用证: a verifier's QR code leads here; I see who asks for exactly what, and tap."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.certificates.faces import symbol, toned
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class Request(Session):
    """What is asked of me, by the token in the address."""

    loaded: bool = False
    token: str = ""
    asked: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    async def load(self) -> None:
        self.token = self.router.url.query_parameters.get("r", "")
        self.asked = await self.find(use("CertificatesRequest"), token=self.token)
        self.loaded = True


@page("/certificates/ask", title="certificates.ask", back="/certificates", on_load=Request.load)
def ask() -> rx.Component:
    this: Any = Request.asked
    over = _picture("over", "hourglass", ui.go("/certificates", t("certificates.title"), class_name="btn btn-soft"), "calm")
    counts = ui.text(this, "standing") == "VALID"
    drawn = rx.cond(ui.flag(this, "isOver"), over, rx.cond(counts, _asking(this), _lacking(this)))
    return e.div(
        rx.cond(Request.loaded, rx.cond(
            ui.flag(this, "id"),
            rx.match(ui.text(this, "outcome"), ("PRESENTED", _picture("done", "circle-check", _home(), "good")),
                     ("DECLINED", _picture("declined", "shield-check", _home(), "calm")),
                     ("REFUSED", _picture("not_believed", "circle-x", _home(), "bad")), drawn),
            over), ui.skeleton(4, "card")),
        class_name="stack narrow",
    )


def _picture(what: str, symbol_: str, action: Any, tone: str) -> rx.Component:
    return ui.card(ui.refused(t(f"certificates.{what}"), t(f"certificates.{what}_sub"), action, symbol=symbol_, tone=tone))


def _home() -> rx.Component:
    return ui.go("/certificates", t("certificates.title"), class_name="btn btn-main")


def _lacking(this: Any) -> rx.Component:
    """I have none that counts: what is asked, and where to get it."""
    return e.div(_who(this), _picture("lacking", "wallet-cards", _home(), "calm"), class_name="stack")


def _who(this: Any) -> rx.Component:
    return ui.card(
        e.p(ui.text(this, "whom"), class_name="ask-who"),
        e.h2(ui.text(this, "scene.name")),
        e.p(t("certificates.ground"), "：", ui.text(this, "scene.ground"), class_name="muted"),
    )


def claims(scene: Any) -> rx.Component:
    """Exactly what is seen, one line each."""
    listed = e.ul(rx.foreach(ui.items(scene, "asks"), lambda claim: e.li(ui.icon("eye", 18), ui.text(claim, "label"))),
                  class_name="asked-list")
    alone = e.p(t("certificates.asks_alone"), class_name="muted")
    return rx.cond(ui.count(ui.items(scene, "asks")) > 0, listed, alone)


def _asking(this: Any) -> rx.Component:
    kind = ui.at(this, "scene.kind")
    return e.div(
        _who(this),
        ui.section(
            e.span(t("certificates.sees")),
            e.div(e.span(symbol(kind), class_name=toned(ui.text(kind, "tone"), "tile")), e.b(ui.text(kind, "name")),
                  class_name="person-row"),
            claims(ui.at(this, "scene")),
            e.p(t("certificates.sees_no_more"), class_name="hint"),
        ),
        e.div(
            ui.act(t("certificates.agree"), "CertificatesPresent", {"token": Request.token}, on_done=Request.load,
                   on_refused=Request.load, class_name="btn btn-main"),
            ui.act(t("certificates.decline"), "CertificatesDecline", {"token": Request.token}, on_done=Request.load,
                   class_name="btn btn-quiet"),
            class_name="thumb thumb-two",
        ),
        class_name="stack",
    )
