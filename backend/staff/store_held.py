"""What staff holds about a citizen, for their own file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import OFFICE, RUNNING


@sql
def posts(citizen: UUID) -> Any:
    """SELECT m.id, o.name AS organisation, m.organisation_id, m.role, m.place, lower(m.during) AS since,
              upper(m.during) AS until, m.ended_reason
       FROM staff.membership m JOIN haian.organisation o ON o.id = m.organisation_id
       WHERE m.citizen_id = {citizen} ORDER BY lower(m.during), m.role"""


@sql
def places(citizen: UUID) -> Any:
    """SELECT b.id, b.membership_id AS post, b.place, lower(b.during) AS since, upper(b.during) AS until
       FROM staff.place_before b JOIN staff.membership m ON m.id = b.membership_id WHERE m.citizen_id = {citizen}
       ORDER BY lower(b.during)"""


# Until it is answered an invitation knows its citizen by the number alone.
@sql
def invitations(citizen: UUID) -> Any:
    """SELECT i.id, o.name AS organisation, i.organisation_id, i.role, i.place, i.name, coalesce(i.phone, i.shown) AS phone,
              i.since, i.until, i.asked_at, i.answer_by, i.four_eyes, i.approved_at, i.outcome, i.closed_at
       FROM staff.invitation i JOIN haian.organisation o ON o.id = i.organisation_id
       WHERE i.citizen_id = {citizen}
          OR i.outcome IS NULL AND i.phone = (SELECT c.phone FROM haian.citizen c WHERE c.id = {citizen})
       ORDER BY i.asked_at"""


@sql
def hand_overs(citizen: UUID) -> Any:
    """SELECT id, organisation_id, role, place, note, at, taken_at, withdrawn_at, from_id = {citizen} AS given
       FROM staff.hand_over WHERE {citizen} IN (from_id, to_id) ORDER BY at"""


@sql
def bursts(citizen: UUID) -> Any:
    """SELECT id, organisation_id, roles, people, looks, since, until, raised_at, passed_on_at, outcome, note, answered_at
       FROM staff.burst WHERE citizen_id = {citizen} ORDER BY raised_at"""


EXPORT = {"posts": posts, "places_before": places, "invitations": invitations, "hand_overs": hand_overs, "bursts": bursts}
NOT_HELD = ("staff.role", "staff.burst_search")
LEAVES_OUT = {
    "staff.membership.ended_by": OFFICE,
    "staff.invitation.invited_by": OFFICE,
    "staff.invitation.approved_by": OFFICE,
    "staff.hand_over.from_post": RUNNING,
    "staff.hand_over.to_post": RUNNING,
    "staff.burst.quiet_until": RUNNING,
    "staff.burst.answered_by": OFFICE,
}
