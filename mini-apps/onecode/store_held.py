"""What onecode holds about a citizen, for their own file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import OFFICE, OTHERS, SECRET


@sql
def scans(citizen: UUID) -> Any:
    """SELECT s.id, s.at, s.scene_id, o.name AS organisation, s.place, s.role, s.outcome, s.verdict, s.facts, s.first_at,
              s.first_place, s.suspended, s.undone_at, s.undone_for, s.settled_at, s.pass_id, s.demo,
              c.masked_name AS shown_by
       FROM onecode.scan s JOIN haian.organisation o ON o.id = s.organisation_id
       LEFT JOIN haian.citizen c ON c.id = s.shown_by WHERE s.holder_id = {citizen} ORDER BY s.at, s.id"""


@sql
def shown_for_others(citizen: UUID) -> Any:
    """SELECT s.id, s.at, s.scene_id, o.name AS organisation, s.place, s.outcome AS verdict
       FROM onecode.scan s JOIN haian.organisation o ON o.id = s.organisation_id
       WHERE s.shown_by = {citizen} ORDER BY s.at"""


@sql
def asks(citizen: UUID) -> Any:
    """SELECT scan_id, facts, asked_at, until, answer, answered_at FROM onecode.ask WHERE holder_id = {citizen}
       ORDER BY asked_at"""


@sql
def visitors(citizen: UUID) -> Any:
    """SELECT id, visitor, plate, community, lower(during) AS starts_at, upper(during) AS ends_at, entries, remaining,
              made_at, ended_at FROM onecode.pass WHERE host_id = {citizen} ORDER BY made_at"""


@sql
def serves(citizen: UUID) -> Any:
    "SELECT organisation_id, place, scene_id, chosen_at FROM onecode.choice WHERE citizen_id = {citizen}"


@sql
def served(citizen: UUID) -> Any:
    """SELECT id, organisation_id, place, scene_id, since FROM onecode.chosen WHERE citizen_id = {citizen} ORDER BY since"""


@sql
def let_in(citizen: UUID) -> Any:
    """SELECT id, at, scene_id, organisation_id, place, role, cause, words, people, reviewed_at, justified, note
       FROM onecode.entry WHERE verifier_id = {citizen} ORDER BY at"""


@sql
def suspension(citizen: UUID) -> Any:
    "SELECT since FROM onecode.suspension WHERE citizen_id = {citizen}"


@sql
def offline_codes(citizen: UUID) -> Any:
    """SELECT encode(b.id, 'hex') AS id, b.since, b.until, b.codes, b.made, b.stopped, b.revoked_at,
              c.masked_name AS shown_by FROM onecode.offline_batch b LEFT JOIN haian.citizen c ON c.id = b.shown_by
       WHERE b.citizen_id = {citizen} ORDER BY b.since"""


@sql
def carried_for_others(citizen: UUID) -> Any:
    """SELECT encode(b.id, 'hex') AS id, b.since, b.until, b.made, b.revoked_at, c.masked_name AS holder
       FROM onecode.offline_batch b JOIN haian.citizen c ON c.id = b.citizen_id
       WHERE b.shown_by = {citizen} ORDER BY b.since"""


EXPORT = {"scans": scans, "shown_for_others": shown_for_others, "asks": asks, "visitors": visitors, "serves": serves,
          "served": served, "let_in": let_in, "suspension": suspension, "offline_codes": offline_codes,
          "carried_for_others": carried_for_others}
NOT_HELD = ("onecode.scene",)
LEAVES_OUT = {
    "onecode.scan.verifier_id": OTHERS,
    "onecode.scan.device_id": OTHERS,
    "onecode.scan.code": SECRET,
    "onecode.pass.secret": SECRET,
    "onecode.offline_batch.session": SECRET,
    "onecode.offline_batch.device": SECRET,
    "onecode.offline_batch.secret": SECRET,
    "onecode.offline_code": SECRET,
    "onecode.entry.reviewed_by": OFFICE,
    "onecode.assignment": OFFICE,
    "onecode.motion": OFFICE,
    "onecode.verifier": OFFICE,
}
