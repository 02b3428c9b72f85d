"""What the tests of live events share: a client, and a hub that listens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest_asyncio

from haian.cache import connect, connect_for_messages
from haian.live import Hub


@asynccontextmanager
async def hub_at(url: str) -> AsyncIterator[Hub]:
    """A started hub on a Redis or a cluster."""
    messages = connect_for_messages(url)
    made = Hub(messages)
    await made.start()
    yield made
    await made.stop()
    await messages.aclose()


@pytest_asyncio.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    client = connect(redis_url)
    yield client
    await client.aclose()


@pytest_asyncio.fixture
async def hub(redis_url: str) -> AsyncIterator[Hub]:
    async with hub_at(redis_url) as made:
        yield made
