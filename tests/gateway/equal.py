"""Two ways to execute, held equal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gateway.documents import Operation
from gateway.execution import Gateway
from haian.call import Call, Look, Platform
from haian.clock import Clock
from haian.viewer import Viewer


def place(data: Any, path: Sequence[Any]) -> tuple[Any, ...]:
    """Where the null of an error came to rest."""
    for depth, key in enumerate(path):
        if data is None:
            return tuple(path[:depth])
        data = data[key]
    return tuple(path)


def comparable(answer: bytes) -> tuple[str, list[str], set[tuple[Any, ...]]]:
    """The data with its order; the errors that made null just their own field; and where the others came to rest: of
    several that make one object null, either may be told (GraphQL, October 2021, §6.4.4)."""
    whole = json.loads(answer)
    data, errors = whole.get("data"), whole.get("errors", ())
    places = [(place(data, error.get("path", ())), error) for error in errors]
    own = [json.dumps(error, sort_keys=True) for where, error in places if list(where) == error.get("path", [])]
    return json.dumps(data), sorted(own), {where for where, error in places if list(where) != error.get("path", [])}


@dataclass
class Noting(Call):
    """A call that remembers the looks of staff that it wrote into the ledger."""

    noted: set[Look] = field(default_factory=set)

    async def write_looks(self) -> None:
        self.noted |= set(self.looks)
        await super().write_looks()


class Stopped(Clock):
    """One moment, for what tells the time."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def epoch(self) -> float:
        return self.at.timestamp()


async def both(gateway: Gateway, platform: Platform, viewer: Viewer, operation: Operation, variables: dict[str, Any],
               refusable: bool = False) -> Any:
    """The answer that both ways give; PostgreSQL runs the plan, unless a value in it is one that it must refuse."""
    refused, platform = gateway.refused, replace(platform, clock=Stopped(platform.clock.now()))
    one, other = Noting(platform, viewer), Noting(platform, viewer)
    compiled = await gateway.run(operation, variables, one)
    assert refusable or gateway.refused == refused, (operation.name, operation.body, variables)
    plain = await gateway.run_plainly(operation, variables, other)
    assert comparable(compiled) == comparable(plain), (operation.name, operation.body, variables, compiled, plain)
    assert one.noted == other.noted, (operation.name, operation.body, variables)
    return json.loads(compiled)
