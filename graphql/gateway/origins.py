"""What PostgreSQL's catalogue promises of the columns of a read, so that no answer needs to test it again.

Which column of which table one is, is taken from the plan of the read (EXPLAIN VERBOSE), through views and joins alike: a
plan says `table.column` of one that is passed on unchanged. Only plans that can make no null and mix no tables are believed;
of every other read nothing is promised. A promise must outlast the process that was told of it: no migration takes back a
NOT NULL or a CHECK (tests/architecture).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from haian.call import Call
from haian.reads import ALWAYS, Fragment

PASSES_ON = {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Bitmap Index Scan", "BitmapAnd", "BitmapOr",
             "Tid Scan", "Nested Loop", "Hash Join", "Merge Join", "Hash", "Sort", "Incremental Sort", "Limit", "Memoize",
             "Materialize", "Result", "Unique"}
"""The nodes whose rows are rows of the tables below them."""
MAKES_NO_NULL = {"Inner", "Semi", "Anti", "Right Semi", "Right Anti"}
BESIDE = {"SubPlan", "InitPlan"}
PLAIN = re.compile(r'(\w+|"(?:[^"]|"")+")\.(\w+)')
WORDS = re.compile(r"CHECK \(\((\w+) = ANY \(ARRAY\[((?:'(?:[^']|'')*'::text(?:, )?)+)\]\)\)\)")
WORD = re.compile(r"'((?:[^']|'')*)'::text")
PROMISES = """
SELECT n.nspname, c.relname, a.attname,
       a.attnotnull AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'n'
                                    AND k.conkey = ARRAY[a.attnum] AND NOT k.convalidated) AS present,
       (SELECT array_agg(pg_get_constraintdef(k.oid)) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'
        AND k.conkey = ARRAY[a.attnum] AND k.convalidated) AS checks
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE (n.nspname, c.relname) IN (SELECT * FROM unnest($1::text[], $2::text[]))"""


@dataclass(frozen=True)
class Columns:
    """The columns of a read: all names; those of type uuid; those that are never null; the words of which some hold one."""

    names: frozenset[str] = frozenset()
    uuids: frozenset[str] = frozenset()
    present: frozenset[str] = frozenset()
    words: dict[str, frozenset[str]] = field(default_factory=dict)


async def columns_of(fragment: Fragment, call: Call) -> Columns:
    """The columns that a fragment gives, as PostgreSQL describes them."""
    types = list(fragment.types.items())
    numbers = {name: f"${i}::{type_}" for i, (name, type_) in enumerate([*types, *ALWAYS.items()], 1)}
    used = " OR ".join(f"{number} IS NULL" for number in numbers.values())
    attributes, said = await call.platform.db.described(
        f"SELECT q.* FROM ({fragment.render(numbers.__getitem__)}) q WHERE ({used}) IS NOT NULL")
    names = [attribute.name for attribute in attributes]
    uuids = frozenset(attribute.name for attribute in attributes if attribute.type.name == "uuid")
    [explained] = orjson.loads(said)
    origins = dict(zip(names, origins_of(explained["Plan"]), strict=False))
    tables = sorted({origin[:2] for origin in origins.values() if origin})
    rows = await call.platform.db.fetch(PROMISES, *map(list, zip(*tables, strict=True))) if tables else []
    promised = {tuple(row)[:3]: row for row in rows}
    known = {name: promised[origin] for name, origin in origins.items() if origin in promised}
    return Columns(frozenset(names), uuids, frozenset(name for name, row in known.items() if row["present"]),
                   {name: words for name, row in known.items() if (words := words_of(row["checks"] or ()))})


def origins_of(plan: dict[str, Any]) -> Iterator[tuple[str, str, str] | None]:
    """The schema, table and column of each output of a plan; None where that cannot be said, nothing where of none."""
    tables: dict[str, tuple[str, str]] = {}
    nodes = [plan]
    for node in nodes:
        if node["Node Type"] not in PASSES_ON or node.get("Join Type", "Inner") not in MAKES_NO_NULL:
            return
        if "Relation Name" in node:
            tables[node["Alias"]] = node["Schema"], node["Relation Name"]
        nodes += [below for below in node.get("Plans", ()) if below["Parent Relationship"] not in BESIDE]
    for output in plan["Output"]:
        found = PLAIN.fullmatch(output)
        table = tables.get(found[1].strip('"').replace('""', '"')) if found else None
        yield (*table, found[2]) if found and table else None


def words_of(checks: Sequence[str]) -> frozenset[str]:
    """The words to one of which a CHECK of this column alone holds it; none where there is no such CHECK."""
    for check in checks:
        if found := WORDS.fullmatch(check):
            return frozenset(word.replace("''", "'") for word in WORD.findall(found[2]))
    return frozenset()
