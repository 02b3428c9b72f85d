"""Where SQL may stand, what it may name, and that it never asks the database for the time."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.house import House, Text, is_sql, texts_of, tree_of

PLACES = ("store.py", "demo.py", "providers.py")
PUBLISHED = {"citizen", "division", "organisation", "membership", "guardianship", "mandate"}
KERNEL_TABLES = {"identity": {"audit"}}  # 用数账本 is read where a citizen is known
CLOCKS = re.compile(r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)|"
                    r"\b(current_date|current_time|current_timestamp|localtime|localtimestamp)\b", re.I)
PYTHON_CLOCKS = {"datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time", "dt.datetime.now",
                 "dt.date.today"}
QUALIFIED = re.compile(r"(?<![\w.\"'/-])([a-z_]+)\.([a-z_]+)")
MADE = re.compile(r"\bCREATE (?:OR REPLACE )?(?:VIEW|TABLE|FUNCTION) (?:IF NOT EXISTS )?([\w.]+)")
COMMENT = re.compile(r"--[^\n]*")
LITERAL = re.compile(r"'[^']*'")


def faults_in_place(house: House) -> Iterator[str]:
    """SQL of a noun stands in store.py; a provider or the demo data may have its own. Nowhere else."""
    for noun, folder in house.nouns.items():
        for file in house.python(folder):
            if file.name in PLACES:
                continue
            for text in sql_of(file):
                yield f"{house.place(file, text.line)}: SQL outside {noun}'s store.py"


def faults_in_reach(house: House) -> Iterator[str]:
    """SQL of a noun names its own schema and the kernel's published views, and no other."""
    for noun, folder in house.nouns.items():
        allowed = {f"{noun}.*"} | {f"haian.{view}" for view in PUBLISHED | KERNEL_TABLES.get(noun, set())}
        for file in [folder / name for name in PLACES if (folder / name).is_file()]:
            for text in sql_of(file):
                for name in foreign(house, text.value, allowed):
                    yield f"{house.place(file, text.line)}: {noun} may not touch {name}"


def faults_in_migrations(house: House) -> Iterator[str]:
    """A migration of a noun makes and names things of its own schema; identity publishes the kernel's views."""
    for noun, folder in house.nouns.items():
        allowed = {f"{noun}.*"} | {f"haian.{view}" for view in PUBLISHED}
        for file in sorted((folder / "migrations").glob("*.sql")):
            sql = file.read_text(encoding="utf-8")
            for name in foreign(house, sql, allowed):
                yield f"{house.place(file)}: {noun} may not touch {name}"
            for made in MADE.findall(COMMENT.sub("", sql)):
                if not made.startswith(f"{noun}.") and not (noun == "identity" and made.startswith("haian.")):
                    yield f"{house.place(file)}: {made} is not in {noun}'s schema"


def faults_in_time(house: House) -> Iterator[str]:
    """Business time is `{now}` in a read and `tx.now` in a write: tests move that clock. The database's own they cannot."""
    for folder in house.nouns.values():
        for file in house.python(folder):
            yield from (f"{house.place(file, text.line)}: asks the database for the time" for text in sql_of(file)
                        if CLOCKS.search(LITERAL.sub("", text.value)))
            calls = (node for node in ast.walk(tree_of(file)) if isinstance(node, ast.Call))
            yield from (f"{house.place(file, call.lineno)}: asks the machine for the time" for call in calls
                        if ast.unparse(call.func) in PYTHON_CLOCKS)
        for file in sorted((folder / "migrations").glob("*.sql")):
            if CLOCKS.search(LITERAL.sub("", COMMENT.sub("", file.read_text(encoding="utf-8")))):
                yield f"{house.place(file)}: asks the database for the time"


def sql_of(file: Path) -> Iterator[Text]:
    """The SQL in a file: a docstring counts where it is a read, which is nothing but its SQL."""
    for text in texts_of(file):
        if is_sql(text) and (not text.is_docstring or re.match(r"\s*(SELECT|WITH|\(|\{)", text.value)):
            yield text


def foreign(house: House, sql: str, allowed: set[str]) -> list[str]:
    """Names in SQL that belong to another schema."""
    sql = LITERAL.sub("''", COMMENT.sub("", sql))
    schemas = {"haian", *house.nouns, "pg_catalog", "information_schema", "public"}
    found = {f"{schema}.{name}" for schema, name in QUALIFIED.findall(sql) if schema in schemas}
    return sorted(name for name in found if name not in allowed and f"{name.split('.')[0]}.*" not in allowed)
