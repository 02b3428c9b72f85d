"""The rules of search: how the index is fed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from typing import Any

import structlog

from haian.call import Call, Platform
from haian.registry import Event, Registry, SearchSource, Service
from search import store
from search.models import Entry, Indexed
from search.words import VERSION, asked, indexed

log = structlog.get_logger()
BATCH = 200
PATH = re.compile(r"/(?![/\\])")
SERVICE = "service"


def wanted(call: Call, text: str) -> tuple[list[str], list[str], str, int, list[str]]:
    """What to look for, and the kinds among which: grams, needles, lead, reach (of `Asked`), kinds. TextInvalid."""
    found = asked(text)
    return found.grams, found.needles, found.lead, found.reach, kinds(call.platform.registry)


def kinds(registry: Registry) -> list[str]:
    """The kinds of what can be found."""
    return list(dict.fromkeys((SERVICE, *(source.kind for _, source in registry.search_sources))))


def popular(call: Call) -> list[str]:
    """The kinds whose names are suggested."""
    return [SERVICE, *(source.kind for _, source in call.platform.registry.search_sources if source.popular)]


async def refresh(platform: Platform) -> None:
    """Bring the whole index up to date; a source that fails does not keep the others from it."""
    offered = [f"{noun}.{source.kind}" for noun, source in platform.registry.search_sources]
    offered += [f"{noun}.{SERVICE}" for noun, _ in platform.registry.services]
    async with platform.db.writing_as("search") as connection:
        await store.forget_nouns(connection, offered)
    for noun, entries in services(platform.registry):
        await feed(platform, noun, SERVICE, store.listed(entries))
    for noun, source in platform.registry.search_sources:
        await read(platform, noun, source)


async def heard(platform: Platform, event: Event) -> None:
    """A source is read again when something of it changed. What fails is left to the next refresh: nobody's phone waits
    for the index."""
    for noun, source in platform.registry.search_sources:
        if event.type in source.changed_by:
            await read(platform, noun, source)


async def read(platform: Platform, noun: str, source: SearchSource) -> None:
    """Read one source, if it can be read."""
    try:
        await feed(platform, noun, source.kind, store.everything(source.rows(), platform.clock.now()))
    except Exception:
        log.exception("search.source_failed", noun=noun, kind=source.kind)


def services(registry: Registry) -> Iterator[tuple[str, list[Entry]]]:
    """The services of each noun as entries."""
    by_noun: dict[str, list[Entry]] = {}
    for noun, service in registry.services:
        by_noun.setdefault(noun, []).append(entry_of(service))
    yield from by_noun.items()


def entry_of(service: Service) -> Entry:
    return Entry(service.id, service.title["zh"], service.title["en"], "", service.link, "\n".join(service.keywords))


async def feed(platform: Platform, noun: str, kind: str, given: tuple[Any, ...]) -> None:
    """Make the entries of (noun, kind) those that are given: only what differs is written, in one transaction, and read
    only when the source is locked, so that an older reading never comes last."""
    async with platform.db.writing_as("search") as connection:
        await store.lock(connection, noun, kind)
        rows = await platform.db.fetch(*store.changes(given, noun, kind, VERSION))
        stands = [not row["vanished"] and PATH.match(row["link"] or "") for row in rows]
        if gone := [row["id"] for row, stays in zip(rows, stands, strict=True) if not stays]:
            await store.remove(connection, noun, kind, gone)
        changed = [Entry(*(row[name] for name in Entry.__dataclass_fields__))
                   for row, stays in zip(rows, stands, strict=True) if stays]
        for i in range(0, len(changed), BATCH):
            await store.keep(connection, noun, kind, VERSION, await asyncio.to_thread(index, changed[i:i + BATCH]))


def index(entries: Sequence[Entry]) -> list[tuple[Entry, Indexed]]:
    """Off the event loop: a batch takes some tens of milliseconds."""
    return [(entry, indexed(entry)) for entry in entries]
