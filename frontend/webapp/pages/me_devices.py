"""登录设备: where I am signed in; each can be ended, at once."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class Devices(Session):
    """My devices, this one first."""

    devices: list[dict[str, Any]] = []
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        found = (await self.ask(use("IdentityDevices")))["identityDevices"]
        self.devices = sorted(found, key=lambda device: not device["current"])
        self.loaded = True


@page("/me/devices", title="me.devices", back="/me", on_load=Devices.load, on_push={"identity.": Devices.load})
def devices() -> rx.Component:
    end_others = ui.act(
        t("me.end_others"), "IdentityEndOtherDevices", confirm=t("me.end_others_sure"), done=t("me.ended"),
        on_done=Devices.load, class_name="btn btn-soft wide",
    )
    return e.div(
        e.p(t("me.devices_words"), class_name="muted"),
        rx.cond(Devices.loaded, ui.card(ui.rows(rx.foreach(Devices.devices, _device))), ui.card(ui.skeleton(3))),
        rx.cond(ui.count(Devices.devices) > 1, end_others),
        class_name="stack",
    )


def _device(device: rx.Var[Any]) -> rx.Component:
    end = ui.act(
        t("me.end"), "IdentityEndDevice", {"id": ui.text(device, "id")}, confirm=t("me.end_sure"), done=t("me.ended"),
        on_done=Devices.load, class_name="btn btn-soft btn-small",
    )
    name = ui.text(device, "name")
    phones = ("Android", "iPhone", "HarmonyOS")
    picture = rx.match(name, *[(kind, ui.tile("smartphone", "blue")) for kind in phones],
                       ("iPad", ui.tile("tablet", "blue")), ui.tile("monitor", "slate"))
    return e.div(
        picture,
        e.span(e.b(rx.cond(name == "", t("me.device_unnamed"), name)),
               e.small(t("me.since"), " ", ui.when(ui.text(device, "signedInAt"))), class_name="row-words"),
        rx.cond(ui.flag(device, "current"), ui.badge(t("me.this_device"), "teal"), end),
        key=ui.text(device, "id"),
        class_name="row",
    )
