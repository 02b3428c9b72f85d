"""Plans that PostgreSQL chose for what it ran: auto_explain, a module of the server, writes each into the server's log,
statements inside functions and triggers included, so that none is left out and none is guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

SETTINGS = {"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0",
            "auto_explain.log_nested_statements": "on", "auto_explain.log_format": "json", "auto_explain.log_verbose": "on"}
ENTRY = re.compile(r"duration: [\d.]+ ms  plan:\n((?:\t.*\n)+)")


@dataclass(frozen=True)
class Explained:
    """A statement that was run, with its plan."""

    statement: str
    plan: dict[str, Any]

    def nodes(self) -> Iterator[dict[str, Any]]:
        """Every node of the plan, also those that this run never reached."""
        waiting = [self.plan]
        while waiting:
            node = waiting.pop()
            waiting += node.get("Plans", [])
            yield node

    def whole_tables(self) -> set[str]:
        """The tables of which it reads all rows, as "schema.table"."""
        return {f"{node['Schema']}.{node['Relation Name']}" for node in self.nodes() if node["Node Type"] == "Seq Scan"}


@dataclass
class Log:
    """A server's log, from a point on."""

    file: Path
    begin: int

    def explained(self) -> list[Explained]:
        """What was run since."""
        with self.file.open("rb") as file:
            file.seek(self.begin)
            text = file.read().decode(errors="replace")
        found = (json.loads(entry.replace("\n\t", "\n")) for entry in ENTRY.findall(text))
        return [Explained(each["Query Text"], each["Plan"]) for each in found]


@asynccontextmanager
async def explaining(admin: asyncpg.Connection, database: str, log: Path, **settings: str) -> Any:
    """New sessions of a database log their plans within the block."""
    for name, value in (SETTINGS | settings).items():
        await admin.execute(f"ALTER DATABASE {database} SET {name} = '{value}'")
    yield Log(log, log.stat().st_size)
    await admin.execute(f"ALTER DATABASE {database} RESET ALL")
