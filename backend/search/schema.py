"""Search in GraphQL."""

from __future__ import annotations

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.call import Call
from haian.fields import Connection
from haian.rules import PUBLIC
from search import service, store

HINTS = 12


@fields.object_type(allow=PUBLIC)
class SearchHit:
    """A public thing that was found. `app` and `kind` choose its picture; `link`: a path of the client."""

    id: ID
    app: str
    kind: str
    title: str
    detail: str
    link: str


@fields.object_type(allow=PUBLIC)
class SearchKind:
    """How many things of a kind were found, and the first of them. `count`: more than 100 are not counted, but said to be
    101."""

    kind: str
    count: int
    grams: Private[list[str]]
    needles: Private[list[str]]
    lead: Private[str]
    reach: Private[int]

    @fields.field()
    def hits(self, info: Info[Call, None], first: int = 3) -> Connection[SearchHit]:
        return store.find(self.grams, self.needles, self.lead, self.reach, [self.kind], None, info.context.viewer.locale,
                          first=first)


@strawberry.type
class Query:
    @fields.field(allow=PUBLIC)
    def search_find(self, info: Info[Call, None], text: str, kinds: list[str] | None = None, first: int = 20,
                    after: str | None = None, last: int | None = None, before: str | None = None) -> Connection[SearchHit]:
        """What has every word of the text in it (1 to 50 characters). Services come first; then names that begin with the
        first word (its first four letters), names that have it, others; the shorter name first. `kinds`: only these."""
        return store.find(*service.wanted(info.context, text), kinds, info.context.viewer.locale,
                          first=first, after=after, last=last, before=before)

    @fields.field(allow=PUBLIC)
    def search_kinds(self, info: Info[Call, None], text: str) -> list[SearchKind]:
        """The kinds among which the text is found, in the order of the best of each; then that with fewer first."""
        return store.kinds(*service.wanted(info.context, text))

    @fields.field(allow=PUBLIC)
    def search_hints(self, info: Info[Call, None]) -> list[str]:
        """What may be looked for: services and places, others each day, the same for everybody."""
        return store.hints(info.context.viewer.locale, service.popular(info.context), HINTS)
