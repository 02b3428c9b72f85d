"""`python -m server demo`: load 演示数据 of every mini-app, rolled forward to today."""

from __future__ import annotations

import asyncio

from haian.call import Platform
from haian.demo import SIZES
from haian.settings import Settings
from server.keys_given import check_keys
from server.platform import opened


def main(settings: Settings) -> int:
    async def run() -> None:
        async with opened(settings, patience=0) as platform:
            await load(platform)
    check_keys(settings)
    asyncio.run(run())
    return 0


async def load(platform: Platform) -> None:
    """In the order of the registry, so that each finds the people it speaks of."""
    size = SIZES[platform.settings.demo_size]
    if platform.settings.citizens:
        size = SIZES["district"].of(platform.settings.citizens)
    for app in platform.registry.apps:
        if app.providers.load_demo:
            await app.providers.load_demo(platform, size)
