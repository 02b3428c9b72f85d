"""The SQL of messages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import keyset, sql
from haian.transaction import Transaction


@keyset("at timestamptz", "id uuid", descending=True)
def inbox() -> Any:
    "SELECT * FROM messages.message WHERE citizen_id = {viewer}"


@sql
def unread() -> Any:
    "(SELECT count(*) FROM messages.message WHERE citizen_id = {viewer} AND read_at IS NULL)"


@keyset("published_at timestamptz", "id uuid", descending=True)
def news(street: str | None) -> Any:
    """SELECT *, street AS street_code FROM messages.news WHERE withdrawn_at IS NULL AND published_at <= {now}
       AND (street IS NULL OR {street} IS NULL OR street = {street})"""


@sql
def one_news(id: UUID | None) -> Any:
    "SELECT *, street AS street_code FROM messages.news WHERE id = {id} AND withdrawn_at IS NULL AND published_at <= {now}"


@sql
def division(code: str | None) -> Any:
    "SELECT * FROM haian.division WHERE code = {code}"


@sql
def organisation(id: UUID) -> Any:
    "SELECT * FROM haian.organisation WHERE id = {id}"


@sql
def everything_to_find() -> Any:
    """SELECT 'news' AS kind, id::text AS id, title, left(body, 60) AS detail, '/news?id=' || id AS link
       FROM messages.news WHERE withdrawn_at IS NULL AND published_at <= {now}"""


async def keep(connection: Any, id_: UUID, citizen: UUID, type_: str, payload: Any, at: Any) -> None:
    """Put an event into its citizen's inbox; told twice, it is there once."""
    await connection.execute("""INSERT INTO messages.message (id, citizen_id, type, payload, at)
                                VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING""", id_, citizen, type_, payload, at)


async def mark_read(tx: Transaction, only: UUID | None) -> int:
    """Mark one message, or all of mine, as read; returns how many were unread."""
    rows = await tx.rows("""
        WITH held AS MATERIALIZED (SELECT id FROM messages.message WHERE citizen_id = $1 AND read_at IS NULL
                                   AND ($3::uuid IS NULL OR id = $3) ORDER BY id FOR NO KEY UPDATE)
        UPDATE messages.message m SET read_at = $2 FROM held WHERE m.id = held.id RETURNING m.id""",
        tx.viewer.id, tx.now, only)
    return len(rows)


async def my_desk(tx: Transaction) -> UUID | None:
    """The organisation for which I write news."""
    found: UUID | None = await tx.value("""SELECT organisation_id FROM haian.membership
        WHERE citizen_id = $1 AND role = 'news_editor' AND during @> $2::timestamptz
        ORDER BY lower(during), organisation_id LIMIT 1""", tx.viewer.id, tx.now)
    return found


async def is_street(tx: Transaction, code: str) -> bool:
    return bool(await tx.value("SELECT EXISTS (SELECT FROM haian.division WHERE code = $1 AND level = 'street')", code))


async def publish(tx: Transaction, desk: UUID, street: str | None, topic: str, title: str, body: str) -> UUID:
    made: UUID = await tx.value("""INSERT INTO messages.news (organisation_id, author_id, street, topic, title, body,
        published_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id""",
        desk, tx.viewer.id, street, topic, title, body, tx.now)
    return made


async def withdraw(tx: Transaction, news: UUID, desk: UUID) -> bool:
    return bool(await tx.value("""UPDATE messages.news SET withdrawn_at = $3 WHERE id = $1 AND organisation_id = $2
                                  AND withdrawn_at IS NULL RETURNING true""", news, desk, tx.now))


async def forget(connection: Any, citizen: UUID) -> None:
    """Remove everything in an inbox."""
    await connection.execute("""DELETE FROM messages.message WHERE id IN (
        SELECT id FROM messages.message WHERE citizen_id = $1 ORDER BY id FOR UPDATE)""", citizen)
