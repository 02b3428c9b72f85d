"""Who may act for whom, told once more in plain Python: the model that `haian.may` is held against."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEVER = ("identity", "factors", "consent", "delegation", "staff")
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Link:
    """A guardian of a child."""

    guardian: int
    child: int
    since: datetime
    until: datetime
    limits: tuple[str, ...] = ()
    ended: datetime | None = None


@dataclass(frozen=True)
class Mandate:
    """What a principal lets a delegate do."""

    principal: int
    delegate: int
    scopes: tuple[str, ...]
    since: datetime
    until: datetime
    confirmed: datetime | None
    ended: datetime | None = None
    told: bool = False
    """Confirmed by a code that the principal told: it counts a day later."""


@dataclass
class History:
    """Citizens by number with their birthdays, and everything that ever linked them."""

    born: dict[int, date | None] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    mandates: list[Mandate] = field(default_factory=list)


def birthday(born: date, years: int) -> datetime:
    """When somebody becomes so old, in Shanghai; whoever was born on a 29 February, on 1 March of a common year."""
    try:
        day = born.replace(year=born.year + years)
    except ValueError:
        day = date(born.year + years, 3, 1)
    return datetime.combine(day, time(), SHANGHAI)


def may(history: History, actor: int | None, action: str, subject: int, at: datetime) -> bool:
    """May `actor` do `action` for `subject`?"""
    if actor is None:
        return False
    if actor == subject:
        return True
    if action.split(".")[0] in NEVER:
        return False
    return any(_guards(history, link, actor, action, subject, at) for link in history.links) \
        or any(_covers(mandate, actor, action, subject, at) for mandate in history.mandates)


def pupils(history: History, actor: int | None, action: str, subject: int, at: datetime) -> list[int]:
    """Whose school notices `actor` reads or answers when they act for `subject`, or for themself: the children of whom
    `subject` is a guardian, as far as custody lets `subject`; or `subject`, of whom `actor` is one."""
    if not may(history, actor, action, subject, at):
        return []
    return sorted(link.child for link in history.links if _guards(history, link, link.guardian, action, link.child, at)
                  and (link.guardian == subject or (link.guardian, link.child) == (actor, subject)))


def _guards(history: History, link: Link, actor: int, action: str, subject: int, at: datetime) -> bool:
    if (link.guardian, link.child) != (actor, subject) or not link.since <= at < link.until:
        return False
    if link.ended is not None and at >= link.ended:
        return False
    born = history.born[subject]
    if born is not None and at >= birthday(born, 18):
        return False
    return not any(action == limit or action.startswith(limit + ".") for limit in link.limits)


def _covers(mandate: Mandate, actor: int, action: str, subject: int, at: datetime) -> bool:
    if (mandate.delegate, mandate.principal) != (actor, subject) or mandate.confirmed is None:
        return False
    counts = mandate.confirmed + timedelta(hours=24) if mandate.told else mandate.confirmed
    if not max(mandate.since, counts) <= at < min(mandate.until, mandate.ended or mandate.until):
        return False
    read = action.endswith(".read") and action.removesuffix(".read") + ".write" in mandate.scopes
    return action in mandate.scopes or read


def may_consent(history: History, actor: int, subject: int, at: datetime) -> bool:
    """May `actor` give consent for `subject`? From 14 on only oneself, before that a guardian alone, whom custody does not
    forbid it; whose birthday is not known is taken for grown."""
    born = history.born[subject]
    if born is None or at >= birthday(born, 14):
        return actor == subject
    return any((link.guardian, link.child) == (actor, subject) and link.since <= at < link.until
               and (link.ended is None or at < link.ended) and "consent" not in link.limits for link in history.links)
