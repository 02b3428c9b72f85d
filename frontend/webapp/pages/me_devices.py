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
    renamed: str = ""
    """The device that is being given a name."""

    @rx.event
    async def load(self) -> None:
        await self._read()

    async def _read(self) -> None:
        found = (await self.ask(use("IdentityDevices")))["identityDevices"]
        self.devices = sorted(found, key=lambda device: not device["current"])
        self.loaded = True

    @rx.event
    def rename(self, device: str) -> None:
        self.renamed = device

    @rx.event
    async def named(self) -> None:
        self.renamed = ""
        await self._read()


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
    client = ui.flag(device, "isClient")
    end = ui.act(
        t("me.end"), "IdentityEndDevice", {"id": ui.text(device, "id")},
        confirm=rx.cond(client, t("oauth.end_sure"), t("me.end_sure")), done=t("me.ended"),
        on_done=Devices.load, class_name="btn btn-soft btn-small",
    )
    name, kind, street = ui.text(device, "name"), ui.text(device, "kind"), ui.text(device, "street.name")
    phones = ("Android", "iPhone", "HarmonyOS")
    picture = rx.match(kind, *[(each, ui.tile("smartphone", "blue")) for each in phones],
                       ("iPad", ui.tile("tablet", "blue")),
                       rx.cond(client, ui.tile("blocks", "violet"), ui.tile("monitor", "slate")))
    seen = rx.cond(ui.flag(device, "current"), t("me.device_now"),
                   e.span(t("me.device_seen"), " ", ui.when(ui.text(device, "lastSeenAt"))))
    row = e.div(
        picture,
        e.span(e.b(rx.cond(name == "", t("me.device_unnamed"), name)),
               rx.cond(client, e.small(t("oauth.client"))),
               e.small(seen),
               rx.cond(street != "", e.small(t("me.device_near"), " ", street)),
               e.small(t("me.since"), " ", ui.when(ui.text(device, "signedInAt"))), class_name="row-words"),
        rx.cond(ui.flag(device, "current"), ui.badge(t("me.this_device"), "teal"), end),
        class_name="row",
    )
    rename = e.button(t("me.device_rename"), type="button", class_name="btn btn-text btn-small",
                      on_click=ui.call(Devices.rename, ui.text(device, "id")))
    return e.div(row, rx.cond(Devices.renamed == ui.text(device, "id"), _rename(device), rename),
                 key=ui.text(device, "id"), class_name="device")


def _rename(device: rx.Var[Any]) -> rx.Component:
    """What I call it: so that I know mine again."""
    return ui.form(
        "IdentityNameDevice",
        ui.text_field(t("me.device_name"), "name", required=True, max_length=30, placeholder=t("me.device_name_hint")),
        ui.submit(t("me.device_save")),
        variables={"id": ui.text(device, "id")},
        draft="device-name",
        beside="name",
        done=t("me.device_saved"),
        on_done=Devices.named,
        label=t("me.device_rename"),
    )
