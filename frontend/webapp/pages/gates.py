"""闸机与核验设备: a manager registers them, the district approves them, either revokes them at once."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.session import Paged, Session
from webapp.ui import page, t

e = rx.el
_FRAME = 4  # modules of white around a QR code (ISO/IEC 18004)
_STATES: tuple[tuple[str, Any], ...] = (
    ("TO_APPROVE", "amber"), ("DECLINED", "slate"), ("APPROVED", "blue"), ("REVOKED", "coral"),
)


class Gates(Paged, Session):
    """Where I register or approve devices, the office that is open, its devices, and the one that was picked."""

    loaded: bool = False
    offices: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    office: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    scenes: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    devices: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    picked: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    code: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    scans: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    looked: bool = False
    older: str = ""
    sent: int = 0

    @rx.event
    async def load(self) -> None:
        with self._telling():
            self.offices = (await self.ask(use("OnecodeVerifierOffices")))["onecodeVerifierOffices"]
            await self._open(self.office.get("id", ""))
        self.loaded = True

    @rx.event
    async def choose(self, office: str) -> None:
        self._unpick()
        await self._open(office)

    async def _open(self, id_: str) -> None:
        """The office with this id, or the first; what is picked stays picked, as it is now."""
        self.office = next((office for office in self.offices if office["id"] == id_), next(iter(self.offices), {}))
        self.devices, self.more, self.scenes = [], "", []
        if self.office:
            await self._read("")
            if not self.office["decides"]:
                found = await self.ask(use("OnecodeVerifierScenes"), organisation=self.office["id"])
                self.scenes = found["onecodeVerifierScenes"]
        self.picked = next((one for one in self.devices if one["id"] == self.picked.get("id")), {})

    async def _read(self, after: str) -> None:
        all_, mine = use("OnecodeAllVerifiers"), use("OnecodeVerifiers")
        which = (all_, {}) if self.office["decides"] else (mine, {"organisation": self.office["id"]})
        self.devices, self.more = await self._pages(which[0], self.devices, after, **which[1])

    @rx.event
    async def registered(self) -> None:
        self.sent += 1
        await self._open(self.office.get("id", ""))

    @rx.event
    def pick(self, device: str) -> None:
        self._unpick()
        self.picked = next((one for one in self.devices if one["id"] == device), {})

    @rx.event
    def unpick(self) -> None:
        self._unpick()

    def _unpick(self) -> None:
        self.picked, self.code, self.scans, self.looked, self.older = {}, {}, [], False, ""

    @rx.event
    def show_code(self, made: dict[str, Any]) -> None:
        side = made["size"] + 2 * _FRAME
        said = made["code"]
        self.code = made | {"said": f"{said[:4]} {said[4:8]} {said[8:]}", "box": f"-{_FRAME} -{_FRAME} {side} {side}"}

    @rx.event
    def show_scans(self, found: dict[str, Any]) -> None:
        self.scans, self.looked = self.scans + found["scans"], True
        self.older = self.scans[-1]["at"] if found["more"] else ""


@page("/me/gates", title="gates.title", back="/work", wide=True, on_load=Gates.load,
      on_push={"onecode.verifier": Gates.load})
def gates() -> rx.Component:
    return ui.desk(Gates, e.div(_offices(), _devices(), class_name="stack"), _beside())


def _offices() -> rx.Component:
    """Which office, where there are several."""
    def one(office: rx.Var[Any]) -> rx.Component:
        words = rx.cond(ui.flag(office, "decides"), t("gates.all"), ui.text(office, "name"))
        return ui.pick(words, ui.text(Gates.office, "id") == ui.text(office, "id"),
                       ui.call(Gates.choose, ui.text(office, "id")))
    return rx.cond(ui.count(Gates.offices) > 1, ui.picks(t("gates.office"), rx.foreach(Gates.offices, one)),
                   e.b(ui.text(Gates.office, "name")))


def _devices() -> rx.Component:
    nothing = rx.cond(ui.flag(Gates.office, "decides"), t("gates.none_all"), t("gates.none"))
    return ui.section(
        t("gates.list"),
        ui.pick_list(Gates.devices, _line, Gates.picked, nothing, "door-open"),
        ui.more(Gates.more, Gates.load_more),
    )


def _state(one: rx.Var[Any]) -> rx.Component:
    """How far a device is, and whether a gate is there."""
    there = rx.cond(
        ui.text(one, "kind") == "PARTNER", ui.badge(t("gates.state_partner"), "teal"),
        rx.cond(ui.flag(one, "awake"), ui.badge(t("gates.state_active"), "teal"), ui.badge(t("gates.state_away"), "coral")),
    )
    known = [(state, ui.badge(t(f"gates.state_{state.lower()}"), tone)) for state, tone in _STATES]
    return rx.match(ui.text(one, "standing"), *known, there)


def _line(one: rx.Var[Any]) -> rx.Component:
    where = rx.cond(ui.flag(Gates.office, "decides"), ui.text(one, "organisation") + " · ", "")
    return ui.pick_row(one, ui.text(one, "place"), where, ui.text(one, "scene"), " · ", _today(one), end=_state(one),
                       chosen=Gates.picked, tap=Gates.pick)


def _today(one: rx.Var[Any]) -> rx.Component:
    """How many passed, and how many did not."""
    return e.span(ui.text(one, "acceptedToday"), " / ", ui.text(one, "refusedToday"), class_name="num",
                  title=t("gates.today"))


def _beside() -> rx.Component:
    return rx.cond(
        ui.flag(Gates.picked, "id"),
        _picked(),
        rx.cond(ui.flag(Gates.office, "decides"), None, rx.cond(ui.flag(Gates.office, "id"), _register())),
    )


def _register() -> rx.Component:
    """A gate, or of a third party its system."""
    office: Any = Gates.office
    sent: Any = Gates.sent

    def scene(each: rx.Var[Any]) -> rx.Component:
        return ui.option(ui.text(each, "name") + " · " + ui.items(each, "asks").join("、"), ui.text(each, "id"))
    return e.section(
        e.div(e.h2(t("gates.register")), class_name="head"),
        ui.form(
            "OnecodeRegisterVerifier",
            e.p(t("gates.register_words"), class_name="muted"),
            ui.text_field(t("gates.place"), "place", hint=t("gates.place_hint"), required=True, max_length=40),
            ui.select_field(t("gates.scene"), "scene", rx.foreach(Gates.scenes, scene)),
            ui.submit(t("gates.register_send")),
            variables={"organisation": ui.text(office, "id"),
                       "kind": rx.cond(ui.flag(office, "partners"), "PARTNER", "GATE")},
            done=t("gates.registered"), on_done=Gates.registered, beside="place", label=t("gates.register"),
        ),
        key=sent.to_string(),
        class_name="card",
    )


def _picked() -> rx.Component:
    one: Any = Gates.picked
    standing = ui.text(one, "standing")
    ended = (standing == "REVOKED") | (standing == "DECLINED")
    undecided = (standing == "TO_APPROVE") & ui.flag(Gates.office, "decides")
    return e.div(
        ui.section(ui.text(one, "place"), e.div(e.span(_state(one)), _facts(one), class_name="stack")),
        rx.cond(ui.flag(Gates.office, "decides"),
                e.div(rx.cond(standing == "TO_APPROVE", _decide(one)), rx.cond(standing == "TO_APPROVE", None, _look(one)),
                      class_name="stack"),
                rx.cond((standing == "APPROVED") | (standing == "ACTIVE"), _enrol(one))),
        rx.cond(ended | undecided, None, _revoke(one)),
        e.button(t("gates.close"), type="button", on_click=Gates.unpick, class_name="btn btn-quiet wide"),
        class_name="stack",
    )


def _facts(one: rx.Var[Any]) -> rx.Component:
    def moment(words: str, name: str) -> rx.Component:
        return rx.cond(ui.text(one, name) != "", ui.fact(t(words), ui.when(ui.text(one, name))))

    def said(words: str, name: str) -> rx.Component:
        return rx.cond(ui.text(one, name) != "", ui.fact(t(words), ui.text(one, name)))
    return ui.facts(
        ui.fact(t("gates.office"), ui.text(one, "organisation")),
        ui.fact(t("gates.kind"), rx.cond(ui.text(one, "kind") == "GATE", t("gates.kind_gate"), t("gates.kind_partner"))),
        ui.fact(t("gates.scene"), ui.text(one, "scene")),
        ui.fact(t("gates.asks"), ui.items(one, "asks").join("、")),
        ui.fact(t("gates.today"), _today(one)),
        moment("gates.scanned", "scannedAt"), moment("gates.seen", "seenAt"), moment("gates.enrolled", "enrolledAt"),
        said("gates.asker", "asker"), said("gates.decider", "decider"),
        moment("gates.revoked", "revokedAt"), said("gates.why", "revokedReason"),
    )


def _decide(one: rx.Var[Any]) -> rx.Component:
    given: dict[str, Any] = {"done": t("gates.decided"), "on_done": Gates.load}
    return rx.cond(
        ui.flag(one, "mine"),
        e.p(t("gates.own"), class_name="note note-wait"),
        e.div(
            ui.act(t("gates.decline"), "OnecodeDecideVerifier", {"id": ui.text(one, "id"), "agree": False},
                   confirm=t("gates.decline_sure"), class_name="btn btn-quiet", **given),
            ui.act(t("gates.approve"), "OnecodeDecideVerifier", {"id": ui.text(one, "id"), "agree": True},
                   class_name="btn btn-main", **given),
            class_name="pair",
        ),
    )


def _enrol(one: rx.Var[Any]) -> rx.Component:
    """The code by which the device registers its key: large, and as a picture."""
    id_: Any = ui.text(one, "id")
    code: Any = Gates.code
    first = ui.text(one, "standing") == "APPROVED"
    ask = e.div(
        rx.cond(first, None, e.p(t("gates.enrol_again_words"), class_name="muted")),
        ui.act(rx.cond(first, t("gates.enrol"), t("gates.enrol_again")), "OnecodeEnrolVerifier", {"id": id_},
               on_done=Gates.show_code, class_name=rx.cond(first, "btn btn-main wide", "btn btn-soft wide")),
        class_name="stack",
    )
    shown = e.div(
        e.p(t("gates.enrol_words"), class_name="muted"),
        _picture(code),
        e.p(ui.text(code, "said"), class_name="enrol-code num"),
        e.p(t("gates.enrol_until"), " ", ui.when(ui.text(code, "expiresAt")), class_name="hint"),
        class_name="stack",
    )
    return ui.card(rx.cond(ui.flag(code, "code"), shown, ask))


def _picture(code: Any) -> rx.Component:
    """Black on white in every theme, with its white frame."""
    return e.svg(
        e.path(d=ui.text(code, "path"), fill="#000"),
        view_box=ui.text(code, "box"),
        role="img", custom_attrs={"aria-label": t("gates.enrol_picture"), "shapeRendering": "crispEdges"},
        class_name="enrol-picture",
    )


def _revoke(one: rx.Var[Any]) -> rx.Component:
    return ui.card(ui.form(
        "OnecodeRevokeVerifier",
        e.p(t("gates.revoke_words"), class_name="muted"),
        ui.text_field(t("gates.reason"), "reason", hint=t("gates.revoke_hint"), required=True, min_length=2, max_length=100),
        ui.submit(t("gates.revoke"), "btn btn-bad"),
        variables={"id": ui.text(one, "id")},
        done=t("gates.revoked_done"), on_done=Gates.load, beside="reason", label=t("gates.revoke"),
    ))


def _look(one: rx.Var[Any]) -> rx.Component:
    """Whom it scanned: with a reason, after a second factor, and told to each of them."""
    def ask(words: str, **variables: Any) -> rx.Component:
        return ui.form(
            "OnecodeShowScanned",
            e.p(t("gates.look_words"), class_name="muted"),
            ui.text_field(t("gates.reason"), "reason", hint=t("gates.look_hint"), required=True, min_length=2,
                          max_length=100),
            ui.submit(words, "btn btn-soft"),
            variables={"id": ui.text(one, "id"), **variables},
            on_done=Gates.show_scans, beside="reason", label=t("gates.look"),
        )
    shown = rx.cond(ui.count(Gates.scans) > 0, e.div(rx.foreach(Gates.scans, _scan), class_name="stack"),
                    ui.empty(t("gates.look_none"), symbol="inbox"))
    older = rx.cond(Gates.older != "", ask(t("gates.look_more"), before=Gates.older))
    return ui.section(t("gates.look"),
                      rx.cond(Gates.looked, e.div(shown, older, class_name="stack"), ask(t("gates.look_send"))))


def _scan(one: rx.Var[Any]) -> rx.Component:
    name, verdict = ui.text(one, "name"), ui.text(one, "verdict")
    states: list[tuple[str, Any]] = [("USED", "amber"), ("EXPIRED", "slate"), ("NOT_ENTITLED", "coral"),
                                     ("SUSPENDED", "coral")]
    words = [(state, ui.badge(t(f"gates.was_{state.lower()}"), tone)) for state, tone in states]
    saw = ui.items(one, "saw")
    return e.article(
        e.div(e.b(rx.cond(name != "", name, t("gates.look_unknown"))),
              rx.match(verdict, *words, ui.badge(t("gates.was_accepted"), "teal")), class_name="head"),
        e.p(ui.when(ui.text(one, "at")), rx.cond(saw.length() > 0, " · " + t("gates.look_saw") + saw.join("、"), ""),
            class_name="muted"),
        class_name="sunken",
    )
