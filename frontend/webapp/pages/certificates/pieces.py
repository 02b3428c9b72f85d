"""The components of certificates.jsx, as Reflex sees them."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.event import no_args_event_spec

_CERTIFICATES = "$/public/haian/certificates.jsx"


class CertificateClaims(rx.Component):
    """What a certificate says, masked, and a tap that shows it whole; see certificates.jsx."""

    library = _CERTIFICATES
    tag = "CertificateClaims"
    id: rx.Var[str]
    claims: rx.Var[list[dict[str, str]]]
    texts: rx.Var[dict[str, str]]


class AskingCode(rx.Component):
    """The QR code of a verifier's request, for our wallet or any other."""

    library = _CERTIFICATES
    tag = "AskingCode"
    asked: rx.Var[dict[str, Any]]
    texts: rx.Var[dict[str, str]]
    on_again: rx.EventHandler[no_args_event_spec]


class ShowingClock(rx.Component):
    """The time, second by second, beside a certificate that is shown."""

    library = _CERTIFICATES
    tag = "ShowingClock"
    words: rx.Var[str]


class OfferCode(rx.Component):
    """A certificate as a QR code for another wallet, with the digits to type there."""

    library = _CERTIFICATES
    tag = "OfferCode"
    id: rx.Var[str]
    texts: rx.Var[dict[str, str]]
