"""Messages in GraphQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.call import Call
from haian.entities import Key
from haian.fields import Connection
from haian.ids import parse_id
from haian.rules import GIVEN, PUBLIC, PUBLIC_OWN, SIGNED_IN, role
from messages import service, store
from messages.models import NewsChange, Topic
from messages.sentences import path, say

strawberry.enum(Topic, name="NewsTopic")
strawberry.enum(NewsChange)


@fields.object_type(allow=GIVEN)
class Message:
    """A message of my inbox. `link`: a path of the client."""

    id: ID
    type: str
    at: datetime
    read_at: datetime | None
    payload: Private[Any]

    @fields.field()
    def title(self, info: Info[Call, None]) -> str:
        return say(service.type_of(info.context, self.type).title, info.context.viewer.locale, self.payload)

    @fields.field()
    def body(self, info: Info[Call, None]) -> str:
        return say(service.type_of(info.context, self.type).body, info.context.viewer.locale, self.payload)

    @fields.field()
    def link(self, info: Info[Call, None]) -> str:
        return path(service.type_of(info.context, self.type).link, self.payload)

    @fields.field()
    def urgent(self, info: Info[Call, None]) -> bool:
        """Rings on 长辈版 too."""
        return service.type_of(info.context, self.type).urgent


@fields.object_type(allow=PUBLIC)
class NewsOffice:
    """Who published a piece of news."""

    id: ID
    name: str
    demo: bool


@fields.object_type(allow=PUBLIC)
class NewsStreet:
    """The street that a piece of news is for."""

    code: ID
    name: str


@fields.object_type(allow=PUBLIC, key=Key("id", store.one_news))
class News:
    """公告. `street` is null for the whole district."""

    id: ID
    topic: Topic
    title: str
    body: str
    published_at: datetime
    demo: bool
    organisation_id: Private[UUID]
    street_code: Private[str | None]

    @fields.field()
    def office(self) -> NewsOffice:
        return store.organisation(self.organisation_id)

    @fields.field()
    def street(self) -> NewsStreet | None:
        return store.division(self.street_code)


@fields.object_type(allow=GIVEN)
class LiveEvent:
    """Something happened to me. `type` says what, `subject` to which of my things; the page reads the rest. `ready`: from
    now on I hear of everything. `resync`: something may have been missed, read again. `cursor`: where I stand now."""

    type: str
    id: ID | None = None
    subject: ID | None = None
    cursor: str | None = None

    @classmethod
    def of(cls, told: dict[str, Any]) -> LiveEvent:
        return cls(type=told["type"], id=told.get("id"), subject=told.get("subject"), cursor=told.get("cursor"))


@fields.object_type(allow=PUBLIC)
class NewsEvent:
    """Something happened to 公告. `ready`: from now on everything is told. `published`: `news`, which is null where it was
    withdrawn meanwhile. `withdrawn`: `id` is no news any more. `resync`: something may have been missed, read again."""

    change: NewsChange
    id: ID | None
    cursor: str | None
    news_id: Private[UUID | None]

    @fields.field()
    def news(self) -> News | None:
        return store.one_news(self.news_id)

    @classmethod
    def of(cls, told: dict[str, Any]) -> NewsEvent:
        change, id_ = NewsChange(told["type"].split(".")[-1]), told.get("news")
        return cls(change=change, id=id_, cursor=told.get("cursor"),
                   news_id=UUID(id_) if id_ and change is NewsChange.PUBLISHED else None)


@strawberry.type
class Query:
    @fields.field(allow=SIGNED_IN)
    def messages_inbox(self, first: int = 20, after: str | None = None,
                       last: int | None = None, before: str | None = None) -> Connection[Message]:
        """My messages, newest first."""
        return store.inbox(first=first, after=after, last=last, before=before)

    @fields.field(allow=PUBLIC_OWN)
    def messages_unread(self) -> int:
        """How many messages I have not read; 0 where nobody is signed in."""
        return store.unread()

    @fields.field(allow=PUBLIC)
    def messages_news(self, street: ID | None = None, first: int = 10, after: str | None = None,
                      last: int | None = None, before: str | None = None) -> Connection[News]:
        """公告 for the whole district and, where one is given, for this street only beside it."""
        return store.news(street, first=first, after=after, last=last, before=before)

    @fields.field(allow=PUBLIC)
    def messages_one_news(self, id: ID) -> News | None:
        return store.one_news(id)


@strawberry.type
class Mutation:
    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def messages_mark_read(self, info: Info[Call, None], id: ID | None = None) -> int:
        """Mark one message as read, or all where no id is given."""
        return await service.mark_read(info.context, parse_id(id, "id") if id else None)

    @fields.mutation(allow=role("news_editor"))
    async def messages_publish_news(self, info: Info[Call, None], topic: Topic, title: str, body: str, key: str,
                                    street: ID | None = None) -> News:
        return await service.publish_news(info.context, street, topic, title, body, key)

    @fields.mutation(allow=role("news_editor"))
    async def messages_withdraw_news(self, info: Info[Call, None], id: ID) -> bool:
        return await service.withdraw_news(info.context, parse_id(id, "id"))


@strawberry.type
class Subscription:
    @fields.subscription(allow=SIGNED_IN)
    def live(self, info: Info[Call, None], after: str | None = None) -> AsyncIterator[LiveEvent]:
        """What happens to me, as it happens; first what I missed since the cursor `after`."""
        return service.live(info.context, after, LiveEvent.of)

    @fields.subscription(allow=PUBLIC)
    def messages_news_changes(self, info: Info[Call, None], street: ID | None = None,
                              after: str | None = None) -> AsyncIterator[NewsEvent]:
        """公告 as it is published and withdrawn, for the whole district and, where one is given, for this street only beside
        it; first what was missed since the cursor `after`."""
        return service.news_changes(street, after, NewsEvent.of)
