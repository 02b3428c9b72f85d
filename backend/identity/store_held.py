"""What identity holds about a citizen, for their own file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import OTHERS, SECRET, Opens
from haian.settings import Settings
from identity import numbers
from identity.numbers import FieldKeys


@sql
def profile(citizen: UUID) -> Any:
    """SELECT c.id, c.name, c.phone, c.born, c.community, d.name AS community_name, c.level, c.demo, c.created_at,
              c.of_age_at
       FROM identity.citizen c LEFT JOIN identity.division d ON d.code = c.community WHERE c.id = {citizen}"""


@sql
def number(citizen: UUID) -> Any:
    "SELECT sealed, shown FROM identity.citizen_number WHERE citizen_id = {citizen}"


@sql
def devices(citizen: UUID) -> Any:
    """SELECT v.id, v.name, v.called, v.place, d.name AS street, v.client, v.signed_in_at, v.seen_at, v.ended_at
       FROM identity.device v LEFT JOIN identity.division d ON d.code = v.place
       WHERE v.citizen_id = {citizen} ORDER BY v.signed_in_at, v.id"""


@sql
def browsers(citizen: UUID) -> Any:
    "SELECT since FROM identity.browser WHERE citizen_id = {citizen} ORDER BY since"


@sql
def verifications(citizen: UUID) -> Any:
    """SELECT id, name, sealed, asked_at, tried_at, answered_at, answer FROM identity.verification
       WHERE citizen_id = {citizen} ORDER BY asked_at"""


@sql
def claims(citizen: UUID) -> Any:
    """SELECT id, claimed_name, shown, sealed, claimed_by = claimant_id AS by_myself, opened_at, settled_at, outcome
       FROM identity.dispute WHERE claimant_id = {citizen} ORDER BY opened_at"""


@sql
def disputed(citizen: UUID) -> Any:
    """SELECT id, shown, opened_at, settled_at, outcome FROM identity.dispute WHERE holder_id = {citizen}
       ORDER BY opened_at"""


def whole(settings: Settings, citizen: UUID, row: dict[str, Any]) -> dict[str, Any]:
    """The number in place of its seal, where it is still there. InvalidTag where no key of ours opens it."""
    sealed = row.pop("sealed")
    return row | {"number": numbers.unseal(sealed, FieldKeys.of(settings), citizen.bytes) if sealed else None}


EXPORT = {"citizen": profile, "number": number, "devices": devices, "browsers": browsers, "verifications": verifications,
          "claims": claims, "disputed": disputed}
OPENS = dict.fromkeys(("number", "verifications", "claims"), Opens("number", whole))
NOT_HELD = ("identity.division", "identity.organisation", "identity.index_key")
LEAVES_OUT = {
    "identity.citizen_number.number_id": SECRET,
    "identity.number": SECRET,
    "identity.number_index": SECRET,
    "identity.device.session": SECRET,
    "identity.device.browser": SECRET,
    "identity.browser.hash": SECRET,
    "identity.dispute.number_id": SECRET,
    "identity.dispute.settled_by": OTHERS,
    "identity.dispute.reason": OTHERS,
}
