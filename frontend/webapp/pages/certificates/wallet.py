"""卡包: my certificates as cards, and what else I may claim."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.certificates.faces import card, symbol, toned
from webapp.person import Person
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class Wallet(Session):
    """What I hold, and which kinds I do not."""

    loaded: bool = False
    mine: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    others: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)

    @rx.event
    async def load(self) -> None:
        found = await self.ask(use("CertificatesMine"))
        self.mine, self.others, self.loaded = found["certificatesMine"], found["certificatesToClaim"], True


@page("/certificates", title="certificates.title", back="/me", on_load=Wallet.load, on_push={"certificates.": Wallet.load})
def wallet() -> rx.Component:
    named = ui.text(Person.viewer, "level") != "UNVERIFIED"
    nothing = ui.card(rx.cond(named, ui.empty(t("certificates.none"), symbol="wallet-cards"),
                              ui.empty(t("certificates.unnamed"), action=(t("certificates.to_name"), "/me/name"),
                                       symbol="badge-check")))
    return rx.cond(
        Wallet.loaded,
        e.div(
            rx.cond(ui.count(Wallet.mine) > 0, e.div(rx.foreach(Wallet.mine, card), class_name="certs"), nothing),
            rx.cond(named & (ui.count(Wallet.others) > 0), ui.section(
                t("certificates.to_claim"),
                e.p(t("certificates.to_claim_words"), class_name="muted"),
                ui.rows(rx.foreach(Wallet.others, _offered)))),
            ui.card(ui.row(t("certificates.scenes"), t("certificates.scenes_sub"), to="/certificates/scenes",
                           symbol="shield-check", tone="teal")),
            e.p(t("home.demo"), class_name="foot"),
            class_name="stack",
        ),
        ui.skeleton(4, "card"),
    )


def _offered(kind: rx.Var[Any]) -> rx.Component:
    claim = ui.act(
        t("certificates.claim"), "CertificatesClaim", {"kind": ui.text(kind, "id")}, ok="CertificatesCertificate",
        done=t("certificates.claimed"), on_done=Wallet.load, class_name="btn btn-soft btn-small")
    return e.div(
        e.span(symbol(kind), class_name=toned(ui.text(kind, "tone"), "tile")),
        e.span(e.b(ui.text(kind, "name")), e.small(ui.text(kind, "office")), class_name="row-words"),
        e.div(claim, class_name="cert-claim"),
        key=ui.text(kind, "id"), class_name="row cert-row",
    )
