"""Taps that change something: they go straight from the browser, are kept until answered, and are never sent twice.

``act("parking.cancel", "ParkingCancel", {"id": booking_id}, confirm=t("parking.sure"), on_done=Mine.load)`` is a button;
``form("ParkingBookSpace", …fields…, submit(t("parking.book")), next="/parking/mine")`` a form. A document that takes
``key`` is kept in the outbox when the network is gone and sent again with the same key.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts
from webapp.documents import use
from webapp.shell import path


def _sending(
    document: str,
    variables: dict[str, Any] | rx.Var[Any] | None,
    ok: str,
    next: str | rx.Var[Any] | None,
    full: bool,
    reread: tuple[str, ...],
    rest: dict[str, Any],
) -> dict[str, Any]:
    props: dict[str, Any] = {"doc": use(document), "vars": variables or {}, **rest}
    if ok:
        props["ok"] = ok
    if next is not None:
        props["next"] = next
    if full:
        props["full"] = True
    if reread:
        props["after"] = " ".join(use(name) for name in reread)
    return {name: value for name, value in props.items() if value is not None}


def act(
    label: Any,
    document: str,
    variables: dict[str, Any] | rx.Var[Any] | None = None,
    *,
    ok: str = "",
    done: str | None = None,
    next: str | rx.Var[Any] | None = None,
    full: bool = False,
    reread: tuple[str, ...] = (),
    confirm: str | rx.Var[str] | None = None,
    yes: str | None = None,
    class_name: str = "btn btn-soft",
    **events: Any,
) -> rx.Component:
    """A button that sends a mutation.

    ``ok`` names the result types that are not refusals (``"ParkingBooking"``, several joined with ``|``); the refusal's
    ``message`` is shown beside the button, and ``on_refused`` gets it whole. ``done`` is a toast, ``next`` a route to go
    to (``full``: a full load; ``{id}`` in it is the result's),
    ``reread`` public documents to ask for again, ``on_done`` a Reflex event with the result.
    """
    props = _sending(document, variables, ok, next, full, reread, {"done": done, "confirm": confirm, "yes": yes, **events})
    return parts.ActButton.create(label, class_name=class_name, **props)


def form(
    document: str,
    *children: Any,
    variables: dict[str, Any] | rx.Var[Any] | None = None,
    draft: str | None = None,
    label: str | None = None,
    beside: str | None = None,
    ok: str = "",
    done: str | None = None,
    next: str | rx.Var[Any] | None = None,
    full: bool = False,
    reread: tuple[str, ...] = (),
    class_name: str = "form",
    **events: Any,
) -> rx.Component:
    """A form whose named fields become variables (``name="slot.start"`` makes an object); see ``act`` for the rest.

    ``draft`` keeps what was typed in this tab until it is accepted; give each form its own name. ``beside``
    names the field that a refusal without a field is shown at.
    """
    props = _sending(
        document,
        variables,
        ok,
        next,
        full,
        reread,
        {"done": done, "name": draft or document, "label": label, "beside": beside, **events},
    )
    return parts.ActForm.create(*children, class_name=class_name, **props)


def submit(words: Any, class_name: str = "btn btn-main") -> rx.Component:
    """The form's one primary button; `btn btn-bad` where it takes something away."""
    return parts.ActSubmit.create(words, class_name=class_name)


__all__ = ["act", "form", "path", "submit"]
