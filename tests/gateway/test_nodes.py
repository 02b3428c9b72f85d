"""Any object by its id: whoever may see it, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio
from tests.clients import Phone, Served

QUERY = "query ($id: ID!) { node(id: $id) { __typename id ... on News { title } ... on ParkingBooking { plate } } }"


async def node(phone: Phone, id_: str) -> Any:
    answer = (await phone.http.post("/graphql", json={"query": QUERY, "variables": {"id": id_}})).json()
    assert "errors" not in answer, answer
    return answer["data"]["node"]


async def first_of(phone: Phone, query: str) -> str:
    answer = await phone.http.post("/graphql", json={"query": query})
    return str(answer.json()["data"]["it"]["edges"][0]["node"]["id"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def developer(shared: Served) -> Phone:
    return await shared.signed_in("developer")


async def test_an_object_is_found_again_by_its_id(developer: Phone) -> None:
    for field, type_ in (("messagesNews", "News"), ("educationSchools", "EducationSchool")):
        id_ = await first_of(developer, f"{{ it: {field} {{ edges {{ node {{ id }} }} }} }}")
        found = await node(developer, id_)
        assert (found["id"], found["__typename"]) == (id_, type_)
    assert "title" not in found


async def test_i_find_myself_and_no_other_citizen(developer: Phone, shared: Served) -> None:
    assert await node(developer, developer.id) == {"__typename": "Citizen", "id": developer.id}
    assert await node(developer, (await shared.signed_in("resident")).id) is None


@pytest.mark.parametrize("id_", ["", "x", "0" * 36, "00000000-0000-0000-0000-000000000000", "\u0000", "A" * 1000])
async def test_what_is_no_id_finds_nothing(developer: Phone, id_: str) -> None:
    assert await node(developer, id_) is None
