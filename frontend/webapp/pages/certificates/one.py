"""One certificate: what it says, masked; showing it, correcting it, and what was done with it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.certificates import pieces
from webapp.pages.certificates.faces import face, identifier
from webapp.session import Paged, Session, page_of
from webapp.ui import page, t

e = rx.el


class Certificate(Paged, Session):
    """The one that the address names."""

    loaded: bool = False
    one: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    uses: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)

    @rx.event
    async def load(self) -> None:
        await self._read("")
        self.loaded = True

    async def _read(self, after: str) -> None:
        """With the page of its uses that comes after a cursor."""
        id_ = self.router.url.query_parameters.get("id", "")
        self.one = await self.find(use("CertificatesCertificate"), id=id_, after=after or None)
        uses, self.more = page_of(self.one["uses"]) if self.one else ([], "")
        self.uses = (self.uses if after else []) + uses


def found(draw: Any) -> rx.Component:
    """A page about a certificate of mine; what else it says where there is none."""
    back = (t("certificates.title"), "/certificates")
    gone = ui.card(ui.empty(t("certificates.gone"), action=back, symbol="wallet-cards"))
    return rx.cond(Certificate.loaded, rx.cond(ui.flag(Certificate.one, "id"), draw, gone), ui.skeleton(4, "card"))


@page("/certificates/one", title="certificates.one", back="/certificates", on_load=Certificate.load,
      on_push={"certificates.": Certificate.load})
def one() -> rx.Component:
    this: Any = Certificate.one
    return found(e.div(
        face(this),
        e.div(
            ui.go("/certificates/show?id=" + ui.text(this, "id"), t("certificates.show"), class_name="btn btn-main"),
            ui.go("/certificates/correct?id=" + ui.text(this, "id"), t("certificates.correct"), class_name="btn btn-soft"),
            class_name="pair",
        ),
        ui.section(t("certificates.about"), _about(this), _turn(this)),
        rx.cond(ui.text(this, "standing") == "VALID", ui.section(
            t("certificates.other_wallet"), e.p(t("certificates.other_wallet_words"), class_name="muted"),
            rx.cond(_drives(this), e.p(t("certificates.both_formats"), class_name="muted")),
            _offer(this),
            e.p(t("certificates.standards"), rx.cond(_drives(this), t("certificates.standards_licence"), ""),
                class_name="hint"))),
        rx.cond(ui.count(ui.items(this, "corrections")) > 0, ui.section(
            t("certificates.corrections"), ui.rows(rx.foreach(ui.items(this, "corrections"), _correction)))),
        ui.section(t("certificates.uses"), rx.cond(
            ui.count(Certificate.uses) > 0,
            ui.rows(rx.foreach(Certificate.uses, _use)),
            e.p(t("certificates.uses_none"), class_name="muted")),
            ui.more(Certificate.more, Certificate.load_more)),
        rx.cond(ui.flag(this, "demo"), e.p(t("home.demo"), class_name="foot")),
        class_name="stack",
    ))


def _drives(this: Any) -> Any:
    return ui.text(this, "kind.id") == "driving_licence"


def _about(this: Any) -> rx.Component:
    until = rx.cond(ui.flag(this, "validUntil"), ui.text(this, "validUntil"), t("certificates.no_end"))
    return ui.facts(
        ui.fact(t("certificates.standing"), rx.match(ui.text(this, "standing"), *[
            (each, t(f"certificates.standing_{each.lower()}"))
            for each in ("NOT_YET", "EXPIRED", "SUSPENDED", "REVOKED")], t("certificates.standing_valid"))),
        ui.fact(t("certificates.issuer"), ui.text(this, "issuer")),
        ui.fact(t("certificates.issued_on"), e.span(ui.text(this, "issuedOn"), class_name="num")),
        ui.fact(t("certificates.valid_until"), e.span(until, class_name="num")),
        ui.fact(t("certificates.identifier"), identifier(this)),
    )


def _offer(this: Any) -> rx.Component:
    """What another wallet scans; it is kept nowhere here."""
    use("CertificatesOffer")
    words = ("make", "picture", "code", "left", "over")
    texts = {name: t(f"certificates.offer_{name}", seconds="{seconds}") for name in words}
    return pieces.OfferCode.create(id=ui.text(this, "id"), texts=texts)


def _turn(this: Any) -> rx.Component:
    """Stopped at once, where a phone was lost; and let count again."""
    vars_ = {"id": ui.text(this, "id")}
    return rx.match(
        ui.text(this, "standing"),
        ("SUSPENDED", ui.act(t("certificates.resume"), "CertificatesResume", vars_, done=t("certificates.resumed"),
                             on_done=Certificate.load, class_name="btn btn-soft wide")),
        ("VALID", ui.act(t("certificates.suspend"), "CertificatesSuspend", vars_, done=t("certificates.suspended"),
                         confirm=t("certificates.suspend_sure"), on_done=Certificate.load, class_name="btn btn-quiet wide")),
        rx.fragment())


def _correction(each: rx.Var[Any]) -> rx.Component:
    badge = rx.match(ui.text(each, "outcome"), ("CORRECTED", ui.badge(t("certificates.corrected"), "teal")),
                     ("REFUSED", ui.badge(t("certificates.refused"), "coral")),
                     ui.badge(t("certificates.checking"), "amber"))
    return e.div(
        e.span(e.b(ui.text(each, "about.label"), " → ", ui.text(each, "says")),
               rx.cond(ui.text(each, "answer") != "", e.span(ui.text(each, "answer"), class_name="muted")),
               e.small(ui.when(ui.text(each, "askedAt"))), class_name="row-words"),
        badge, key=ui.text(each, "id"), class_name="row row-tall",
    )


def _use(each: Any) -> rx.Component:
    what = rx.match(ui.text(each, "what"), *[(kind, t(f"certificates.use_{kind.lower()}"))
                                            for kind in ("PRESENTED", "DECLINED", "ISSUED")], t("certificates.use_shown"))
    labels = rx.foreach(ui.items(each, "saw"), lambda claim: e.span(ui.text(claim, "label")))
    saw = e.span(labels, class_name="seen-labels muted")
    whom = rx.cond(ui.text(each, "whom") != "", e.span(" · ", ui.text(each, "whom")))
    return e.div(
        e.span(e.b(what, whom), saw, e.small(ui.when(ui.text(each, "at"))), class_name="row-words"),
        key=ui.text(each, "id"), class_name="row row-tall",
    )


@page("/certificates/show", title="certificates.show", back="/certificates", on_load=Certificate.load)
def show() -> rx.Component:
    this: Any = Certificate.one
    return found(e.div(
        face(this, large=True),
        pieces.ShowingClock.create(words=t("certificates.clock")),
        e.p(t("certificates.show_words"), class_name="muted"),
        class_name="stack cert-show",
    ))


@page("/certificates/correct", title="certificates.correct", back="/certificates", on_load=Certificate.load)
def correct() -> rx.Component:
    this: Any = Certificate.one
    id_ = ui.text(this, "id")

    def choice(claim: rx.Var[Any]) -> rx.Component:
        return ui.option(ui.text(claim, "label") + "：" + ui.text(claim, "value"), ui.text(claim, "name"))
    return found(e.div(
        e.p(t("certificates.correct_words"), class_name="muted"),
        ui.card(ui.form(
            "CertificatesAskCorrection",
            ui.select_field(t("certificates.which"), "claim", rx.foreach(ui.items(this, "claims"), choice), required=True),
            ui.text_field(t("certificates.says"), "says", required=True, max_length=100),
            ui.long_field(t("certificates.why"), "words", hint=t("certificates.why_hint"), required=True, min_length=2,
                          max_length=200, rows="3"),
            ui.submit(t("certificates.send")),
            variables={"id": id_},
            done=t("certificates.sent"),
            next="/certificates/one?id=" + id_,
            beside="says",
            label=t("certificates.correct"),
        )),
        class_name="stack",
    ))
