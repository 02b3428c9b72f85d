"""扫码核验: a guard or registrar reads codes, and sees exactly what the post's scene asks."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.pages.onecode import UNDOING
from webapp.session import Session
from webapp.ui import page, t

e = rx.el
CAUSES = ("AMBULANCE", "FIRE", "POLICE", "NO_PHONE", "OTHER")
_WORDS = (
    "start", "start_words", "denied", "no_camera", "aim", "foreign", "checking", "torch", "type", "type_label", "check",
    "cancel", "yes", "part", "no", "unsure", "next", "again", "first", "holds", "holds_not", "why_used", "why_expired",
    "why_part", "why_not_entitled", "why_suspended", "withheld",
    "asking_waiting", "asking_denied", "asking_over", "presenter", "undo", "undo_why", "undo_wrong_person",
    "undo_not_entering", "undo_wrong_scene", "undone", "undone_words",
    "online_only", "offline_other", "unsettled", "offline_judged", "offline_desk", "offline_not_here",
)


class Gate(Session):
    """My post as a verifier, the scenes that I may serve, the counts of today, and its scans when they are opened."""

    post: dict[str, Any] = {}
    duties: list[dict[str, Any]] = []
    entered: int = 0
    asked: bool = False
    scans: list[dict[str, Any]] = []
    opened: bool = False

    @rx.event
    async def load(self) -> None:
        self.post = (await self.ask(use("OnecodePost")))["onecodePost"] or {}
        self.duties = (await self.ask(use("OnecodeDuties")))["onecodeDuties"] if self.post else []
        self.asked = True

    @rx.event
    async def count_again(self) -> None:
        """Somebody was judged: how many today."""
        self.post = (await self.ask("OnecodePost"))["onecodePost"] or {}

    @rx.event
    def has_entered(self) -> None:
        """An emergency entry is recorded: the form is for the next one."""
        self.entered += 1

    @rx.event
    async def open_scans(self) -> None:
        """Reading the list is in the ledger of each holder, so it is read only when somebody asks."""
        found = (await self.ask(use("OnecodePostScans"), first=50))["onecodePostScans"]["edges"]
        self.scans, self.opened = [edge["node"] for edge in found], True


@page("/onecode/scan", title="onecode.scan", back="/", wide=True, on_load=Gate.load)
def scan() -> rx.Component:
    for document in ("OnecodeScan", "OnecodeAsked", "OnecodeSettle", "OnecodeHandIn", "OnecodeOfflineKit", "OnecodeKeptKey"):
        use(document)
    return rx.cond(Gate.asked, rx.cond(ui.flag(Gate.post, "scene"), _desk(), _no_post()),
                   OfflineDesk.create(texts=_texts()))


class OfflineDesk(parts.Scanner):
    """The scanner where the page was opened without a network; else it waits."""

    tag = "OfflineDesk"


def _texts() -> dict[str, str]:
    return {word: t(f"onecode.scan_{word}") for word in _WORDS}


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
    return e.div(
        e.div(_post(), _duties(), class_name="post-side"),
        parts.Scanner.create(post=ui.text(Gate.post, "post"), texts=_texts(), on_checked=Gate.count_again),
        e.div(
            e.p(t("onecode.asks"), rx.foreach(ui.items(Gate.post, "scene.asks"), _asked), class_name="muted seen-labels"),
            e.button(
                t("onecode.today"),
                type="button",
                on_click=Gate.open_scans,
                custom_attrs=ui.opens("today"),
                class_name="btn btn-soft",
            ),
            e.button(t("onecode.let_in"), type="button", custom_attrs=ui.opens("let-in"), class_name="btn btn-quiet"),
            class_name="gate-more",
        ),
        _let_in(),
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


def _duties() -> rx.Component:
    """Which of the scenes of my own posts the next scan is in, where there are several."""
    def one(duty: rx.Var[Any]) -> rx.Component:
        words = ui.text(duty, "scene.name")
        return rx.cond(
            ui.flag(duty, "served"),
            e.span(words, class_name="pick on", aria_current="true"),
            ui.act(words, "OnecodeServe", {"duty": ui.text(duty, "id")}, on_done=Gate.load, class_name="pick"),
        )
    return rx.cond(ui.count(Gate.duties) > 1,
                   e.div(ui.picks(t("onecode.duties"), rx.foreach(Gate.duties, one)), class_name="duties"))


def _let_in() -> rx.Component:
    """紧急放行: without a code, with a reason."""
    entered: Any = Gate.entered
    return ui.sheet(
        "let-in",
        t("onecode.let_in"),
        e.p(t("onecode.let_in_words"), class_name="muted"),
        ui.form(
            "OnecodeLetIn",
            ui.select_field(t("onecode.cause"), "cause", [(cause, t(f"onecode.cause_{cause.lower()}")) for cause in CAUSES]),
            ui.text_field(t("onecode.people"), "people", kind="int", default_value="1", required=True, max_length=2),
            ui.text_field(t("onecode.entry_words"), "words", hint=t("onecode.entry_words_hint"), max_length=200),
            ui.submit(t("onecode.let_in_yes")),
            done=t("onecode.let_in_done"), on_done=Gate.has_entered, label=t("onecode.let_in"), beside="words",
            key=entered.to_string(),
        ),
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
        ("SUSPENDED", t("onecode.was_suspended")),
        t("onecode.was_not_entitled"),
    )
    tone = rx.cond(
        ui.text(check, "undoneAt") != "",
        ui.badge(t("onecode.scan_undone"), "slate"),
        rx.cond(ui.text(check, "verdict") == "ACCEPTED", ui.badge(words, "teal"), ui.badge(words, "coral")),
    )
    return e.div(
        ui.row(e.span(ui.when(ui.text(check, "at")), " ", ui.text(check, "facts.0.text")), None, end=tone),
        rx.cond(ui.text(check, "undoUntil") != "", _undo(check)),
    )


def _undo(check: rx.Var[Any]) -> rx.Component:
    """The last minutes' scans can be taken back."""
    def why(reason: str) -> rx.Component:
        return ui.act(t(f"onecode.scan_undo_{reason.lower()}"), "OnecodeUndo", {"scan": ui.text(check, "id"), "why": reason},
                      done=t("onecode.scan_undone"), on_done=Gate.open_scans, class_name="btn btn-soft btn-small")
    return e.details(
        e.summary(t("onecode.scan_undo"), ui.icon("chevron-down", 16)),
        e.p(t("onecode.scan_undo_why"), class_name="hint"),
        e.div(*[why(reason) for reason in UNDOING], class_name="asks"),
        class_name="fold",
    )
