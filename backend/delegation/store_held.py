"""What delegation holds about a citizen, for their own file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import OTHERS, RUNNING, SECRET


@sql
def guardianships(citizen: UUID) -> Any:
    """SELECT g.id, g.guardian_id = {citizen} AS by_myself, o.masked_name AS other, g.relation, g.since, g.until, g.limits,
              g.evidence, g.how, g.ended_at, g.grown_told_at
       FROM delegation.guardianship g
       LEFT JOIN haian.citizen o ON o.id = CASE WHEN g.guardian_id = {citizen} THEN g.child_id ELSE g.guardian_id END
       WHERE {citizen} IN (g.guardian_id, g.child_id) ORDER BY g.since, g.id"""


@sql
def given(citizen: UUID) -> Any:
    """SELECT m.id, m.called, o.masked_name AS helper,
              left(m.delegate_phone, 3) || '****' || right(m.delegate_phone, 4) AS phone,
              m.scopes, m.asked_at, m.confirmed_at, m.confirmed_how, m.document, m.offered_until, m.accepted_at, m.ready_at,
              m.since, m.until, m.ended_at, m.ended_by = {citizen} AS ended_by_myself
       FROM delegation.mandate m LEFT JOIN haian.citizen o ON o.id = m.helper_id WHERE m.principal_id = {citizen}
       ORDER BY m.asked_at, m.id"""


@sql
def taken(citizen: UUID) -> Any:
    """SELECT m.id, o.masked_name AS principal, m.called, m.delegate_phone AS phone, m.scopes, m.asked_at, m.accepted_at,
              m.ready_at, m.since, m.until, m.ended_at, m.ended_by = {citizen} AS ended_by_myself
       FROM delegation.mandate m JOIN haian.citizen o ON o.id = m.principal_id WHERE m.helper_id = {citizen}
       ORDER BY m.asked_at, m.id"""


EXPORT = {"guardianships": guardianships, "mandates_given": given, "mandates_taken": taken}
LEAVES_OUT = {
    "delegation.code": SECRET,
    "delegation.settled": SECRET,
    "delegation.guardianship.attested_by": OTHERS,
    "delegation.guardianship.ended_by": OTHERS,
    "delegation.mandate.confirmed_by": OTHERS,
    "delegation.mandate.follows": RUNNING,
}
