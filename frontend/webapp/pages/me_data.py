"""我的数据: all of it as a file; closing the account, with its clock, who forgets when, and what the law keeps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.terms import terms_version
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class SaveMyData(rx.Component):
    """Saves what is held about me, or a child of mine, as a file; see mydata.jsx."""

    library = "$/public/haian/mydata.jsx"
    tag = "SaveMyData"
    label: rx.Var[str]
    saved: rx.Var[str]
    child: rx.Var[str]


class MyData(Session):
    """Whether the account is to be closed, who holds something, and what is kept."""

    loaded: bool = False
    closing: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    holders: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    kept: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    children: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    retained: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    terms: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    async def load(self) -> None:
        found = await self.ask(use("ConsentMyData"))
        self.closing, self.kept = found["consentClosing"] or {}, found["consentKept"]
        due = self.closing.get("dueAt")
        self.holders = [one | {"at": later(due, one["days"]) if due else ""} for one in found["consentHolders"]]
        self.retained, self.children = found["consentRetained"], found["consentChildren"]
        self.terms = next((one for one in found["consentTermsStanding"] if one["mine"]), {})
        self.loaded = True


def later(due: str, days: int) -> str:
    """The moment so many days after another."""
    return (datetime.fromisoformat(due) + timedelta(days=days)).isoformat()


@page("/me/data", title="mydata.title", back="/me", on_load=MyData.load, on_push={"consent.": MyData.load})
def my_data() -> rx.Component:
    use("ConsentExport")
    save = SaveMyData.create(label=t("mydata.export_do"), saved=t("mydata.export_done"), class_name="btn btn-main wide")
    export = ui.section(t("mydata.export"), e.p(t("mydata.export_words"), class_name="muted"),
                        e.p(t("mydata.export_whole"), class_name="note note-wait"), save, class_name="stack")
    return rx.cond(
        MyData.loaded,
        e.div(rx.cond(ui.flag(MyData.closing, "dueAt"), _closing()), export,
              rx.cond(ui.flag(MyData.closing, "dueAt"), None, _close()), _children(), _terms(), _clocks(),
              class_name="stack narrow"),
        ui.skeleton(3, "card"),
    )


def _closing() -> rx.Component:
    keep = ui.act(t("mydata.keep"), "ConsentKeep", done=t("mydata.kept_done"), on_done=MyData.load,
                  class_name="btn btn-main wide")
    return ui.section(
        t("mydata.closing"),
        e.p(t("mydata.closing_on"), " ", e.b(ui.when(ui.text(MyData.closing, "dueAt"))), class_name="large"),
        e.p(t("mydata.closing_words"), class_name="muted"),
        keep,
        class_name="stack",
    )


def _close() -> rx.Component:
    close = ui.act(t("mydata.close_do"), "ConsentClose", confirm=t("mydata.close_sure"), on_done=MyData.load,
                   class_name="btn btn-quiet wide")
    return ui.section(t("mydata.close"), e.p(t("mydata.close_words"), class_name="muted"), close, class_name="stack")


def _terms() -> rx.Component:
    """Which version of the terms I agreed to, and when."""
    version = rx.cond(ui.flag(MyData.terms, "version"),
                      terms_version(ui.number(MyData.terms, "version")), t("terms.not_agreed"))
    at = rx.cond(ui.flag(MyData.terms, "acceptedAt"), e.span(" · ", ui.when(ui.text(MyData.terms, "acceptedAt"))))
    return ui.section(t("terms.title"), ui.facts(ui.fact(t("terms.agreed_on"), e.span(version, at))),
                      more=(t("terms.read"), "/terms"))


def _children() -> rx.Component:
    """The accounts of children for whom I consent."""
    def one(child: rx.Var[Any]) -> rx.Component:
        due, whose = ui.text(child, "dueAt"), {"child": ui.text(child, "id")}
        keep = ui.act(t("mydata.keep_child"), "ConsentKeep", whose, done=t("mydata.kept_done"), on_done=MyData.load,
                      class_name="btn btn-main btn-small")
        close = ui.act(t("mydata.close_child"), "ConsentClose", whose, confirm=t("mydata.close_child_sure"),
                       on_done=MyData.load, class_name="btn btn-quiet btn-small")
        until = e.small(t("mydata.closing_on"), " ", ui.when(due))
        save = SaveMyData.create(label=t("mydata.export_child"), saved=t("mydata.export_child_done"),
                                 child=ui.text(child, "id"), class_name="btn btn-soft btn-small")
        return e.div(e.span(e.b(ui.text(child, "name")), rx.cond(due != "", until), class_name="row-words"),
                     e.div(rx.cond(ui.flag(child, "mayExport"), save), rx.cond(due != "", keep, close),
                           class_name="row-acts"),
                     key=ui.text(child, "id"), class_name="stack")
    return rx.cond(
        ui.count(MyData.children) > 0,
        ui.section(t("mydata.children"), e.p(t("mydata.children_words"), class_name="muted"),
                   ui.rows(rx.foreach(MyData.children, one)), class_name="stack"),
    )


def _clocks() -> rx.Component:
    """What is deleted when, and what stays."""
    return e.div(
        ui.section(t("mydata.retained"), ui.rows(rx.foreach(MyData.retained, _retained)),
                   e.p(t("mydata.retained_rest"), class_name="muted")),
        ui.section(t("mydata.who"), ui.facts(rx.foreach(MyData.holders, _holder))),
        ui.section(t("mydata.law"), ui.rows(rx.foreach(MyData.kept, _kept)), e.p(t("mydata.law_rest"), class_name="muted")),
        class_name="stack",
    )


def _holder(one: rx.Var[Any]) -> rx.Component:
    """When a part of the product deletes: on which day, once that is known."""
    days, at = ui.number(one, "days"), ui.text(one, "at")
    how_long = rx.cond(days > 0, e.span(days, " ", t("mydata.days")), e.span(t("mydata.at_once")))
    return ui.fact(ui.text(one, "name"), rx.cond(at != "", ui.when(at), how_long))


def _kept(one: rx.Var[Any]) -> rx.Component:
    years = e.b(ui.number(one, "days") // 365, " ", t("mydata.years"))
    return e.div(e.span(e.b(ui.text(one, "what")), e.small(ui.text(one, "ground")), class_name="row-words"), years,
                 class_name="row row-tall")


def _retained(one: rx.Var[Any]) -> rx.Component:
    days = ui.number(one, "days")
    years = (days >= 365) & (days % 365 <= 1)  # three years are 1,096 days where one of them has 366
    time = rx.cond(years, e.span(days // 365, " ", t("mydata.years")), e.span(days, " ", t("mydata.days_kept")))
    return e.div(e.span(e.b(ui.text(one, "what")), e.small(ui.text(one, "ground")), class_name="row-words"),
                 rx.cond(ui.flag(one, "days"), e.b(time)), class_name="row row-tall")
