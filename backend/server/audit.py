"""`python -m server audit verify [hash]`: whether the ledger is whole, and which lines are not. `hash`: one that an earlier
verification printed, or the worker logged, and that must still be in the chain.

Exit code 1 where something is wrong.
"""

from __future__ import annotations

import asyncio
import sys

from haian.db import Database
from haian.seals import Found, verify
from haian.settings import Settings
from server.console import SAY, LaunchError

SHOWN = 50


def main(settings: Settings) -> int:
    found = asyncio.run(look(settings, head_of(sys.argv[3:])))
    sys.stdout.writelines(f"{line}\n" for line in report(found))
    return 1 if found.faults else 0


def head_of(given: list[str]) -> bytes | None:
    """LaunchError for what is no SHA-256 in hexadecimal."""
    if not given:
        return None
    try:
        head = bytes.fromhex(given[0])
    except ValueError:
        head = b""
    if len(head) != 32:
        raise LaunchError("audit_no_hash", given=given[0])
    return head


async def look(settings: Settings, head: bytes | None = None) -> Found:
    """The ledger of a database, in one snapshot and however long it takes."""
    db = await Database.open(settings.database_url, readers=1, writers=1, patience=0)
    try:
        async with db.connection(db.reading) as connection, connection.transaction(isolation="repeatable_read"):
            return await verify(connection, head)
    finally:
        await db.close()


def report(found: Found) -> list[str]:
    """What is wrong, a line each, and the newest hash to write down."""
    lines = [SAY(f"audit_{fault.what}", seal=fault.seal or "", line=fault.line or "",
                 month=f"{fault.month:%Y-%m}" if fault.month else "") for fault in found.faults[:SHOWN]]
    if len(found.faults) > SHOWN:
        lines.append(SAY("audit_more", more=len(found.faults) - SHOWN))
    lines.append(SAY("audit_faults" if found.faults else "audit_whole", lines=found.lines, seals=found.seals,
                     faults=len(found.faults)))
    return [*lines, SAY("audit_newest", number=found.seals, hash=found.newest.hex())]
