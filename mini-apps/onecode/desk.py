"""The manager's desk: which scenes run at which gates, emergency entries reviewed, the day exported, the flow live."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from haian.cache import limit
from haian.call import Call, Platform
from haian.clock import SHANGHAI
from haian.errors import Forbidden, InvalidArgument, NotFound
from haian.feeds import Feed, tell
from haian.live import Message
from haian.reads import Shown
from haian.registry import Event
from haian.transaction import Transaction
from onecode import store_desk
from onecode.errors import EntryReviewed, OwnEntry, SceneUnknown
from onecode.models import OUTCOMES
from staff.models import cleaned

MOST_DAYS, MOST_ROWS, EXPORTS_A_DAY = 31, 50_000, 20
BEGUN = 2020
"""No scan is of a year before."""
PACE_SECONDS = 2.0
"""The live flow tells no more often than this."""
SEEN_SECONDS = 900.0
"""Who looks at the flow is asked again after so long whether they may."""


async def _manager(tx: Transaction, organisation: UUID) -> None:
    [[may]] = await tx.read(store_desk.manages(organisation))
    if not may:
        raise Forbidden


async def assign(call: Call, organisation: UUID, place: str, scenes: Sequence[str]) -> Shown:
    """These scenes run at a gate from now on; none: the usual one. Forbidden, InvalidArgument, SceneUnknown."""
    where = cleaned(place, 40)
    if where is None or len(scenes) > 8:
        raise InvalidArgument(argument="place" if where is None else "scenes")
    async with call.writing("onecode") as tx:
        await _manager(tx, organisation)
        if not set(scenes) <= await store_desk.offers(tx, organisation):
            raise SceneUnknown
        await store_desk.assign(tx, organisation, where, sorted(set(scenes)))
        await tx.audit("SCENES_ASSIGNED", None, role="manager", object_=where, fields=sorted(set(scenes)),
                       office=organisation)
    return store_desk.places(organisation)


async def review(call: Call, entry: UUID, justified: bool, note: str) -> Shown:
    """Whether an emergency entry was right; who let somebody in hears of it. NotFound, OwnEntry, EntryReviewed,
    InvalidArgument."""
    said = cleaned(note, 200)
    if said is None:
        raise InvalidArgument(argument="note")
    async with call.writing("onecode") as tx:
        found = next(iter(await tx.read(store_desk.entry(entry))), None)
        if found is None:
            raise NotFound
        if found["mine"]:
            raise OwnEntry
        held = await store_desk.review(tx, entry, justified, said)
        if held is None:
            raise EntryReviewed
        await tx.audit("ENTRY_REVIEWED", held["verifier_id"], role="manager", object_=str(entry), ground="duty",
                       reason="JUSTIFIED" if justified else "NOT_JUSTIFIED", office=held["organisation_id"])
        if held["verifier_id"]:
            await tx.emit("onecode.reviewed" if justified else "onecode.reviewed_against", held["verifier_id"], id=entry,
                          place=held["place"], note=said)
    return store_desk.entry(entry)


async def export(call: Call, organisation: UUID, since: date, days: int) -> str:
    """The scans of some days as CSV (RFC 4180, with a BOM): when, where, what it came to; nothing of whose code it was.
    Forbidden, InvalidArgument, RateLimited."""
    if not 1 <= days <= MOST_DAYS:
        raise InvalidArgument(argument="days")
    if not BEGUN <= since.year <= call.clock.today().year:
        raise InvalidArgument(argument="since")
    begins = datetime(since.year, since.month, since.day, tzinfo=SHANGHAI)
    await limit(call.platform.line, f"onecode:export:{call.viewer.id}", EXPORTS_A_DAY, 86400)
    async with call.writing("onecode") as tx:
        await _manager(tx, organisation)
        rows = await store_desk.scans_between(tx, organisation, begins, begins + timedelta(days=days), MOST_ROWS)
        await tx.audit("SCANS_EXPORTED", None, role="manager", object_=f"{since} +{days}", office=organisation)
    return as_csv(rows)


def as_csv(rows: Sequence[Any]) -> str:
    """What begins as a formula of a spreadsheet is made a text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("时间", "地点", "场景", "结果", "已撤销", "核验人"))
    for row in rows:
        at = row["at"].astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        undone = "是" if row["undone"] else ""
        said = (at, row["place"], row["name_zh"], OUTCOMES[row["outcome"]], undone, row["masked_name"])
        writer.writerow(["'" + text if text and text[0] in "=+-@\t" else text for text in said])
    return "\ufeff" + out.getvalue()


def channel_of(organisation: UUID) -> str:
    return f"haian:live:onecode:{organisation}"


async def announce(platform: Platform, event: Event) -> None:
    """Whoever looks at the flow of an organisation sees that there was a scan or an entry."""
    if office := event.payload.get("office"):
        await tell(platform.redis, channel_of(UUID(office)), event.id, {"type": "flow"})


async def flow_changes(call: Call, organisation: UUID, shown: Callable[..., Any]) -> Feed[Any]:
    """That something changed in an organisation's day, at most every other second. Forbidden."""
    if not await call.value(store_desk.manages(organisation)):
        raise Forbidden

    def show(told: Message) -> Any:
        return shown(change=told["type"].upper())
    return Feed(channel_of(organisation), show, seconds=SEEN_SECONDS, pace=PACE_SECONDS, key=lambda told: "flow")
