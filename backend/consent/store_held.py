"""What consent holds about a citizen, for their own file; and the ledger, which is the kernel's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import OFFICE, OTHERS, RUNNING


@sql
def acceptances(citizen: UUID) -> Any:
    """SELECT version, at, given_by = {citizen} AS by_myself FROM consent.acceptance WHERE citizen_id = {citizen}
       ORDER BY version"""


@sql
def proposals(citizen: UUID) -> Any:
    """SELECT id, proposed_at, since, zh, en, changes_zh, changes_en, outcome, decided_at, version
       FROM consent.terms_proposal WHERE proposed_by = {citizen} ORDER BY proposed_at"""


@sql
def questions(citizen: UUID) -> Any:
    """SELECT q.id, q.entry_id, q.entry_at, q.about, o.name AS organisation, q.organisation_id, q.text, q.asked_at, q.due_at,
              q.told_late_at, q.answer, q.answered_at
       FROM consent.question q LEFT JOIN haian.organisation o ON o.id = q.organisation_id WHERE q.citizen_id = {citizen}
       ORDER BY q.asked_at"""


@sql
def consents(citizen: UUID) -> Any:
    """SELECT id, fact, receiver_kind, receiver, receiver_name, purpose, purpose_zh, purpose_en, once, about,
              given_by = {citizen} AS by_myself, since, until, ended_at, ended_by = {citizen} AS ended_by_myself, used,
              used_at
       FROM consent.consent WHERE citizen_id = {citizen} ORDER BY since, id"""


@sql
def requests(citizen: UUID) -> Any:
    """SELECT id, fact, receiver_kind, receiver, receiver_name, purpose, purpose_zh, purpose_en, term, asked_at, until,
              answered_at, agreed
       FROM consent.request WHERE child_id = {citizen} ORDER BY asked_at"""


@sql
def closing(citizen: UUID) -> Any:
    """SELECT asked_at, due_at, begun_at, asked_by = {citizen} AS by_myself FROM consent.closing
       WHERE citizen_id = {citizen} AND begun_at IS NULL"""


# Who did something is named as on the page of the ledger; what it was done with may be somebody too: a guardian's child.
@sql
def ledger(citizen: UUID) -> Any:
    """SELECT a.id, a.at, a.action, a.actor_role, a.actor_id = {citizen} AS by_myself, o.name AS office,
              coalesce(w.masked_name, a.object) AS object, a.fields, a.reason, a.ground, a.acting,
              CASE WHEN a.actor_role = 'mini_app' THEN m.name_zh WHEN consent.is_named(a.actor_role) THEN c.name
                   ELSE c.masked_name END AS actor
       FROM haian.audit a LEFT JOIN haian.citizen c ON c.id = a.actor_id LEFT JOIN haian.client m ON m.id = a.actor_id
       LEFT JOIN haian.organisation o ON o.id = a.office
       LEFT JOIN haian.citizen w ON w.id = CASE WHEN pg_input_is_valid(a.object, 'uuid') THEN a.object::uuid END
            AND w.id <> {citizen}
       WHERE a.subject_id = {citizen} ORDER BY a.at, a.id"""


@sql
def done_for_others(citizen: UUID) -> Any:
    """SELECT a.id, a.at, a.action, a.actor_role, c.masked_name AS for_whom, a.fields, a.reason, a.ground, a.acting
       FROM haian.audit a LEFT JOIN haian.citizen c ON c.id = a.subject_id
       WHERE a.actor_id = {citizen} AND a.subject_id <> {citizen}
         AND a.actor_role IN ('citizen', 'guardian', 'delegate', 'other') ORDER BY a.at, a.id"""


EXPORT = {"terms": acceptances, "terms_proposed": proposals, "questions": questions, "consents": consents,
          "requests": requests, "closing": closing}
LEDGER = {"ledger": ledger, "done_for_others": done_for_others}
"""Kept when all else is forgotten: what the law keeps."""
NOT_HELD = ("consent.terms", "haian.migration", "haian.audit_seal", "haian.audit_sealing")
LEAVES_OUT = {
    "consent.question.actor_id": OTHERS,
    "consent.question.answered_by": OTHERS,
    "consent.request.answered_by": OTHERS,
    "consent.terms_proposal.decided_by": OFFICE,
    "consent.erasure": RUNNING,
    "haian.audit.xid": RUNNING,
    "haian.idempotency": RUNNING,
    "haian.outbox": RUNNING,
    "haian.dead_letter": RUNNING,
}
