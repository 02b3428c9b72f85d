"""设置: text size, dark, language, 长辈版; kept in the browser."""

from __future__ import annotations

import reflex as rx

from webapp import parts, ui
from webapp.ui import page, t

e = rx.el


@page("/settings", title="settings.title", back="/me")
def settings() -> rx.Component:
    return e.div(
        _choice(
            "size",
            t("settings.size"),
            [("m", t("settings.size_m")), ("l", t("settings.size_l")), ("xl", t("settings.size_xl"))],
        ),
        _choice(
            "theme",
            t("settings.theme"),
            [("auto", t("settings.theme_auto")), ("light", t("settings.theme_light")), ("dark", t("settings.theme_dark"))],
        ),
        _choice("lang", t("settings.language"), [("zh", "中文"), ("en", "English")]),
        ui.section(
            t("settings.elder"),
            e.p(t("settings.elder_words"), class_name="muted settings-words"),
            parts.ElderSwitch.create(
                t("settings.elder_on"), on=True, to=ui.path("/elder"), class_name="btn btn-soft usual-only"
            ),
            parts.ElderSwitch.create(
                t("settings.elder_off"), on=False, to=ui.path("/"), class_name="btn btn-soft elder-only"
            ),
        ),
        ui.card(ui.rows(
            ui.row(t("terms.title"), t("terms.row_sub"), to="/terms", symbol="scroll-text", tone="slate"),
            ui.row(t("me.about"), to="/about", symbol="info", tone="slate"),
        )),
        e.p(t("settings.kept"), class_name="foot"),
        class_name="stack",
    )


def _choice(name: str, label: str, options: list[tuple[str, str]]) -> rx.Component:
    choices = [{"value": value, "label": words} for value, words in options]
    return ui.section(label, parts.Preference.create(name=name, label=label, options=choices))
