"""The server's time: a stream that ends by itself."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.clients import Served

from gateway import ticks
from haian.call import Call
from haian.errors import InvalidArgument


class Asking:
    """What a resolver sees of its request."""

    def __init__(self, call: Call) -> None:
        self.context = call


async def told(shared: Served, count: int) -> list[datetime]:
    source = ticks.Subscription.__strawberry_definition__.fields[0].base_resolver.wrapped_func  # type: ignore[attr-defined]
    return [moment async for moment in source(None, Asking(Call(shared.platform)), count)]


async def test_each_tick_is_the_servers_time_and_the_last_ends_it(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "APART", 0)
    before = shared.platform.clock.now()
    moments = await told(shared, 3)
    assert len(moments) == 3
    assert sorted(moments) == moments and before <= moments[0] and moments[-1] <= shared.platform.clock.now()


@pytest.mark.parametrize("count", [0, -1, 241])
async def test_it_cannot_be_kept_open_for_ever(shared: Served, count: int) -> None:
    with pytest.raises(InvalidArgument):
        await told(shared, count)
