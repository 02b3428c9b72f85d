"""What messages offer to others."""

from __future__ import annotations

from uuid import UUID

from haian.reads import Read
from haian.registry import Providers, SearchSource, Service
from messages import store
from messages.demo import load_demo
from messages.service import announce, deliver


def _export(citizen: UUID) -> dict[str, Read]:
    return {"messages": store.everything_of(citizen)}


PROVIDERS = Providers(
    hears={"*": deliver, "messages.news_published": announce, "messages.news_withdrawn": announce},
    search=(SearchSource("news", store.everything_to_find, ("messages.news_published", "messages.news_withdrawn")),),
    services=(Service("news", {"zh": "公告", "en": "News"}, "/news", ("通知", "新闻", "公示")),),
    export=_export,
    erase=store.forget,
    load_demo=load_demo,
)
