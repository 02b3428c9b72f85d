"""查验: staff choose a scene, show its QR code, and see the verdict with exactly what was asked."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.certificates import pieces
from webapp.pages.certificates.ask import claims
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class Checking(Session):
    """My scenes; the request that is shown; what came of it."""

    loaded: bool = False
    scenes: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    chosen: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    asked: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    answer: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    async def load(self) -> None:
        with self._telling():
            self.scenes = (await self.ask(use("CertificatesMyScenes")))["certificatesMyScenes"]
        self.loaded = True

    @rx.event
    async def pick(self, scene: str) -> None:
        self.chosen = next((each for each in self.scenes if each["id"] == scene), {})
        self.answer = {}
        self.asked = (await self.ask(use("CertificatesAsk"), scene=scene))["certificatesAsk"]

    @rx.event
    async def look(self) -> None:
        """Something was answered: mine?"""
        if self.asked:
            found = await self.find(use("CertificatesAnswer"), id=self.asked["id"])
            labels = {each["name"]: each["label"] for each in self.chosen.get("asks", ())}
            shown = [{**each, "label": labels.get(each["name"], each["name"])} for each in found.get("shown", ())]
            self.answer = {**found, "shown": shown} if found.get("fate") not in (None, "OPEN") else {}

    @rx.event
    def back(self) -> None:
        self.chosen, self.asked, self.answer = {}, {}, {}


@page("/certificates/check", title="certificates.check", back="/work", wide=True, on_load=Checking.load,
      on_push={"certificates.": Checking.look})
def check() -> rx.Component:
    picked = rx.cond(ui.flag(Checking.asked, "id"), "checking picked", "checking")
    return e.div(ui.desk(Checking, _scenes(), _main()), class_name=picked)


def _scenes() -> rx.Component:
    def line(scene: rx.Var[Any]) -> rx.Component:
        return e.button(
            e.span(e.b(ui.text(scene, "name")), e.small(ui.text(scene, "kind.name")), class_name="row-words"),
            type="button", on_click=ui.call(Checking.pick, ui.text(scene, "id")), class_name="pick-row",
            aria_pressed=ui.text(Checking.chosen, "id") == ui.text(scene, "id"),
        )
    nothing = ui.empty(t("certificates.scenes_none"), symbol="shield")
    return ui.section(t("certificates.my_scenes"), rx.cond(
        ui.count(Checking.scenes) > 0, e.div(rx.foreach(Checking.scenes, line), class_name="stack"), nothing))


def _main() -> rx.Component:
    nothing = ui.card(ui.empty(t("certificates.choose_scene"), symbol="qr-code"))
    return rx.cond(ui.flag(Checking.asked, "id"), rx.cond(ui.flag(Checking.answer, "id"), _verdict(), _code()), nothing)


def _code() -> rx.Component:
    texts = {"ours": t("certificates.by_ours"), "other": t("certificates.by_other"), "picture": t("certificates.picture"),
             "left": t("certificates.left", seconds="{seconds}"), "over": t("certificates.over"),
             "again": t("certificates.again")}
    return e.div(
        ui.section(ui.text(Checking.chosen, "name"),
                   pieces.AskingCode.create(asked=Checking.asked, texts=texts,
                                           on_again=ui.call(Checking.pick, ui.text(Checking.chosen, "id")))),
        ui.section(t("certificates.you_see"), e.p(ui.text(Checking.chosen, "kind.name")), claims(Checking.chosen)),
        _other(),
        class_name="stack",
    )


def _verdict() -> rx.Component:
    """In the whole width: a colour, a word, and what was asked."""
    fate = ui.text(Checking.answer, "fate")
    good = fate == "PRESENTED"
    words = rx.match(fate, ("PRESENTED", t("certificates.verdict_good")), ("DECLINED", t("certificates.verdict_declined")),
                     ("OVER", t("certificates.over")), t("certificates.verdict_bad"))
    why = rx.match(ui.text(Checking.answer, "trouble"), ("revoked", t("certificates.standing_revoked")),
                   ("suspended", t("certificates.standing_suspended")), ("expired", t("certificates.standing_expired")),
                   ("incomplete", t("certificates.trouble_incomplete")), ("", ""), t("certificates.trouble_other"))

    def seen(each: rx.Var[Any]) -> rx.Component:
        holds = rx.cond(ui.flag(each, "holds"), t("certificates.yes"), t("certificates.no"))
        return ui.fact(ui.text(each, "label"), e.b(rx.cond(ui.text(each, "text") != "", ui.text(each, "text"), holds),
                                                   class_name="large"))
    return e.div(
        e.div(e.b(words), e.span(why), class_name=rx.cond(good, "verdict yes", "verdict no"), role="status"),
        rx.cond(good, ui.section(ui.text(Checking.chosen, "name"), rx.cond(
            ui.count(ui.items(Checking.answer, "shown")) > 0,
            ui.facts(rx.foreach(ui.items(Checking.answer, "shown"), seen)), e.p(t("certificates.asks_alone"))))),
        e.button(t("certificates.next"), type="button", on_click=ui.call(Checking.pick, ui.text(Checking.chosen, "id")),
                 class_name="btn btn-main wide"),
        _other(),
        class_name="stack",
    )


def _other() -> rx.Component:
    return e.button(t("certificates.other_scene"), type="button", on_click=Checking.back, class_name="btn btn-quiet wide")
