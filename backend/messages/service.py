"""The rules of messages: what is put into an inbox, and who writes news."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog

from haian.call import Call, Platform
from haian.errors import Forbidden, NotFound
from haian.feeds import Feed, tell
from haian.live import Message, citizen_channel
from haian.reads import Shown
from haian.registry import Event, MessageType
from messages import store
from messages.errors import NewsInvalid
from messages.models import Topic
from messages.sentences import GONE, words_of

log = structlog.get_logger()
NEWS = "haian:live:news"
STREET = re.compile(r"([0-9]{9})?")


async def deliver(platform: Platform, event: Event) -> None:
    """An event that is a message type goes into its citizen's inbox."""
    type_ = platform.registry.message_types.get(event.type)
    if event.citizen is None or type_ is None:
        return
    if missing := words_used(type_) - set(event.payload):
        log.error("messages.words_missing", type=event.type, words=sorted(missing))
    async with platform.db.writing_as("messages") as connection:
        await store.keep(connection, event.id, event.citizen, event.type, dict(event.payload), event.at)


def words_used(type_: MessageType) -> set[str]:
    """The words that a payload of this type must have."""
    return set().union(*map(words_of, (*type_.title.values(), *type_.body.values(), type_.link)))


def type_of(call: Call, type_: str) -> MessageType:
    """The type of a message; one of its own for types that are registered no more."""
    return call.platform.registry.message_types.get(type_, GONE)


async def mark_read(call: Call, only: UUID | None) -> int:
    """Mark one message or all of mine as read; returns how many were unread. My other phones hear of it."""
    async with call.writing("messages") as tx:
        marked = await store.mark_read(tx, only)
        if marked:
            await tx.emit("messages.read", call.viewer.id, id=only)
    return marked


def live(call: Call, after: str | None, show: Callable[[Message], Any]) -> Feed[Any]:
    """What happens to me, as it happens: {id, type, subject, at}. First `ready`, so that a page that reads after it
    misses nothing, or what came since the cursor `after`; `resync` when something may have been missed."""
    assert call.viewer.id
    return Feed(citizen_channel(call.viewer.id), show, after=after)


def news_changes(street: str | None, after: str | None, show: Callable[[Message], Any]) -> Feed[Any]:
    """公告 as it is published and withdrawn: {type, news, street}. That of other streets is not shown; that something was
    withdrawn is told to all."""
    def of_street(told: Message) -> Any:
        elsewhere = street is not None and told.get("street") not in (None, street)
        return None if elsewhere else show(told)
    return Feed(NEWS, of_street, after=after)


async def announce(platform: Platform, event: Event) -> None:
    """What happened to news goes to everybody who reads it now."""
    await tell(platform.redis, NEWS, event.id, {
        "type": event.type, "news": event.payload["id"], "street": event.payload.get("street")})


async def publish_news(call: Call, street: str | None, topic: Topic, title: str, body: str, key: str) -> Shown:
    """Publish 公告 for one street or the whole district, once for each key. NewsInvalid, Forbidden."""
    title, body = " ".join(unicodedata.normalize("NFC", title).split()), unicodedata.normalize("NFC", body).strip()
    if not (2 <= len(title) <= 80 and 2 <= len(body) <= 5000 and STREET.fullmatch(street or "")) or "\x00" in title + body:
        raise NewsInvalid
    async with call.writing("messages") as tx:
        desk = await store.my_desk(tx)
        if desk is None:
            raise Forbidden
        if street is not None and not await store.is_street(tx, street):
            raise NewsInvalid

        async def decide() -> dict[str, Any]:
            news = await store.publish(tx, desk, street, topic.value, title, body)
            await tx.audit("NEWS_PUBLISHED", call.viewer.id, role="news_editor", object_=str(news))
            await tx.emit("messages.news_published", None, id=news, street=street)
            return {"id": news}
        given = {"street": street, "topic": topic.value, "title": title, "body": body}
        answer = await tx.once("messages.publish_news", key, given, decide)
    return store.one_news(answer["id"])


async def withdraw_news(call: Call, news: UUID) -> bool:
    """Take a piece of my desk's news back. NotFound."""
    async with call.writing("messages") as tx:
        desk = await store.my_desk(tx)
        if desk is None or not await store.withdraw(tx, news, desk):
            raise NotFound
        await tx.audit("NEWS_WITHDRAWN", call.viewer.id, role="news_editor", object_=str(news))
        await tx.emit("messages.news_withdrawn", None, id=news)
    return True
