"""安全验证: my passkeys, each with its name, and my recovery codes."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec

from webapp import ui
from webapp.documents import use
from webapp.pages.me_vouch import pending
from webapp.person import Person
from webapp.session import Session
from webapp.ui import page, t

e = rx.el
_result = passthrough_event_spec(dict[str, Any])
_MAKE = ("make", "made", "unnamed", "unable")
_RENAME = ("rename", "name", "save")
_CODES = ("title", "make", "again", "once", "copy", "copied", "cannot", "save", "kept")


class _Factors(rx.Component):
    """What makes, names and replaces second factors; see factors.jsx."""

    library = "$/public/haian/factors.jsx"
    texts: rx.Var[dict[str, str]]
    on_done: rx.EventHandler[_result]


class MakePasskey(_Factors):
    tag = "MakePasskey"


class RenamePasskey(_Factors):
    tag = "RenamePasskey"
    passkey: rx.Var[str]
    name: rx.Var[str]


class RecoveryCodes(_Factors):
    tag = "RecoveryCodes"
    again: rx.Var[bool]


class Factors(Session):
    """With what I can show that it is me. ``left``: recovery codes, -1 where none were ever made."""

    passkeys: list[dict[str, Any]] = []
    left: int = -1
    vouched: list[dict[str, Any]] = []
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        found = (await self.ask(use("FactorsMine")))["factorsMine"]
        self.passkeys = [factor for factor in found if factor["kind"] == "PASSKEY"]
        self.left = next((factor["left"] for factor in found if factor["kind"] == "RECOVERY_CODE"), -1)
        self.vouched = (await self.ask(use("FactorsVouched")))["factorsVouched"]
        self.loaded = True


@page("/me/security", title="factors.title", back="/me", on_load=Factors.load, on_push={"factors.": Factors.load})
def security() -> rx.Component:
    for document in ("RegisterOptions", "Register", "Rename", "RecoveryCodes", "StepUpOptions", "StepUp"):
        use(f"Factors{document}")
    return e.div(
        e.p(t("factors.lead"), class_name="muted"),
        rx.cond(
            Factors.loaded,
            e.div(pending(Factors.vouched, Factors.load), _passkeys(), _codes(), class_name="stack"),
            ui.card(ui.skeleton(3)),
        ),
        _account(),
        class_name="stack narrow",
    )


def _passkeys() -> rx.Component:
    return ui.section(
        t("factors.passkeys"),
        e.p(t("factors.passkeys_sub"), class_name="muted"),
        rx.cond(
            ui.count(Factors.passkeys) > 0,
            ui.rows(rx.foreach(Factors.passkeys, _passkey)),
            ui.row(t("factors.none"), symbol="fingerprint", tone="slate"),
        ),
        MakePasskey.create(texts={key: t(f"factors.{key}") for key in _MAKE}, on_done=Factors.load),
    )


def _passkey(passkey: rx.Var[Any]) -> rx.Component:
    name, id_ = ui.text(passkey, "name"), ui.text(passkey, "id")
    used, suspended = ui.text(passkey, "usedAt"), ui.flag(passkey, "suspended")
    seen = rx.cond(
        used != "",
        e.small(t("factors.used"), " ", ui.when(used)),
        e.small(t("factors.unused"), " ", ui.when(ui.text(passkey, "since"))),
    )
    remove = ui.act(
        t("factors.remove"), "FactorsRemove", {"id": id_}, confirm=t("factors.remove_sure"), done=t("factors.removed"),
        on_done=Factors.load, class_name="btn btn-soft btn-small",
    )
    rename = RenamePasskey.create(
        texts={key: t(f"factors.{key}") for key in _RENAME}, passkey=id_, name=name, on_done=Factors.load
    )
    return e.div(
        e.div(
            rx.cond(suspended, ui.tile("shield-alert", "coral"), ui.tile("fingerprint", "teal")),
            e.span(e.b(name), rx.cond(suspended, e.small(t("factors.suspended_words")), seen), class_name="row-words"),
            rx.cond(suspended, ui.badge(t("factors.suspended"), "coral")),
            class_name="row",
        ),
        e.div(rename, remove, class_name="row-acts"),
        key=id_,
        class_name="passkey",
    )


def _account() -> rx.Component:
    masked = ui.text(Person.viewer, "maskedPhone")
    return ui.section(
        t("me.account"),
        ui.rows(
            ui.row(t("me.devices"), t("me.devices_sub"), to="/me/devices", symbol="monitor-smartphone", tone="slate"),
            ui.row(rx.cond(masked != "", masked, t("phone.row")), t("phone.row_sub"), to="/me/phone", symbol="smartphone",
                   tone="blue"),
        ),
    )


def _codes() -> rx.Component:
    texts = {key: t(f"factors.codes_{key}") for key in _CODES}
    left = e.span(t("factors.codes_left"), " ", e.span(Factors.left, class_name="num"))
    return ui.section(
        t("factors.codes"),
        ui.row(
            rx.cond(Factors.left < 0, e.span(t("factors.codes_none")), left),
            t("factors.codes_sub"),
            symbol="life-buoy",
            tone="amber",
        ),
        RecoveryCodes.create(texts=texts, again=Factors.left >= 0, on_done=Factors.load),
    )
