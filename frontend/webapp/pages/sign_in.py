"""登录: a phone number, then the code; afterwards back to where it was needed."""

from __future__ import annotations

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.ui import icon, page, t

e = rx.el
_WORDS = {
    "phone": "phone",
    "phoneHint": "phone_hint",
    "phoneWrong": "phone_wrong",
    "send": "send",
    "sent": "sent",
    "change": "change",
    "code": "code",
    "codeWrong": "code_wrong",
    "enter": "enter",
    "again": "again",
    "demo": "demo",
    "title": "title",
    "accounts": "accounts",
    "passkey": "passkey",
    "held": "held",
    "heldWords": "held_words",
    "usePasskey": "use_passkey",
    "recovery": "recovery",
    "recoveryHint": "recovery_hint",
    "useCode": "use_code",
    "askHelp": "ask_help",
    "helpWords": "help_words",
    "helped": "helped",
    "helpAnew": "help_anew",
}


@page("/sign-in", title="sign_in.title", back="/")
def sign_in() -> rx.Component:
    use("IdentityRequestCode")
    use("IdentitySignIn")
    for document in ("SignInOptions", "SignIn", "Complete", "AskHelp", "Helped"):
        use(f"Factors{document}")
    texts = {name: t(f"sign_in.{key}") for name, key in _WORDS.items()} | {"wait": t("sign_in.wait", seconds="{seconds}")}
    return e.div(
        e.div(
            e.span(icon("waves", 34), class_name="logo"),
            e.p(t("sign_in.lead")),
            e.p(t("sign_in.promise"), class_name="small"),
            class_name="welcome",
        ),
        ui.card(parts.SignIn.create(texts=texts)),
        class_name="stack narrow",
    )
