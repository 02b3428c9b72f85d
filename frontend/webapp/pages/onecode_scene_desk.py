"""扫码场景: officials of the district propose that a scene begins or ends, and another of them decides."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.onecode_scenes import KINDS, OFFLINE, whole
from webapp.pages.staff_desk import role_of
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class SceneDesk(Session):
    """What is proposed, and what there is to propose with."""

    loaded: bool = False
    official: bool = False
    motions: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    posts: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    facts: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    scenes: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    turn: int = 0

    @rx.event
    async def load(self) -> None:
        with self._telling():
            found = await self.ask(use("OnecodeSceneDesk"))
            self.official = any(office["fourEyes"] for office in (await self.ask(use("StaffOffices")))["staffOffices"])
            self.motions, self.posts = found["onecodeMotions"], found["onecodeScenePosts"]
            self.facts, self.scenes = found["onecodeFacts"], found["onecodeScenes"]
        self.loaded = True

    @rx.event
    def proposed(self) -> None:
        """The forms are for the next one."""
        self.turn += 1


@page("/onecode/scenes/desk", title="scenedesk.title", back="/work", wide=True, on_load=SceneDesk.load,
      on_push={"onecode.to_decide": SceneDesk.load, "onecode.agreed": SceneDesk.load})
def desk() -> rx.Component:
    bench = ui.workbench(e.div(_motions(), _end(), class_name="stack"), _propose())
    elsewhere = ui.card(ui.empty(t("scenedesk.not_district"), action=(t("onecode.scenes"), "/onecode/scenes"),
                                 symbol="shield-check"))
    return ui.told(SceneDesk, rx.cond(SceneDesk.official, bench, elsewhere))


def _motions() -> rx.Component:
    return ui.section(
        t("scenedesk.open"),
        e.p(t("scenedesk.words"), class_name="muted"),
        ui.go("/onecode/scenes", t("onecode.scenes"), class_name="link"),
        rx.cond(ui.count(SceneDesk.motions) > 0, e.div(rx.foreach(SceneDesk.motions, _motion), class_name="stack"),
                ui.empty(t("scenedesk.open_none"), symbol="shield-check")),
    )


def _motion(one: rx.Var[Any]) -> rx.Component:
    """A proposal, whole: who decides reads all of it."""
    scene = ui.at(one, "scene")
    open_ = ui.text(one, "decidedAt") == ""
    state = rx.cond(open_, ui.badge(t("scenedesk.waits"), "amber"),
                    rx.cond(ui.flag(one, "agreed"), ui.badge(t("scenedesk.agreed"), "teal"),
                            ui.badge(t("scenedesk.declined"), "slate")))
    kind = rx.cond(ui.text(one, "kind") == "END", t("scenedesk.end"), t("scenedesk.begin"))
    decide: dict[str, Any] = {"done": t("scenedesk.decided"), "on_done": SceneDesk.load}
    buttons = e.div(
        ui.act(t("scenedesk.decline"), "OnecodeDecideScene", {"id": ui.text(one, "id"), "agree": False},
               class_name="btn btn-quiet", **decide),
        ui.act(t("scenedesk.agree"), "OnecodeDecideScene", {"id": ui.text(one, "id"), "agree": True},
               confirm=t("scenedesk.agree_sure"), class_name="btn btn-main", **decide),
        class_name="pair",
    )
    return e.article(
        e.div(e.span(e.b(kind, " · ", ui.text(scene, "name"))), state, class_name="head"),
        e.p(ui.text(one, "asker"), " · ", ui.when(ui.text(one, "askedAt"), style="ago"), e.br(), ui.text(one, "reason"),
            class_name="muted"),
        rx.cond(open_, e.div(whole(scene), class_name="stack")),
        rx.cond(open_, rx.cond(ui.flag(one, "mine"), e.p(t("scenedesk.own"), class_name="hint"), buttons)),
        class_name="sunken",
    )


def _reason() -> rx.Component:
    return ui.text_field(t("scenedesk.reason"), "reason", hint=t("scenedesk.reason_hint"), required=True, min_length=2,
                         max_length=200)


def _end() -> rx.Component:
    turn: Any = SceneDesk.turn
    options = rx.foreach(SceneDesk.scenes, lambda each: ui.option(ui.text(each, "name"), ui.text(each, "id")))
    return ui.section(
        t("scenedesk.ending"),
        ui.form("OnecodeProposeEnd", ui.select_field(t("scenedesk.scene"), "scene", options), _reason(),
                ui.submit(t("scenedesk.ending"), "btn btn-bad"), draft="scene-end", done=t("scenedesk.proposed"),
                on_done=[SceneDesk.proposed, SceneDesk.load], beside="reason", label=t("scenedesk.ending"),
                key=turn.to_string()),
    )


def _boxes(label: str, name: str) -> rx.Component:
    """Facts to tick."""
    def box(fact: rx.Var[Any]) -> rx.Component:
        return e.label(e.input(type="checkbox", name=name, value=ui.text(fact, "name"), custom_attrs={"data-list": ""}),
                       e.span(ui.text(fact, "label")), class_name="check")
    return ui.field(label, name, e.div(rx.foreach(SceneDesk.facts, box), class_name="boxes"), group=True)


def _fold(label: str, name: str) -> rx.Component:
    """What most scenes have none of, behind a tap."""
    return e.details(e.summary(label, ui.icon("chevron-down", 16)), _boxes(label, name), class_name="fold")


def _post(post: rx.Var[Any]) -> rx.Component:
    kinds = [(name, t(f"onecode.kind_{name}")) for name, *_ in KINDS]
    kind = rx.match(ui.text(post, "organisationKind"), *kinds, ui.text(post, "organisationKind"))
    return e.option(kind, " · ", role_of(post), value=ui.text(post, "id"))


def _propose() -> rx.Component:
    turn: Any = SceneDesk.turn
    required: dict[str, Any] = {"required": True}
    return ui.section(
        t("scenedesk.new"),
        ui.form(
            "OnecodeProposeScene",
            ui.text_field(t("scenedesk.id"), "id", hint=t("scenedesk.id_hint"), pattern="[a-z][a-z_]{2,29}", max_length=30,
                          **required),
            ui.text_field(t("scenedesk.name_zh"), "nameZh", min_length=2, max_length=20, **required),
            ui.text_field(t("scenedesk.name_en"), "nameEn", min_length=2, max_length=60, **required),
            ui.select_field(t("scenedesk.post"), "post", rx.foreach(SceneDesk.posts, _post)),
            _boxes(t("scenedesk.facts"), "facts"),
            _fold(t("scenedesk.demands"), "demands"),
            _fold(t("scenedesk.beyond"), "beyond"),
            ui.text_field(t("scenedesk.ground_zh"), "groundZh", min_length=4, max_length=200, **required),
            ui.text_field(t("scenedesk.ground_en"), "groundEn", min_length=4, max_length=400, **required),
            ui.text_field(t("scenedesk.source"), "source", hint=t("scenedesk.source_hint"), min_length=4, max_length=200,
                          **required),
            ui.text_field(t("scenedesk.retention"), "retentionDays", kind="int", default_value="30", max_length=4,
                          **required),
            ui.text_field(t("scenedesk.seconds"), "codeSeconds", kind="int", default_value="30", max_length=2, **required),
            ui.select_field(t("scenedesk.offline"), "offline",
                            [(word, t(f"onecode.offline_{word.lower()}")) for word in OFFLINE]),
            _reason(),
            ui.submit(t("scenedesk.propose")),
            draft="scene", done=t("scenedesk.proposed"), on_done=[SceneDesk.proposed, SceneDesk.load],
            label=t("scenedesk.new"),
            key=turn.to_string(),
        ),
    )
