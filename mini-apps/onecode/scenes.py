"""The rules of scenes 场景: which of their own a verifier serves."""

from __future__ import annotations

from haian.call import Call
from haian.errors import NotFound
from haian.reads import Shown
from onecode import store, store_scenes


async def serve(call: Call, duty: str) -> Shown:
    """Serve, from the next scan on, one of the scenes that run at my post. NotFound for any other."""
    async with call.writing("onecode") as tx:
        if await store_scenes.serve(tx, duty) is None:
            raise NotFound
    return store.my_post()
