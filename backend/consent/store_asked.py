"""The SQL of what a child under 14 asks its guardians to consent to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from consent.models import Asked
from haian.reads import sql
from haian.transaction import Transaction


@sql
def requests() -> Any:
    """SELECT * FROM consent.requests_of({viewer}, {now}) ORDER BY state <> 'ASKED', asked_at DESC, id LIMIT 30"""


@sql
def request(id: UUID) -> Any:
    """SELECT * FROM consent.requests_of({viewer}, {now}) WHERE id = {id}"""


@sql
def is_mine_to_give() -> Any:
    "coalesce(haian.may_consent({viewer}, {viewer}, {now}), true)"


@sql
def has_guardian() -> Any:
    """EXISTS (SELECT FROM haian.guardianship g WHERE g.child_id = {viewer}
               AND haian.may_consent(g.guardian_id, {viewer}, {now}))"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def ask(tx: Transaction, asked: Asked, term: str, until: datetime) -> Any:
    """What the viewer asks: `id`, None where no guardian may consent, and whom to tell."""
    return await tx.row("SELECT * FROM haian.ask_consent($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", tx.viewer.id,
                        asked.fact, asked.kind.value, asked.receiver, asked.receiver_name, asked.purpose,
                        asked.words["zh"], asked.words["en"], term, tx.now, until)


async def answer(tx: Transaction, id_: UUID, agree: bool) -> Any:
    """The first guardian who may consent decides; None where it waits no more, or not for the viewer."""
    return await tx.row("""UPDATE consent.request SET answered_at = $2, answered_by = $3, agreed = $4
        WHERE id = $1 AND answered_at IS NULL AND $2 < until AND haian.may_consent($3, child_id, $2)
        RETURNING *""", id_, tx.now, tx.viewer.id, agree)


async def was_for_me(tx: Transaction, id_: UUID) -> bool:
    """Whether the viewer is, or was, a guardian of whoever asked."""
    return bool(await tx.value("""SELECT EXISTS (SELECT FROM consent.request r JOIN haian.guardianship g
        ON g.child_id = r.child_id AND g.guardian_id = $2 WHERE r.id = $1)""", id_, tx.viewer.id))


async def guardians(tx: Transaction) -> list[UUID]:
    """Who may consent for the viewer as a child under 14."""
    rows = await tx.rows("""SELECT g.guardian_id FROM haian.guardianship g
        WHERE g.child_id = $1 AND haian.may_consent(g.guardian_id, $1, $2) ORDER BY g.guardian_id""", tx.viewer.id, tx.now)
    return [row["guardian_id"] for row in rows]


async def others(tx: Transaction, child: UUID) -> list[UUID]:
    """The guardians of a child beside the viewer, who saw the request too."""
    rows = await tx.rows("""SELECT g.guardian_id FROM haian.guardianship g
        WHERE g.child_id = $1 AND g.guardian_id <> $2 AND haian.may_consent(g.guardian_id, $1, $3)
        ORDER BY g.guardian_id""", child, tx.viewer.id, tx.now)
    return [row["guardian_id"] for row in rows]


async def name_of(tx: Transaction, citizen: UUID | None) -> str:
    return str(await tx.value("SELECT name FROM haian.citizen WHERE id = $1", citizen) or "")


async def forget(connection: Any, citizen: UUID) -> None:
    """What a child asked goes with it; that a guardian answered stays, without who."""
    await connection.execute("DELETE FROM consent.request WHERE child_id = $1", citizen)
    await connection.execute("UPDATE consent.request SET answered_by = NULL WHERE answered_by = $1", citizen)
