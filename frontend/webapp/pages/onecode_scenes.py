"""哪里要扫码: where a code is read, what is seen there, on which ground, and how long it is kept."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.ui import page, t
from webapp.ui.layout import Tone

e = rx.el
KINDS: tuple[tuple[str, str, Tone], ...] = (
    ("property", "building-2", "blue"),
    ("hospital", "heart-pulse", "coral"),
    ("school", "graduation-cap", "amber"),
    ("hall", "landmark", "violet"),
    ("library", "book-open", "teal"),
    ("transit", "bus", "blue"),
    ("attraction", "trees", "teal"),
    ("community", "house", "amber"),
    ("district", "landmark", "slate"),
    ("developer", "plug", "slate"),
)
OFFLINE = ("NONE", "REFUSE", "OFFLINE")


@page("/onecode/scenes", title="onecode.scenes", back="/onecode", private=False)
def scenes() -> rx.Component:
    found = ui.public("OnecodeScenes")
    return e.div(
        e.p(t("onecode.scenes_words"), class_name="muted"),
        ui.card(ui.listing(found, "onecodeScenes", scene, nothing=ui.empty(t("onecode.scenes_none"), symbol="qr-code"),
                           bones=6)),
        e.p(t("home.demo"), class_name="foot"),
        class_name="stack",
    )


def kind(scene: Any) -> rx.Component:
    """Who runs it."""
    words = [(name, t(f"onecode.kind_{name}")) for name, *_ in KINDS]
    return e.span(rx.match(ui.text(scene, "organisationKind"), *words, ui.text(scene, "organisationKind")))


def scene(one: rx.Var[Any]) -> rx.Component:
    """A scene: its name, and what there is to know of it when it is opened."""
    return e.details(
        e.summary(
            rx.match(ui.text(one, "organisationKind"), *[(name, ui.tile(symbol, tone)) for name, symbol, tone in KINDS],
                     ui.tile("qr-code", "slate")),
            e.span(e.b(ui.text(one, "name")), e.small(kind(one), " · ", _labels(one, "asks")), class_name="row-words"),
            ui.icon("chevron-down", 18),
            class_name="row",
        ),
        whole(one),
        class_name="scene",
    )


def whole(one: Any) -> rx.Component:
    """All that is to be known of a scene."""
    offline = rx.match(ui.text(one, "offline"), *[(word, t(f"onecode.offline_{word.lower()}")) for word in OFFLINE], "")
    return ui.facts(
        ui.fact(t("onecode.scene_sees"), _labels(one, "asks")),
        rx.cond(ui.count(ui.items(one, "needs")) > 0, ui.fact(t("onecode.scene_needs"), _labels(one, "needs"))),
        rx.cond(ui.count(ui.items(one, "asksBeyond")) > 0,
                ui.fact(t("onecode.scene_beyond"), _labels(one, "asksBeyond"))),
        ui.fact(t("onecode.scene_ground"), ui.text(one, "ground")),
        ui.fact(t("onecode.scene_source"), ui.text(one, "source")),
        ui.fact(t("onecode.scene_kept"), e.span(ui.number(one, "retentionDays"), " ", t("onecode.days"))),
        ui.fact(t("onecode.scene_offline"), offline),
    )


def _labels(one: Any, path: str) -> rx.Component:
    """Facts in words, one after the other."""
    listed = ui.items(one, path)
    return rx.cond(ui.count(listed) > 0, e.span(rx.foreach(listed, lambda label: e.span(label.to(str))),
                                                class_name="seen-labels"), e.span(t("onecode.scene_nothing")))
