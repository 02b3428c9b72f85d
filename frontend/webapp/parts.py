"""The components of our JavaScript module, as Reflex sees them: names and properties, nothing else."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import no_args_event_spec, passthrough_event_spec

_PARTS = "$/public/haian/parts.jsx"
_ACT = "$/public/haian/act.jsx"
_FIELDS = "$/public/haian/fields.jsx"
_SETTINGS = "$/public/haian/settings.jsx"
_TIMES = "$/public/haian/times.jsx"
_CODE = "$/public/haian/code.jsx"
_SCANNER = "$/public/haian/scanner.jsx"
_NAMING = "$/public/haian/naming.jsx"

_result = passthrough_event_spec(dict[str, Any])
_word = passthrough_event_spec(str)


class Part(rx.Component):
    """A component of parts.jsx."""

    library = _PARTS


class Go(Part):
    """A link inside the client; ``reload_document`` where the gateway, not the client, has the page."""

    tag = "Go"
    to: rx.Var[str]
    reload_document: rx.Var[bool]
    label: rx.Var[str]
    current: rx.Var[bool]


class Back(Part):
    tag = "Back"
    to: rx.Var[str]
    label: rx.Var[str]


class When(Part):
    tag = "When"
    value: rx.Var[str]
    end: rx.Var[str]
    # time | day | clock | half | ago; `style` is Reflex's own word, so it goes by another name.
    words: rx.Var[str]


class Money(Part):
    tag = "Money"
    cents: rx.Var[int]


class Whole(Part):
    """A text in which ``B-101`` is not torn apart at its hyphen where a line ends."""

    tag = "Whole"
    text: rx.Var[str]


class Live(Part):
    """Opens the websocket when somebody is signed in; ``gone``: it turned out that nobody is."""

    tag = "Live"
    gone: rx.Var[bool]


class NewsFeed(rx.Component):
    """Keeps every list of 公告 on the page current; see feeds.jsx."""

    library = "$/public/haian/feeds.jsx"
    tag = "NewsFeed"
    street: rx.Var[str]


class SlotFeed(rx.Component):
    """Keeps a doctor's times current; see feeds.jsx."""

    library = "$/public/haian/feeds.jsx"
    tag = "SlotFeed"
    doctor: rx.Var[str]


class ActingBar(Part):
    """For whom this tab acts; ``covers``: whether this page can be done for another."""

    tag = "ActingBar"
    covers: rx.Var[bool]


class ActFor(Part):
    """Begins to act for a person, and goes to a page where that can be done."""

    tag = "ActFor"
    person: rx.Var[str]
    name: rx.Var[str]
    to: rx.Var[str]


class Toasts(Part):
    tag = "Toasts"


class Network(Part):
    tag = "Network"


class Sheet(Part):
    tag = "Sheet"
    title: rx.Var[str]
    on_close: rx.EventHandler[no_args_event_spec]


class Hints(Part):
    tag = "Hints"
    words: rx.Var[list[str]]


class Ask(Part):
    """A GET form; Reflex's own form would swallow the submit."""

    tag = "Ask"
    action: rx.Var[str]
    role: rx.Var[str]
    label: rx.Var[str]


class ReadAloud(Part):
    tag = "ReadAloud"
    label: rx.Var[str]
    stop: rx.Var[str]


class Listen(Part):
    tag = "Listen"
    label: rx.Var[str]


class _Acting(rx.Component):
    """What every sender of a mutation takes; see act.jsx."""

    library = _ACT
    doc: rx.Var[str]
    vars: rx.Var[dict[str, Any]]
    ok: rx.Var[str]
    next: rx.Var[str]
    full: rx.Var[bool]
    after: rx.Var[str]
    beside: rx.Var[str]
    done: rx.Var[str]
    on_done: rx.EventHandler[_result]
    on_refused: rx.EventHandler[_result]


class ActButton(_Acting):
    tag = "ActButton"
    confirm: rx.Var[str]
    yes: rx.Var[str]
    disabled: rx.Var[bool]
    title: rx.Var[str]


class ActForm(_Acting):
    tag = "ActForm"
    name: rx.Var[str]
    label: rx.Var[str]


class ActSubmit(rx.Component):
    library = _ACT
    tag = "ActSubmit"


class FieldBox(rx.Component):
    library = _ACT
    tag = "Field"
    label: rx.Var[str]
    name: rx.Var[str]
    hint: rx.Var[str]
    group: rx.Var[bool]


class PlateField(rx.Component):
    library = _FIELDS
    tag = "PlateField"
    name: rx.Var[str]
    label: rx.Var[str]
    start: rx.Var[str]
    required: rx.Var[bool]


class DayChips(rx.Component):
    library = _FIELDS
    tag = "DayChips"
    name: rx.Var[str]
    days: rx.Var[int]
    value: rx.Var[str]
    on_pick: rx.EventHandler[_word]


class TimeWindow(rx.Component):
    """A stretch of time: day and hours."""

    library = _TIMES
    tag = "TimeWindow"
    start: rx.Var[str]
    end: rx.Var[str]
    days: rx.Var[int]
    first: rx.Var[int]
    last: rx.Var[int]
    opens: rx.Var[int]
    closes: rx.Var[int]


class Segmented(rx.Component):
    library = _FIELDS
    tag = "Segmented"
    name: rx.Var[str]
    label: rx.Var[str]
    options: rx.Var[list[dict[str, str]]]
    value: rx.Var[str]
    on_pick: rx.EventHandler[_word]


class SignIn(rx.Component):
    library = _FIELDS
    tag = "SignIn"
    texts: rx.Var[dict[str, str]]


class SentCode(rx.Component):
    """In the demo, the code that was sent to ``phone``, or to the number that is shown as ``masked``; nothing elsewhere.
    ``again``: another one was sent."""

    library = _FIELDS
    tag = "SentCode"
    masked: rx.Var[str]
    phone: rx.Var[str]
    again: rx.Var[int]
    words: rx.Var[str]


class SignOut(rx.Component):
    library = _FIELDS
    tag = "SignOut"
    label: rx.Var[str]
    done: rx.Var[str]


class NumberField(rx.Component):
    """A citizen ID number, in groups; see naming.jsx."""

    library = _NAMING
    tag = "NumberField"
    texts: rx.Var[dict[str, str]]
    name: rx.Var[str]
    own: rx.Var[bool]


class ShowNumber(rx.Component):
    """My masked number, and a tap that shows it whole."""

    library = _NAMING
    tag = "ShowNumber"
    masked: rx.Var[str]
    texts: rx.Var[dict[str, str]]


class DemoNumbers(rx.Component):
    """演示: names and numbers to try."""

    library = _NAMING
    tag = "DemoNumbers"
    words: rx.Var[str]
    of: rx.Var[str]


class Preference(rx.Component):
    """One choice of the settings page, kept in the browser."""

    library = _SETTINGS
    tag = "Preference"
    name: rx.Var[str]
    label: rx.Var[str]
    options: rx.Var[list[dict[str, str]]]


class ElderSwitch(rx.Component):
    library = _SETTINGS
    tag = "ElderSwitch"
    on: rx.Var[bool]
    to: rx.Var[str]


class ShowCode(rx.Component):
    """My code, or that of one of ``people``; ``latest`` and ``verdict`` are of the newest scan: a new one is felt.
    ``stopped``: when what my devices carried was stopped last."""

    library = _CODE
    tag = "ShowCode"
    lib_dependencies: list[str] = ["uqr@0.1.3"]
    name: rx.Var[str]
    people: rx.Var[list[dict[str, Any]]]
    latest: rx.Var[Any]
    verdict: rx.Var[str]
    stopped: rx.Var[str]
    texts: rx.Var[dict[str, str]]


class Stopped(rx.Component):
    """What stands in place of my code while it is stopped; it drops what the phone carries."""

    library = _CODE
    tag = "Stopped"


class Scanner(rx.Component):
    """The verifier's camera; jsQR is fetched only where the browser cannot read codes itself."""

    library = _SCANNER
    tag = "Scanner"
    lib_dependencies: list[str] = ["jsqr@1.4.0", "uqr@0.1.3"]
    post: rx.Var[str]
    texts: rx.Var[dict[str, str]]
    on_checked: rx.EventHandler[no_args_event_spec]
