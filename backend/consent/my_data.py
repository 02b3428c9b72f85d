"""What is held about me: all of it in one file, and forgotten when I close the account.

Closing 注销 waits 30 days, in which it is undone by a tap. Then every noun that keeps something forgets it, each when its
own clock says so, identity last of those that are due: with it go name, number, sessions, and every link to the person.
A guardian who consents for a child closes the child's account in the same way; each of its guardians may keep it. From 14 on
that wants the child's own word: what a guardian asked before lapses, as all that they agreed to.
The last manager of an organisation stays: such an account is neither asked to be closed nor closed when its time comes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog
from cryptography.exceptions import InvalidTag

from consent import store, store_held
from consent.errors import LastManager
from haian.cache import limit
from haian.call import Call, Platform
from haian.errors import NotFound, Unauthenticated, Unavailable
from haian.reads import Shown
from haian.registry import NOT_OPENED, MiniApp
from haian.transaction import Transaction
from identity.service import end_all

log = structlog.get_logger()
WAIT = timedelta(days=30)
EXPORTS_A_DAY = 5


async def export(call: Call, child: UUID | None) -> str:
    """Everything held about me, of each noun, as JSON, and what is left out and why; or about a child under 14, for a
    guardian whom custody limits in nothing (PIPL art. 31, 45). It is in the ledger before it is read, and kept nowhere.
    NotFound, RateLimited."""
    me = call.viewer.id
    if me is None:
        raise Unauthenticated
    await limit(call.platform.line, f"consent:export:{me}", EXPORTS_A_DAY, 86400)
    async with call.writing("consent") as tx:
        await _note_export(tx, me, child)
    return orjson.dumps(await _file(call, child or me), default=str, option=orjson.OPT_INDENT_2).decode()


async def _note_export(tx: Transaction, me: UUID, child: UUID | None) -> None:
    """A line for whom the file is about; a child and its other guardians hear of it. NotFound."""
    if child is None:
        await tx.audit("DATA_EXPORTED", me, role="citizen", fields=["number", "certificates"])
        return
    guardians = await _family(tx, child)
    if not await store.is_unlimited(tx, child):
        raise NotFound
    await tx.audit("DATA_EXPORTED", child, role="guardian", fields=["number", "certificates"], ground="guardian")
    others = [each for each in guardians if each != me]
    await tx.emit_to("consent.child_exported", [child, *others], name=await store.name_of(tx, child),
                     guardian=await store.name_of(tx, me))


async def _file(call: Call, citizen: UUID) -> dict[str, Any]:
    apps = [app for app in call.platform.registry.apps if app.providers.export]
    found = {app.noun: await held(call, app, citizen) for app in apps}
    found["consent"] |= {name: [dict(row) for row in await call.rows(read(citizen))]
                         for name, read in store_held.LEDGER.items()}
    left_out = {what: why[call.viewer.locale] for app in apps for what, why in app.providers.leaves_out.items()}
    return {"citizen": citizen, "made_at": call.clock.now(), "holds": found, "leaves_out": left_out}


async def held(call: Call, app: MiniApp, citizen: UUID) -> dict[str, list[dict[str, Any]]]:
    """All that a noun holds about a citizen, whole: what is sealed is opened. It is for their eyes, and those of who
    decides for them, alone."""
    found = {}
    async with call.writing(app.noun) as tx:
        for name, read in app.providers.export.items():
            rows = [dict(row) for row in await tx.read(read(citizen))]
            found[name] = [_opened(call, app, name, citizen, row) for row in rows] if name in app.providers.opens else rows
    return found


def _opened(call: Call, app: MiniApp, name: str, citizen: UUID, row: dict[str, Any]) -> dict[str, Any]:
    """A row with what its seal holds. What no key of ours opens holds up nothing else: it is said where it would stand, in
    another shape than it has, and logged."""
    opens = app.providers.opens[name]
    try:
        return opens.whole(call.platform.settings, citizen, dict(row))
    except InvalidTag:
        log.error("export.not_opened", noun=app.noun, what=name, row=str(row.get("id", "")), citizen=str(citizen))
        del row["sealed"]
        return row | {opens.place: {"not_opened": NOT_OPENED[call.viewer.locale]}}


async def close(call: Call, child: UUID | None) -> Shown:
    """Close my account in 30 days, or that of a child for whom I consent; asked again, it stays as it was. LastManager,
    NotFound."""
    async with call.writing("consent") as tx:
        told = await _family(tx, child)
        if not child and await store.is_last_manager(tx):
            raise LastManager
        due = tx.now + WAIT
        if await store.close(tx, child or tx.viewer.id, due):
            await _say(tx, child, told, "ACCOUNT_CLOSING", "closing", due_at=due)
    return store.closing(child)


async def keep(call: Call, child: UUID | None) -> Shown:
    """Keep the account after all. NotFound."""
    async with call.writing("consent") as tx:
        told = await _family(tx, child)
        if await store.keep(tx, child or tx.viewer.id):
            await _say(tx, child, told, "ACCOUNT_KEPT", "kept")
    return store.closing(child)


async def _family(tx: Transaction, child: UUID | None) -> list[UUID]:
    """The guardians of a child for whom the viewer consents. NotFound."""
    if child is None:
        return []
    guardians = await store.consents_for(tx, child)
    if not guardians:
        raise NotFound
    return guardians


async def _say(tx: Transaction, child: UUID | None, guardians: list[UUID], action: str, event: str, **more: Any) -> None:
    """A line for whom it is about, and word of it to them and to all guardians."""
    if child is None:
        await tx.audit(action, tx.viewer.id, role="citizen")
        await tx.emit(f"consent.{event}", tx.viewer.id, **more)
        return
    await tx.audit(action, child, role="guardian", ground="guardian")
    name = await store.name_of(tx, child)
    await tx.emit_to(f"consent.child_{event}", [child, *guardians], name=name, **more)


def holders(call: Call) -> list[tuple[str, int]]:
    """Who forgets something, and how many days after an account was closed."""
    apps, locale = call.platform.registry.apps, call.viewer.locale
    return [(app.manifest.name[locale], app.providers.erase_after.days) for app in apps if app.providers.erase]


def kept(call: Call) -> list[tuple[str, str, int]]:
    """What law keeps: what, by which law, for how many days."""
    apps, locale = call.platform.registry.apps, call.viewer.locale
    return [(each.what[locale], each.ground[locale], each.days) for app in apps for each in app.providers.keeps]


def retained(call: Call) -> list[tuple[str, str, int | None]]:
    """What is deleted while an account stays: what, why it is kept until then, after how many days."""
    apps, locale = call.platform.registry.apps, call.viewer.locale
    return [(each.what[locale], each.ground[locale], each.days) for app in apps for each in app.providers.retains]


async def erase_due(platform: Platform) -> None:
    """Forget what is due to be forgotten; what fails is logged and tried again, and holds up nobody else's. Unavailable."""
    apps = [app for app in reversed(platform.registry.apps) if app.providers.erase]
    async with platform.writing("consent") as tx:
        for citizen in await store.keep_grown(tx):
            await tx.audit("ACCOUNT_KEPT", citizen, role="system", ground="duty")
            await tx.emit("consent.yours_to_close", citizen)
        for citizen in await store.keep_last_managers(tx):
            await tx.emit("consent.not_closed", citizen)
        await store.begin_erasing(tx, [app.noun for app in apps], [app.providers.erase_after for app in apps])
    async for citizen, noun in _due(platform):
        try:
            await _erase(platform, citizen, noun)
        except Unavailable:  # the database is away, for everybody's
            raise
        except Exception:
            log.exception("erasure.failed", noun=noun, citizen=str(citizen))


async def _due(platform: Platform) -> AsyncIterator[tuple[UUID, str]]:
    """What is to be forgotten, of whom and by which noun; some are read at a time, each once."""
    citizen, place = UUID(int=0), 0
    while True:
        async with platform.writing("consent") as tx:
            rows = await store.erasures_due(tx, citizen, place)
        if not rows:
            return
        for row in rows:
            yield row["citizen_id"], row["noun"]
        citizen, place = row["citizen_id"], row["place"]


async def _erase(platform: Platform, citizen: UUID, noun: str) -> None:
    erase = next(app.providers.erase for app in platform.registry.apps if app.noun == noun)
    assert erase
    if noun == "identity":
        await end_all(platform, citizen)
    async with platform.db.writing_as(noun) as connection:
        await erase(connection, citizen)
    async with platform.writing("consent") as tx:
        await store.erased(tx, citizen, noun)
