"""用证场景: every scene in which a certificate replaces paper, counted, with its use."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.pages.certificates.ask import claims
from webapp.ui import page, t

e = rx.el


@page("/certificates/scenes", title="certificates.scenes", back="/certificates")
def scenes() -> rx.Component:
    found = ui.public("CertificatesScenes")
    both = e.div(_area(found, "LAW"), _area(found, "SOCIAL"), class_name="stack")
    return e.div(
        e.p(t("certificates.scenes_words"), class_name="muted"),
        rx.cond(found.loading, ui.skeleton(4, "card"), rx.cond(found.failed, ui.card(ui.failed(found.error)), both)),
        class_name="stack",
    )


def _of(found: Any, area: str) -> Any:
    """The scenes of one area."""
    listed = found.items("certificatesScenes")
    return rx.Var(f"({listed._js_expr}).filter((one) => one.area === '{area}')", _var_type=list[dict[str, Any]],
                  _var_data=listed._get_all_var_data()).guess_type()


def _used(listed: Any) -> Any:
    return rx.Var(f"({listed._js_expr}).reduce((sum, one) => sum + one.uses, 0)", _var_type=int,
                  _var_data=listed._get_all_var_data()).guess_type()


def _area(found: Any, area: str) -> rx.Component:
    listed = _of(found, area)
    count = e.span(t(f"certificates.area_{area.lower()}"), " · ", e.b(ui.count(listed), class_name="num"), " ",
                   t("certificates.scenes_unit"), " · ", t("certificates.used"), " ", e.b(_used(listed), class_name="num"))
    return ui.section(count, e.div(rx.foreach(listed, _scene), class_name="rows"))


def _scene(scene: rx.Var[Any]) -> rx.Component:
    return e.details(
        e.summary(e.span(e.b(ui.text(scene, "name")), e.small(ui.text(scene, "kind.name")), class_name="row-words"),
                  e.span(ui.number(scene, "uses"), class_name="num muted"), class_name="row"),
        claims(scene),
        e.p(t("certificates.ground"), "：", ui.text(scene, "ground"), class_name="hint"),
        key=ui.text(scene, "id"), class_name="scene",
    )
