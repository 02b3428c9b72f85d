"""The parts that pages are made of: ``from webapp import ui`` and ``ui.section(…)``."""

from __future__ import annotations

from webapp.icons import icon
from webapp.reads import at, call, count, flag, items, number, parameter, public, signed_in, text
from webapp.shell import bar, go, page, path
from webapp.texts import t
from webapp.ui.act import act, form, submit
from webapp.ui.fields import (
    ask_form,
    check,
    day_chips,
    field,
    long_field,
    option,
    plate_field,
    search_field,
    segmented,
    select_field,
    text_field,
    time_field,
)
from webapp.ui.layout import (
    actions,
    avatar,
    badge,
    card,
    demo_mark,
    fact,
    facts,
    row,
    rows,
    section,
    ticket,
    tile,
    workbench,
)
from webapp.ui.sheet import closes, opens, sheet
from webapp.ui.states import done, empty, failed, listing, refused, skeleton
from webapp.ui.words import money, when

__all__ = [
    "act",
    "actions",
    "ask_form",
    "at",
    "avatar",
    "badge",
    "bar",
    "call",
    "card",
    "check",
    "closes",
    "count",
    "day_chips",
    "demo_mark",
    "done",
    "empty",
    "fact",
    "facts",
    "failed",
    "field",
    "flag",
    "form",
    "go",
    "icon",
    "items",
    "listing",
    "long_field",
    "money",
    "number",
    "opens",
    "option",
    "page",
    "parameter",
    "path",
    "plate_field",
    "public",
    "refused",
    "row",
    "rows",
    "search_field",
    "section",
    "segmented",
    "select_field",
    "sheet",
    "signed_in",
    "skeleton",
    "submit",
    "t",
    "text",
    "text_field",
    "ticket",
    "tile",
    "time_field",
    "when",
    "workbench",
]
