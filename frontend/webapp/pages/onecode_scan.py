"""扫码核验: a guard or registrar reads codes, and sees exactly what the post's scene asks."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.session import Session
from webapp.ui import page, t

e = rx.el
_WORDS = (
    "start", "start_words", "denied", "no_camera", "aim", "foreign", "checking", "torch", "type", "type_label", "check",
    "cancel", "yes", "no", "unsure", "next", "again", "first", "holds", "holds_not", "why_used", "why_expired",
    "why_not_entitled",
)


class Gate(Session):
    """My post as a verifier, its counts of today, and its scans when they are opened."""

    post: dict[str, Any] = {}
    asked: bool = False
    scans: list[dict[str, Any]] = []
    opened: bool = False

    @rx.event
    async def load(self) -> None:
        self.post, self.asked = (await self.ask(use("OnecodePost")))["onecodePost"] or {}, True

    @rx.event
    async def open_scans(self) -> None:
        """Reading the list is in the ledger of each holder, so it is read only when somebody asks."""
        found = (await self.ask(use("OnecodePostScans"), first=50))["onecodePostScans"]["edges"]
        self.scans, self.opened = [edge["node"] for edge in found], True


@page("/onecode/scan", title="onecode.scan", back="/", wide=True, on_load=Gate.load)
def scan() -> rx.Component:
    use("OnecodeScan")
    return rx.cond(Gate.asked, rx.cond(ui.flag(Gate.post, "scene"), _desk(), _no_post()), ui.skeleton(1, "block"))


def _no_post() -> rx.Component:
    return ui.card(
        ui.refused(
            t("onecode.no_post"),
            t("onecode.no_post_words"),
            ui.go("/onecode", t("onecode.show"), class_name="btn btn-main"),
            symbol="scan-line",
            tone="calm",
        )
    )


def _desk() -> rx.Component:
    texts = {word: t(f"onecode.scan_{word}") for word in _WORDS}
    return e.div(
        _post(),
        parts.Scanner.create(texts=texts, on_checked=Gate.load),
        e.div(
            e.p(t("onecode.asks"), rx.foreach(ui.items(Gate.post, "scene.asks"), _asked), class_name="muted seen-labels"),
            e.button(
                t("onecode.today"),
                type="button",
                on_click=Gate.open_scans,
                custom_attrs=ui.opens("today"),
                class_name="btn btn-soft",
            ),
            class_name="gate-more",
        ),
        ui.sheet(
            "today",
            t("onecode.today"),
            e.p(t("onecode.today_words"), class_name="muted"),
            rx.cond(Gate.opened, ui.rows(rx.foreach(Gate.scans, _check)), ui.skeleton(3)),
        ),
        class_name="gate",
    )


def _post() -> rx.Component:
    """Where this is, and how many today."""
    return e.header(
        e.div(
            e.b(ui.text(Gate.post, "organisation"), " ", ui.text(Gate.post, "place")),
            e.small(ui.text(Gate.post, "scene.name")),
            class_name="post-words",
        ),
        e.dl(
            _count(t("onecode.passed_today"), ui.number(Gate.post, "acceptedToday"), "good"),
            _count(t("onecode.refused_today"), ui.number(Gate.post, "refusedToday"), "bad"),
            class_name="post-counts",
        ),
        class_name="post",
    )


def _asked(label: rx.Var[Any]) -> rx.Component:
    return e.span(label.to(str))


def _count(label: str, number: rx.Var[Any], tone: str) -> rx.Component:
    return e.div(e.dt(label), e.dd(number, class_name="num"), class_name=f"count count-{tone}")


def _check(check: rx.Var[Any]) -> rx.Component:
    words = rx.match(
        ui.text(check, "verdict"),
        ("ACCEPTED", t("onecode.scan_yes")),
        ("USED", t("onecode.was_used")),
        ("EXPIRED", t("onecode.was_expired")),
        t("onecode.was_not_entitled"),
    )
    tone = rx.cond(ui.text(check, "verdict") == "ACCEPTED", ui.badge(words, "teal"), ui.badge(words, "coral"))
    return ui.row(e.span(ui.when(ui.text(check, "at")), " ", ui.text(check, "facts.0.text")), None, end=tone)
