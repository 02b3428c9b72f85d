"""The SQL of search.

What is shown first is read first. Of each kind, `led` is the beginning of the list of those that have the first gram, in
the order in which hits are shown; `walked` are the hits among them. Only where they are no page, though the list goes on,
what has all grams is looked up and put in the same order. A text of one word of up to four letters is its list. A single
character is looked for in names, not in details: there it is no gram. A LIMIT that is a SELECT tells PostgreSQL nothing, so
that it never takes a whole list for one short enough to be sorted.
"""

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


@keyset("rank int8", "size int8", "number int8")
def find(grams: list[str], needles: list[str], lead: str, reach: int, known: list[str], kinds: list[str] | None,
         locale: str) -> Any:
    """SELECT noun || ':' || kind || ':' || id AS id, noun AS app, kind, detail, link, rank, size, number,
              CASE WHEN {locale} = 'en' THEN coalesce(title_en, title) ELSE title END AS title
       FROM (
           SELECT f.* FROM unnest({known}) k, LATERAL (
               WITH led AS MATERIALIZED (
                   SELECT rank, size, number FROM search.posting WHERE gram = {lead} AND kind = k {page}
                   LIMIT (SELECT {first} * {reach})),
               walked AS MATERIALIZED (
                   SELECT * FROM led WHERE {reach} = 1
                   UNION ALL
                   (SELECT l.* FROM led l, LATERAL (
                        SELECT FROM search.entry e WHERE e.number = l.number AND NOT EXISTS (
                            SELECT FROM unnest({needles}) n WHERE position(n IN named) = 0
                            AND (position(n IN told) = 0 OR length(n) = 1 AND n <> ALL(grams))) OFFSET 0) e
                    WHERE {reach} > 1 {page} LIMIT {first})),
               seen AS MATERIALIZED (
                   SELECT (SELECT count(*) FROM walked) = {first}
                       OR (SELECT count(*) FROM led) < {first} * {reach} AS enough)
               SELECT * FROM walked WHERE (SELECT enough FROM seen)
               UNION ALL
               SELECT search.rank(kind, heads, named, {lead}), length(title)::int2, number FROM search.entry
               WHERE NOT (SELECT enough FROM seen) AND grams @> array_append({grams}, '=' || k)
                 AND NOT EXISTS (
                     SELECT FROM unnest({needles}) n WHERE position(n IN named) = 0 AND position(n IN told) = 0)) f
           WHERE ({kinds} IS NULL OR k = ANY({kinds})) {page} LIMIT {first}) h,
       LATERAL (
           SELECT noun, kind, id, title, title_en, detail, link FROM search.entry e WHERE e.number = h.number OFFSET 0) e"""


@sql
def kinds(grams: list[str], needles: list[str], lead: str, reach: int, known: list[str]) -> Any:
    """SELECT k AS kind, least(count, 101) AS count, {grams} AS grams, {needles} AS needles, {lead} AS lead, {reach} AS reach
       FROM unnest({known}) k, LATERAL (
           WITH led AS MATERIALIZED (
               SELECT rank, size, number FROM search.posting WHERE gram = {lead} AND kind = k
               ORDER BY rank, size, number LIMIT (SELECT 101 * {reach})),
           walked AS MATERIALIZED (
               SELECT rank FROM led WHERE {reach} = 1
               UNION ALL
               (SELECT rank FROM led l, LATERAL (
                    SELECT FROM search.entry e WHERE e.number = l.number AND NOT EXISTS (
                        SELECT FROM unnest({needles}) n WHERE position(n IN named) = 0
                        AND (position(n IN told) = 0 OR length(n) = 1 AND n <> ALL(grams))) OFFSET 0) e
                WHERE {reach} > 1 ORDER BY rank, size, number LIMIT 101)),
           seen AS MATERIALIZED (
               SELECT (SELECT count(*) FROM walked) = 101 OR (SELECT count(*) FROM led) < 101 * {reach} AS enough)
           SELECT count(*) AS count, min(rank) AS best FROM (
               SELECT rank FROM walked WHERE (SELECT enough FROM seen)
               UNION ALL
               SELECT search.rank(kind, heads, named, {lead}) FROM search.entry
               WHERE NOT (SELECT enough FROM seen) AND grams @> array_append({grams}, '=' || k)
                 AND NOT EXISTS (SELECT FROM unnest({needles}) n WHERE position(n IN named) = 0 AND position(n IN told) = 0)
           ) found) f
       WHERE count > 0 ORDER BY best, count, kind"""


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
        """INSERT INTO search.entry (noun, kind, id, title, title_en, detail, link, keywords, heads, named, told, grams,
                                     version)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, array_append($12, '=' || $2), $13)
           ON CONFLICT (noun, kind, id) DO UPDATE SET title = excluded.title, title_en = excluded.title_en,
               detail = excluded.detail, link = excluded.link, keywords = excluded.keywords, heads = excluded.heads,
               named = excluded.named, told = excluded.told, grams = excluded.grams, version = excluded.version""",
        [(noun, kind, e.id, e.title, e.title_en, e.detail, e.link, e.keywords, i.heads, i.named, i.told, i.grams, version)
         for e, i in found])


async def forget_nouns(connection: Any, offered: Sequence[str]) -> None:
    """Remove the entries of sources that are offered no more; `offered` are "noun.kind"."""
    await connection.execute("DELETE FROM search.entry WHERE NOT noun || '.' || kind = ANY($1)", offered)
