"""A plan tests what the catalogue does not promise, once for each object; what fails that is looked at field by field."""

from __future__ import annotations

from typing import Any

import pytest
from tests.clients import Served
from tests.gateway.equal import both
from tests.gateway.test_corners import GATEWAY as CORNERS
from tests.gateway.test_corners import OWNER
from tests.gateway.test_permissions import GATEWAY, viewers

from gateway.documents import Operation
from gateway.origins import columns_of, origins_of, words_of
from gateway.trust import DOUBT
from haian.call import Call, Platform
from haian.db import Database
from haian.reads import sql
from haian.viewer import Viewer
from identity import store


@sql
def with_their_numbers() -> Any:
    """SELECT c.id, c.name, n.shown FROM haian.citizen c LEFT JOIN identity.citizen_number n ON n.citizen_id = c.id"""


@sql
def names() -> Any:
    "SELECT id, name FROM haian.citizen UNION ALL SELECT NULL, NULL"


@sql
def children_of_somebody() -> Any:
    """SELECT k.id, k.name || '' AS said, k.name, k.born, g.relation FROM haian.guardianship g
       JOIN haian.citizen k ON k.id = g.child_id ORDER BY k.born LIMIT 3"""


async def test_a_column_is_promised_through_views_and_joins(shared: Served) -> None:
    call = Call(shared.platform)
    viewer = await columns_of(store.viewer, call)
    assert {"id", "name", "level", "demo"} <= viewer.present
    assert not viewer.present & {"born", "phone", "masked_name", "community_code"}
    assert viewer.words["level"] == {"UNVERIFIED", "VERIFIED", "STRONG"}
    assert viewer.uuids == {"id"}
    children = await columns_of(children_of_somebody, call)
    assert children.present == {"id", "name", "relation"}
    assert children.words["relation"] == {"MOTHER", "FATHER", "GRANDPARENT", "OTHER"}


@pytest.mark.parametrize("read", [with_their_numbers, names])
async def test_nothing_is_promised_where_a_row_may_be_made_of_nulls(shared: Served, read: Any) -> None:
    found = await columns_of(read, Call(shared.platform))
    assert {"id", "name"} <= found.names
    assert not found.present
    assert not found.words


def test_only_an_output_that_is_a_column_has_an_origin() -> None:
    plan = {"Node Type": "Index Scan", "Schema": "s", "Relation Name": "t", "Alias": "a b",
            "Output": ["\"a b\".x", "(\"a b\".x || 'y'::text)", "b.x", "lower(\"a b\".x)"]}
    assert list(origins_of(plan)) == [("s", "t", "x"), None, None, None]


def test_the_words_of_a_check_are_those_of_a_plain_list() -> None:
    assert words_of(["CHECK ((a = ANY (ARRAY['x'::text, 'it''s'::text])))"]) == {"x", "it's"}
    assert not words_of(["CHECK (((a = ANY (ARRAY['x'::text, 'y'::text])) OR b))", "CHECK ((length(a) > 1))"])


async def test_what_the_catalogue_promises_is_not_tested(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    json = Database.json

    async def noting(db: Database, statement: str, *values: Any) -> bytes:
        asked.append(statement)
        return await json(db, statement, *values)
    monkeypatch.setattr(Database, "json", noting)
    viewer = (await viewers(shared))["resident"]
    document = "{ identityViewer { id name level demo } messagesNews { edges { node { id title topic demo } } } }"
    await GATEWAY.run(Operation("", "promised", document), {}, Call(shared.platform, viewer))
    [statement] = asked
    assert statement.count(DOUBT) == 1  # of the viewer, whose rule is to hold; no other hole is in it
    assert statement.count('{"!"') == 1
    assert "num_nulls" not in statement


async def test_an_object_that_fails_is_looked_at_field_by_field_from_then_on(kernel: Platform) -> None:
    operation = Operation("", "doubted", "query($many: Int!) { perhaps(many: $many) { id name } }")
    viewer = Viewer(OWNER)
    await both(CORNERS, kernel, viewer, operation, {"many": 1})
    [walk] = CORNERS.plans.prepare(operation).walks.values()
    assert not walk.is_careful
    answer = await both(CORNERS, kernel, viewer, operation, {"many": 2})
    assert answer["errors"]
    assert walk.is_careful
    await both(CORNERS, kernel, viewer, operation, {"many": 1})
    assert not any(DOUBT in plan.sql for plan in walk.plans.values())
