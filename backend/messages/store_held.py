"""What messages hold about a citizen, for their own file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import OFFICE


@sql
def messages(citizen: UUID) -> Any:
    "SELECT id, type, payload, at, read_at FROM messages.message WHERE citizen_id = {citizen} ORDER BY at, id"


EXPORT = {"messages": messages}
LEAVES_OUT = {"messages.news": OFFICE}
