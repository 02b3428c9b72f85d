"""No representation of an entity makes a subgraph fail or tell of its inside (Apollo Federation, _entities)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.clients import Served, serving
from tests.server.leaks import leak_in

from gateway.federation import subgraph
from server.apps import registry
from server.router import proof

KEY = bytes(range(32))
QUERY = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
CORE = subgraph(registry(), "parking").schema._schema
TYPES = sorted(type_.name for type_ in CORE.type_map.values() if not type_.name.startswith("__"))
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-2**63, 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.uuids().map(str),
    st.sampled_from(["370211005", "370211005001", "\u0000", "x" * 5000, "00000000-0000-0000-0000-000000000000"]))
INSIDE = st.recursive(VALUES, lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(
    st.sampled_from(["__typename", "id", "code", "x"]), inner, max_size=3)), max_leaves=5)
REPRESENTATIONS = st.one_of(INSIDE, st.builds(
    lambda name, rest: {**rest, "__typename": name}, st.one_of(st.sampled_from(TYPES), VALUES),
    st.dictionaries(st.sampled_from(["id", "code", "x", "first"]), INSIDE, max_size=3)))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def parking(shared: Served) -> AsyncIterator[Served]:
    """Parking alone, on the database of the shared product."""
    async with serving(shared.platform.settings.model_copy(update={"router_key": KEY}), noun="parking") as served:
        yield served


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(representations=st.one_of(INSIDE, st.lists(REPRESENTATIONS, max_size=4)))
async def test_no_representation_makes_a_subgraph_fail(parking: Served, representations: Any) -> None:
    headers = {"origin": parking.origin, "x-haian-router": proof(KEY, time.time())}
    async with httpx.AsyncClient(base_url=parking.origin, headers=headers) as http:
        answer = await http.post("/graphql", json={"query": QUERY, "variables": {"r": representations}})
    assert answer.status_code < 500, answer.text
    assert '"INTERNAL"' not in answer.text, (representations, answer.text)
    assert leak_in(answer.text) is None, (representations, answer.text)
