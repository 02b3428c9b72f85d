"""What the links between citizens allow, as the database says it: `haian.may` is the one place that decides."""

from __future__ import annotations

from typing import Any

from haian.reads import sql


@sql
def may(scope: str) -> Any:
    "haian.may({viewer}, {scope}, {subject}, {now})"


@sql
def as_whom() -> Any:
    """(CASE WHEN EXISTS (SELECT FROM haian.guardianship g WHERE g.guardian_id = {viewer} AND g.child_id = {subject}
            AND {now} >= g.since AND {now} < g.until) THEN 'guardian' ELSE 'delegate' END)"""
