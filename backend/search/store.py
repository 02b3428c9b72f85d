"""The SQL of search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from haian.reads import Read, keyset, sql
from haian.transaction import statement_of
from search.models import Entry, Indexed

CHANGES = """
SELECT coalesce(r.id, e.id) AS id, r.id IS NULL AS vanished, r.title, r.title_en, r.detail, r.link, r.keywords
FROM ({given}) r FULL JOIN (SELECT * FROM search.entry WHERE noun = ${noun} AND kind = ${kind}) e ON e.id = r.id
WHERE (r.title, r.title_en, r.detail, r.link, r.keywords, ${version}::int)
      IS DISTINCT FROM (e.title, e.title_en, e.detail, e.link, e.keywords, e.version)
"""
OFFERED = """SELECT s.id::text AS id, left(s.title::text, 200) AS title, NULL::text AS title_en, s.link::text AS link,
                    left(coalesce(s.detail::text, ''), 200) AS detail, '' AS keywords
             FROM ({rows}) s WHERE s.id IS NOT NULL AND s.title IS NOT NULL"""
LISTED = "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) " \
         "AS r(id, title, title_en, detail, link, keywords)"


@keyset("rank int8", "size int8", "kind text", "id text")
def find(grams: list[str], needles: list[str], kinds: list[str] | None, locale: str) -> Any:
    """SELECT noun || ':' || kind || ':' || id AS id, noun AS app, kind, detail, link,
              CASE WHEN {locale} = 'en' THEN coalesce(title_en, title) ELSE title END AS title,
              search.rank(kind, heads, named, {needles}) AS rank, length(title) AS size
       FROM search.entry
       WHERE cardinality({grams}) > 0 AND grams @> {grams} AND ({kinds} IS NULL OR kind = ANY({kinds}))
         AND NOT EXISTS (SELECT FROM unnest({needles}) n WHERE position(n IN named) = 0 AND position(n IN told) = 0)"""


@sql
def kinds(grams: list[str], needles: list[str]) -> Any:
    """SELECT kind, count(*) AS count, {grams} AS grams, {needles} AS needles FROM search.entry
       WHERE cardinality({grams}) > 0 AND grams @> {grams}
         AND NOT EXISTS (SELECT FROM unnest({needles}) n WHERE position(n IN named) = 0 AND position(n IN told) = 0)
       GROUP BY kind ORDER BY min(search.rank(kind, heads, named, {needles})), count(*), kind"""


@sql
def hints(locale: str, popular: list[str], first: int) -> Any:
    """SELECT hint FROM (
           SELECT hint, kind, row_number() OVER (
               PARTITION BY kind ORDER BY md5(hint || ({now} AT TIME ZONE 'Asia/Shanghai')::date)) AS turn
           FROM (SELECT DISTINCT kind, CASE WHEN {locale} = 'en' THEN coalesce(title_en, title) ELSE title END AS hint
                 FROM search.entry WHERE kind = ANY({popular}) AND length(title) BETWEEN 2 AND 12) named) h
       WHERE turn <= 4 ORDER BY turn, kind <> 'service', kind LIMIT {first}"""


def everything(rows: Read, now: datetime) -> tuple[Any, ...]:
    """What a source offers, as a statement and its values. Nobody asks: what only a viewer may see is not in it."""
    text, *values = statement_of(rows, None, now)
    return (OFFERED.format(rows=text), *values)


def listed(entries: Sequence[Entry]) -> tuple[Any, ...]:
    """Entries that no table holds, as a statement and its values."""
    columns = ([getattr(entry, name) for entry in entries] for name in Entry.__dataclass_fields__)
    return (LISTED, *columns)


def changes(given: tuple[Any, ...], noun: str, kind: str, version: int) -> tuple[Any, ...]:
    """What is given but not yet so in the index, and what vanished: one statement, one snapshot, nothing locked."""
    text, *values = given
    number = len(values)
    statement = CHANGES.format(given=text, noun=number + 1, kind=number + 2, version=number + 3)
    return (statement, *values, noun, kind, version)


async def lock(connection: Any, noun: str, kind: str) -> None:
    """One at a time reads a source and writes what changed; nobody who searches waits."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('search'), hashtext($1))", f"{noun}.{kind}")


async def remove(connection: Any, noun: str, kind: str, ids: Sequence[str]) -> None:
    await connection.execute("DELETE FROM search.entry WHERE noun = $1 AND kind = $2 AND id = ANY($3)", noun, kind, ids)


async def keep(connection: Any, noun: str, kind: str, version: int, found: Sequence[tuple[Entry, Indexed]]) -> None:
    await connection.executemany(
        """INSERT INTO search.entry VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
           ON CONFLICT (noun, kind, id) DO UPDATE SET title = excluded.title, title_en = excluded.title_en,
               detail = excluded.detail, link = excluded.link, keywords = excluded.keywords, heads = excluded.heads,
               named = excluded.named, told = excluded.told, grams = excluded.grams, version = excluded.version""",
        [(noun, kind, e.id, e.title, e.title_en, e.detail, e.link, e.keywords, i.heads, i.named, i.told, i.grams, version)
         for e, i in found])


async def forget_nouns(connection: Any, offered: Sequence[str]) -> None:
    """Remove the entries of sources that are offered no more; `offered` are "noun.kind"."""
    await connection.execute("DELETE FROM search.entry WHERE NOT noun || '.' || kind = ANY($1)", offered)
