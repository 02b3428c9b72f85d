"""What messages offer to others."""

from __future__ import annotations

from haian.registry import NO_LONGER, Desk, Providers, Retention, SearchSource, Service
from messages import store, store_held
from messages.demo import load_demo
from messages.service import announce, deliver

PROVIDERS = Providers(
    desks=(Desk("/news/write", ("news_editor",)),),
    hears={"*": deliver, "messages.news_published": announce, "messages.news_withdrawn": announce},
    search=(SearchSource("news", store.everything_to_find, ("messages.news_published", "messages.news_withdrawn")),),
    services=(Service("news", {"zh": "公告", "en": "News"}, "/news", ("通知", "新闻", "公示")),),
    export=store_held.EXPORT,
    leaves_out=store_held.LEAVES_OUT,
    erase=store.forget,
    retains=(
        Retention({"zh": "消息", "en": "Messages"}, NO_LONGER, 365, "messages.message",
                  "SELECT id FROM messages.message WHERE at < $1 ORDER BY at LIMIT $2"),
    ),
    load_demo=load_demo,
)
