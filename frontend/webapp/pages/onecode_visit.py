"""访客通行码: what the link of an invitation opens, without an account."""

from __future__ import annotations

import reflex as rx

from webapp.documents import use
from webapp.ui import page, t

e = rx.el
_VISIT = (
    "broken", "broken_words", "state_not_yet", "state_used_up", "state_over", "state_ended", "state_paused", "words_not_yet",
    "words_used_up", "words_over", "words_ended", "words_paused", "picture", "where", "whom", "time", "left", "times",
)
_CODE = ("short", "renews", "now", "offline_left", "again")


class Visit(rx.Component):
    """A visitor's code, by the secret in the address."""

    library = "$/public/haian/visit.jsx"
    tag = "Visit"
    texts: rx.Var[dict[str, str]]


@page("/onecode/visit", title="visitors.visit", private=False)
def visit() -> rx.Component:
    use("OnecodeVisit")
    texts = {word: t(f"visitors.{word}") for word in _VISIT} | {word: t(f"onecode.{word}") for word in _CODE}
    return e.div(
        Visit.create(texts=texts | {"offline": t("visitors.offline")}),
        e.p(t("visitors.safe"), class_name="muted"),
        class_name="stack code-page",
    )
