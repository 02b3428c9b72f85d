"""Where SQL may stand, what it may name, and that it never asks the database for the time."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.house import House, Text, is_sql, texts_of, tree_of

PLACES = ("store.py", "demo.py", "providers.py")
PUBLISHED = {"citizen", "division", "organisation", "membership", "membership_held", "guardianship", "mandate", "may",
             "may_consent", "factor", "consent", "has_consent", "give_consent", "use_consent", "tie", "ask_consent",
             "asks_consent", "client", "terms_bind", "acted", "gave_phone"}
PUBLISHERS = {"identity", "factors", "delegation", "staff", "consent", "oauth"}  # what they publish, all may read
HANDED_OVER = {"delegation": {"identity.guardianship", "identity.mandate"}, "staff": {"identity.membership"}}
LENT = {"identity": {"enrol_child", "child_claimed", "claim_for_child", "enrol_own_child", "claim_for_own_child",
                     "number_of_citizen", "number_known", "keep_number"},  # its own, run in another's transaction
        "delegation": {"number_of_citizen", "number_known", "keep_number"}}  # identity grants it to this one alone
KERNEL_TABLES = {"consent": {"audit", "alike", "is_look"}, "delegation": {"audit"},
                 "staff": {"audit", "is_look"}}  # 用数账本
CLOCKS = re.compile(r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)|"
                    r"\b(current_date|current_time|current_timestamp|localtime|localtimestamp)\b", re.I)
PYTHON_CLOCKS = {"datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time", "dt.datetime.now",
                 "dt.date.today"}
QUALIFIED = re.compile(r"(?<![\w.\"'/-])([a-z_]+)\.([a-z_]+)")
MADE = re.compile(r"\bCREATE (?:OR REPLACE )?(?:VIEW|TABLE|FUNCTION) (?:IF NOT EXISTS )?([\w.]+)")
TAKEN_BACK = re.compile(r"\bDROP NOT NULL|\bDROP CONSTRAINT(?! \w+_key\b)(?: \w+)?|\bNOT VALID\b", re.I)
"""A UNIQUE (`…_key`) is none that a plan rests on."""
WIDENED = {"DROP CONSTRAINT organisation_kind_check"}
"""Checks of words that the gateway knows as texts, not as an enum: a wider one in its place breaks no plan."""
COMMENT = re.compile(r"--[^\n]*")
LITERAL = re.compile(r"'[^']*'")


def is_place(file: Path) -> bool:
    """SQL may stand in store.py, and where that is full, in a store of one part by its name."""
    return file.name in PLACES or file.name.startswith("store_")


def faults_in_place(house: House) -> Iterator[str]:
    """SQL of a noun stands in store.py; a provider or the demo data may have its own. Nowhere else."""
    for noun, folder in house.nouns.items():
        for file in house.python(folder):
            if is_place(file):
                continue
            for text in sql_of(file):
                yield f"{house.place(file, text.line)}: SQL outside {noun}'s store.py"


def faults_in_reach(house: House) -> Iterator[str]:
    """SQL of a noun names its own schema and the kernel's published views, and no other."""
    for noun, folder in house.nouns.items():
        views = PUBLISHED | LENT.get(noun, set()) | KERNEL_TABLES.get(noun, set())
        allowed = {f"{noun}.*"} | {f"haian.{view}" for view in views}
        for file in filter(is_place, house.python(folder)):
            for text in sql_of(file):
                for name in foreign(house, text.value, allowed):
                    yield f"{house.place(file, text.line)}: {noun} may not touch {name}"


def faults_in_migrations(house: House) -> Iterator[str]:
    """A migration of a noun makes and names things of its own schema; capabilities publish
    the kernel's views, and a table that another noun made is handed over once."""
    for noun, folder in house.nouns.items():
        allowed = {f"{noun}.*"} | {f"haian.{view}" for view in PUBLISHED | LENT.get(noun, set())}
        allowed |= HANDED_OVER.get(noun, set())
        for file in sorted((folder / "migrations").glob("*.sql")):
            sql = file.read_text(encoding="utf-8")
            for name in foreign(house, sql, allowed):
                yield f"{house.place(file)}: {noun} may not touch {name}"
            for made in MADE.findall(COMMENT.sub("", sql)):
                if not made.startswith(f"{noun}.") and not (noun in PUBLISHERS and made.startswith("haian.")):
                    yield f"{house.place(file)}: {made} is not in {noun}'s schema"


def faults_in_promises(house: House) -> Iterator[str]:
    """No migration takes back a NOT NULL or a CHECK: plans (gateway/origins.py) do not look for what they forbid, in
    processes that run on while it is applied. A column that may be null after all is a new one."""
    for folder in (house.root / "backend/haian", *house.nouns.values()):
        for file in sorted((folder / "migrations").glob("*.sql")):
            for taken in set(TAKEN_BACK.findall(COMMENT.sub("", file.read_text(encoding="utf-8")))) - WIDENED:
                yield f"{house.place(file)}: takes back a promise by {taken}"


def faults_in_time(house: House) -> Iterator[str]:
    """Business time is `{now}` in a read, `tx.now` in a write, `time_now()` on a page: tests move that clock. The database's
    own and the machine's they cannot."""
    for folder in house.nouns.values():
        for file in house.python(folder):
            yield from (f"{house.place(file, text.line)}: asks the database for the time" for text in sql_of(file)
                        if CLOCKS.search(LITERAL.sub("", text.value)))
        for file in sorted((folder / "migrations").glob("*.sql")):
            if CLOCKS.search(LITERAL.sub("", COMMENT.sub("", file.read_text(encoding="utf-8")))):
                yield f"{house.place(file)}: asks the database for the time"
    pages = [house.packages["webapp"]] if "webapp" in house.packages else []
    for file in house.python(*house.nouns.values(), *pages):
        calls = (node for node in ast.walk(tree_of(file)) if isinstance(node, ast.Call))
        yield from (f"{house.place(file, call.lineno)}: asks the machine for the time" for call in calls
                    if ast.unparse(call.func) in PYTHON_CLOCKS)


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
