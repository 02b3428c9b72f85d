"""A subgraph as a server: its router alone may ask, for the citizen whose cookie it brings; a dead process is replaced."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from tests.clients import Served, serving
from tests.processes import is_alive, started, until_gone
from tests.product import free_port
from tests.servers import Servers, environment
from tests.waiting import until

from server.router import FRESH, proof

KEY = bytes(range(32))
BOOKINGS = {"query": "{ parkingBookings { edges { node { id } } } }"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def parking(shared: Served) -> AsyncIterator[Served]:
    """Parking alone, on the database of the shared product."""
    async with serving(shared.platform.settings.model_copy(update={"router_key": KEY}), noun="parking") as served:
        yield served


async def ask(parking: Served, proven: str | None, body: object = BOOKINGS, **headers: str) -> tuple[int, str]:
    """Status and first code."""
    given = {"origin": parking.origin, **headers, **({"x-haian-router": proven} if proven is not None else {})}
    async with httpx.AsyncClient(base_url=parking.origin, headers=given) as http:
        answer = await http.post("/graphql", json=body)
    errors = answer.json().get("errors")
    return answer.status_code, errors[0]["extensions"]["code"] if errors else ""


async def test_nobody_but_its_router_may_ask_a_subgraph(parking: Served) -> None:
    now = time.time()
    for wrong in (None, "", "x", proof(bytes(32), now), proof(KEY, now - FRESH - 5), proof(KEY, now + FRESH + 5),
                  proof(KEY, now).replace(" ", "  "), str(int(now))):
        assert await ask(parking, wrong) == (403, "ROUTER_REQUIRED")


async def test_the_router_speaks_for_nobody(parking: Served, shared: Served) -> None:
    """Its queries are taken as they are; whose things it sees is said by the citizen's own cookie alone."""
    assert await ask(parking, proof(KEY, time.time())) == (200, "UNAUTHENTICATED")
    cookies = (await shared.signed_in("resident")).http.cookies
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    assert await ask(parking, proof(KEY, time.time()), cookie=cookie) == (200, "")


async def test_a_page_of_another_site_may_not_use_the_router_either(parking: Served) -> None:
    assert await ask(parking, proof(KEY, time.time()), origin="https://evil.example") == (403, "BAD_ORIGIN")


async def test_a_subgraph_has_only_its_noun(parking: Served) -> None:
    status, code = await ask(parking, proof(KEY, time.time()), {"query": "{ identityViewer { id } }"},
                             accept="application/graphql-response+json")
    assert (status, code) == (400, "GRAPHQL_INVALID")


async def test_a_gateway_without_a_router_believes_no_proof(shared: Served) -> None:
    async with httpx.AsyncClient(base_url=shared.origin, headers={"origin": shared.origin}) as http:
        answer = await http.post("/graphql", json=BOOKINGS, headers={"x-haian-router": proof(b"", time.time())})
    assert answer.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_REQUIRED"


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_a_worker_that_dies_is_replaced_and_all_end_together(servers: Servers, demo_template: str, tmp_path: Path) -> None:
    port = free_port()
    variables = environment(servers, demo_template) | {"HAIAN_PORT": str(port), "HAIAN_WORKERS": "2",
                                                       "HAIAN_ROUTER_KEY": KEY.hex()}
    with started(["-m", "server", "subgraph", "onecode"], tmp_path / "said", **variables) as parent:
        until(lambda: answers(port))
        until(lambda: len(parent.descendants()) == 2)
        first, *_ = workers = list(parent.descendants())
        os.kill(first, signal.SIGKILL)
        until(lambda: not is_alive(first) and len(parent.descendants()) == 2)
        assert answers(port)
        workers += parent.descendants()
        assert parent.stop(signal.SIGTERM) == 0
        until_gone(workers)


@pytest.mark.parametrize(("noun", "variables", "said"), [
    ("nothing", {"HAIAN_ROUTER_KEY": KEY.hex()}, "nothing"), ("parking", {}, "HAIAN_ROUTER_KEY"),
    ("parking", {"HAIAN_ROUTER_KEY": "short"}, "HAIAN_ROUTER_KEY"), ("parking", {"HAIAN_WORKERS": "0"}, "HAIAN_WORKERS")])
def test_what_cannot_serve_says_why(servers: Servers, template: str, tmp_path: Path, noun: str, variables: dict[str, str],
                                    said: str) -> None:
    with started(["-m", "server", "subgraph", noun], tmp_path / "said", **environment(servers, template) | variables) as it:
        assert it.process.wait(60) == 2
        assert said in it.said
        assert "Traceback" not in it.said
