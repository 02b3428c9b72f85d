"""The Reflex app: every module below ``webapp.pages`` declares its pages, and each is added in both languages."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import reflex as rx

from webapp import locks, pages, theme
from webapp.reads import module
from webapp.session import Binding, failed
from webapp.shell import PAGES, drawn, register
from webapp.texts import t

_LANGUAGE: Any = rx.Var(
    "pageTag(useLocation().pathname)",
    _var_type=str,
    _var_data=rx.vars.VarData.merge(module("pageTag"), module("useLocation", library="react-router")),
)


_ATTRIBUTES: dict[str, Any] = {"lang": _LANGUAGE, "suppressHydrationWarning": True}

locks.install()
for _found in pkgutil.walk_packages(pages.__path__, "webapp.pages."):
    importlib.import_module(_found.name)

app = rx.App(
    toaster=None,
    app_wraps={},
    backend_exception_handler=failed,
    html_custom_attrs=_ATTRIBUTES,
    stylesheets=["/app.css"],
    reset_style=False,
    head_components=theme.head(),
)
app.add_middleware(Binding(), index=0)
register(app)


def missing() -> rx.Component:
    """What a link inside the client shows that leads nowhere, as a wrong address does."""
    [page] = [page for page in PAGES if page.route == "/not-found"]
    return rx.cond(_LANGUAGE == "en", drawn(page, "en"), drawn(page, "zh"))


app.add_page(missing, route="404", title=t("offline.missing_title"))
