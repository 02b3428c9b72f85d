"""The peer: Strawberry's own graphql-transport-ws on Litestar. One Redis subscription, one queue a subscriber."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from typing import Any

import strawberry
import uvicorn
from litestar import Litestar
from redis.asyncio import Redis
from strawberry.litestar import make_graphql_controller
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

QUEUES: set[asyncio.Queue[dict[str, Any]]] = set()


@strawberry.type
class Street:
    code: strawberry.ID
    name: str


@strawberry.type
class News:
    id: strawberry.ID
    topic: str
    title: str
    published_at: str
    demo: bool
    street: Street | None


@strawberry.type
class NewsEvent:
    change: str
    id: strawberry.ID | None
    cursor: str | None
    news: News | None


@strawberry.type
class Query:
    ok: bool = True


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def messages_news_changes(self, street: strawberry.ID | None = None,
                                    after: str | None = None) -> AsyncGenerator[NewsEvent, None]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(16)
        QUEUES.add(queue)
        try:
            while True:
                yield event_of(await queue.get())
        finally:
            QUEUES.discard(queue)


def event_of(told: dict[str, Any]) -> NewsEvent:
    news = dict(told["news"])
    published = news.pop("publishedAt")
    return NewsEvent(**told | {"news": News(**news | {"published_at": published})})


async def listen() -> None:
    pubsub = Redis.from_url(os.environ["PEER_REDIS"]).pubsub()
    await pubsub.subscribe("bench")
    async for message in pubsub.listen():
        if message["type"] == "message":
            event = json.loads(message["data"])
            for queue in list(QUEUES):
                if not queue.full():
                    queue.put_nowait(event)


async def start(app: Litestar) -> None:
    app.state.listening = asyncio.create_task(listen())


controller = make_graphql_controller(strawberry.Schema(Query, subscription=Subscription), path="/graphql",
                                     subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,))
if __name__ == "__main__":
    uvicorn.run(Litestar([controller], on_startup=[start]), host="127.0.0.1", port=int(os.environ["PEER_PORT"]),
                loop="uvloop", ws="websockets-sansio", ws_per_message_deflate=False, backlog=4096, access_log=False,
                log_level="warning")
