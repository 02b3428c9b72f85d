"""The public clients and audits of the protocols, unchanged, against the served product.

They are packages of a registry, kept in `package-lock.json` with their integrity; each script beside this file prints what
it checked as one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.clients import DOCUMENTS, Served

from server.node import install

HERE = Path(__file__).parent
NODE = Path(sys.prefix, "bin")
ENVIRONMENT = os.environ | {"PATH": f"{NODE}{os.pathsep}{os.environ['PATH']}"}
EXPECTED = {"over_http.mjs": 61, "over_websocket.mjs": 14, "over_events.mjs": 12, "apollo.mjs": 10}


@pytest.fixture(scope="session")
def packages() -> Path:
    """The packages of the lock file, installed where they are not yet, by one process of those that test."""
    install(HERE)
    return HERE


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def developer_token(shared: Served) -> str:
    phone = await shared.signed_in("developer")
    answer = await phone.http.post("/graphql", json={"query": "mutation { identityAccessToken { token } }"})
    return str(answer.json()["data"]["identityAccessToken"]["token"])


async def results(script: str, shared: Served, token: str) -> list[dict[str, Any]]:
    """What a script checked, as a developer."""
    environment = ENVIRONMENT | {"ORIGIN": shared.origin, "AUTHORIZATION": f"Bearer {token}",
                                 "DOCUMENTS": json.dumps({name: each.id for name, each in DOCUMENTS.items()})}
    process = await asyncio.create_subprocess_exec(NODE / "node", HERE / script, env=environment, cwd=HERE,
                                                   stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    said, failed = await asyncio.wait_for(process.communicate(), 300)
    assert process.returncode == 0, failed.decode()
    return list(json.loads(said.splitlines()[-1]))


@pytest.mark.parametrize("script", EXPECTED)
async def test_the_product_does_what_a_public_client_expects(
        packages: Path, shared: Served, developer_token: str, script: str) -> None:
    found = await results(script, shared, developer_token)
    assert not [f"{each['name']}: {each.get('why')}" for each in found if not each["ok"]]
    assert len(found) == EXPECTED[script]
