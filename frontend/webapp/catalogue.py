"""The services a resident can reach, once: the home grid, 办事 and 长辈版 are drawn from here."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.ui.layout import Tone


@dataclass(frozen=True)
class Service:
    """A service: its text (``services.<key>`` and ``services.<key>_sub``), its picture, where it is."""

    key: str
    symbol: str
    tone: Tone
    route: str


PARKING = Service("parking", "square-parking", "blue", "/parking")
HEALTH = Service("healthcare", "stethoscope", "coral", "/healthcare")
SCHOOL = Service("education", "graduation-cap", "amber", "/education")
CODE = Service("onecode", "qr-code", "teal", "/onecode")
CERTIFICATES = Service("certificates", "wallet-cards", "violet", "/certificates")
NEWS = Service("news", "megaphone", "violet", "/news")
HOTLINE = Service("hotline", "phone-call", "coral", "tel:12345")
HELP = Service("help", "circle-help", "slate", "/help")
ALL = Service("all", "layout-grid", "slate", "/services")

GRID = (HEALTH, PARKING, SCHOOL, CODE, NEWS, HOTLINE, HELP, ALL)

CATEGORIES: tuple[tuple[str, tuple[Service, ...]], ...] = (
    ("health", (HEALTH, Service("appointments", "calendar-check", "coral", "/healthcare/mine"))),
    (
        "travel",
        (
            PARKING,
            Service("bookings", "ticket", "blue", "/parking/mine"),
            Service("offer", "circle-parking", "blue", "/parking/share"),
        ),
    ),
    ("school", (SCHOOL,)),
    ("identity", (CODE, CERTIFICATES, Service("scans", "history", "teal", "/onecode/history"))),
    ("community", (NEWS, HOTLINE)),
    ("staff", (Service("work", "briefcase", "slate", "/work"),)),
)
