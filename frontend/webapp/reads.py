"""Public data, read by the page itself with a trusted document: no websocket, no state on the server.

``news = public("MessagesNews", first=5)`` is for components: ``news.items("messagesNews.edges")`` for ``rx.foreach``,
``news.text("district.name")``, ``news.loading``, ``news.error``. Every component that reads the same document with
the same variables shares one request.
The same paths reach into a state's dictionary: ``text(ParkingState.data, "booking.plate")``.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import reflex as rx
from reflex.vars import VarData

from webapp.documents import use

CORE = "$/public/haian/core.js"

Row = dict[str, Any]
# A state's field is a Var when a page is drawn, though its annotation names the Python value: so sources are Any.


def module(*names: str, library: str = CORE, hook: str = "") -> VarData:
    """The imports (and one hook line) that an expression needs from our JavaScript module."""
    return VarData(
        imports={library: [rx.ImportVar(tag=name) for name in names]},
        hooks={hook: None} if hook else {},
    )


def _expression(source: Any, path: str) -> str:
    steps = "".join(f"?.[{step}]" if step.isdigit() else f"?.{step}" for step in path.split(".") if step)
    return f"({source._js_expr}){steps}"


def at(source: Any, path: str, kind: Any = Any) -> Any:
    """What lies at a dotted path inside an object, undefined where anything on the way is null."""
    return rx.Var(_expression(source, path), _var_type=kind, _var_data=source._get_all_var_data()).guess_type()


def text(source: Any, path: str) -> Any:
    """A string at a path; empty where there is none."""
    return rx.Var(f"({_expression(source, path)} ?? '')", _var_type=str, _var_data=source._get_all_var_data()).guess_type()


def number(source: Any, path: str) -> Any:
    """A number at a path; 0 where there is none."""
    return rx.Var(f"({_expression(source, path)} ?? 0)", _var_type=int, _var_data=source._get_all_var_data()).guess_type()


def flag(source: Any, path: str) -> Any:
    """Whether there is something true at a path."""
    return rx.Var(f"!!({_expression(source, path)})", _var_type=bool, _var_data=source._get_all_var_data()).guess_type()


def items(source: Any, path: str) -> Any:
    """A list at a path, for ``rx.foreach``; empty where there is none."""
    expression = f"({_expression(source, path)} ?? [])"
    return rx.Var(expression, _var_type=list[Row], _var_data=source._get_all_var_data()).guess_type()


def count(source: Any) -> Any:
    """How many entries a list of a state has."""
    return rx.Var(f"(({source._js_expr})?.length ?? 0)", _var_type=int, _var_data=source._get_all_var_data()).guess_type()


def call(handler: Any, *arguments: Any) -> Any:
    """An event handler with its arguments: ``on_click=call(Find.pick, text(row, "id"))``."""
    return handler(*arguments)


class Query:
    """The answer of one public document: what components are drawn from."""

    def __init__(self, answer: rx.Var[Any]) -> None:
        self.answer = answer
        self.loading = flag(answer, "loading")
        self.error = text(answer, "error.message")
        self.failed = flag(answer, "error")
        self.data = at(answer, "data", Row)

    def items(self, path: str) -> Any:
        return items(self.answer, f"data.{path}")

    def text(self, path: str) -> Any:
        return text(self.answer, f"data.{path}")

    def number(self, path: str) -> Any:
        return number(self.answer, f"data.{path}")

    def flag(self, path: str) -> Any:
        return flag(self.answer, f"data.{path}")

    def empty(self, path: str) -> Any:
        """Whether the answer is there and its list is empty."""
        data = self.answer._get_all_var_data()
        expression = (
            f"(!{self.answer._js_expr}.loading && !{self.answer._js_expr}.error && {self.items(path)._js_expr}.length === 0)"
        )
        return rx.Var(expression, _var_type=bool, _var_data=data).guess_type()


def public(document: str, *, when: rx.Var[Any] | bool = True, keep: bool = False, **variables: Any) -> Query:
    """Read a public document. Variables are plain values or Vars; ``when`` false holds the request back; with ``keep``
    the last answer stands while the next one is on its way."""
    values = rx.Var.create(variables)
    held = rx.Var.create(when)
    arguments = f"{json.dumps(use(document))}, {values._js_expr}, {held._js_expr}{', true' if keep else ''}"
    name = f"query_{hashlib.sha256(arguments.encode()).hexdigest()[:10]}"
    hook = f"const {name} = useQuery({arguments});"
    data = VarData.merge(values._get_all_var_data(), held._get_all_var_data(), module("useQuery", hook=hook))
    return Query(rx.Var(name, _var_type=Row, _var_data=data).guess_type())


def parameter(name: str) -> Any:
    """A parameter of the page's address, ``?name=``; empty while the prerendered page starts."""
    variable = f"param_{name}"
    hook = f"const {variable} = useParameter({json.dumps(name)});"
    return rx.Var(variable, _var_type=str, _var_data=module("useParameter", hook=hook)).guess_type()


def signed_in() -> Any:
    """Whether somebody is signed in on this browser, as far as the page knows before asking."""
    hook = "const haian_signed_in = useSignedIn();"
    return rx.Var("haian_signed_in", _var_type=bool, _var_data=module("useSignedIn", hook=hook)).guess_type()
