"""What oauth holds about a citizen, for their own file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import OFFICE


@sql
def clients(citizen: UUID) -> Any:
    """SELECT c.id, o.name AS organisation, c.organisation_id, c.name_zh, c.name_en, c.redirects, c.scopes, c.demo,
              c.registered_at, c.approved_at, c.ended_at, c.reason
       FROM oauth.client c JOIN haian.organisation o ON o.id = c.organisation_id
       WHERE c.registered_by = {citizen} ORDER BY c.registered_at"""


EXPORT = {"clients": clients}
LEAVES_OUT = {"oauth.client.approved_by": OFFICE, "oauth.client.ended_by": OFFICE}
