"""Schemathesis, a public tester of APIs, asks the served product everything that its schema allows, as the demo's developer
who for once holds every post there is."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import asyncpg
from tests.clients import Phone, Served

from haian.settings import PROJECT

EXAMPLES = 3
ENDING = ("Mutation.identitySignOut", "Mutation.identityEndDevice", "Mutation.identityEndOtherDevices")


async def developer_with_all_posts(served: Served) -> Phone:
    connection = await asyncpg.connect(served.platform.settings.database_migration_url)
    phone = await served.signed_in("developer")
    await connection.execute(
        """INSERT INTO staff.membership (citizen_id, organisation_id, role, place, during)
           SELECT $1, organisation_id, role, place, during FROM staff.membership ON CONFLICT DO NOTHING""", phone.id)
    await connection.close()
    return phone


async def token_of(phone: Phone) -> str:
    """An access token: what a developer's tool sends."""
    answer = await phone.http.post("/graphql", json={"query": "mutation { identityAccessToken { token } }"})
    return str(answer.json()["data"]["identityAccessToken"]["token"])


async def schemathesis(served: Served, token: str, report: Path) -> tuple[int, str]:
    """Its exit code and what it said; every answer is in the report (HTTP Archive 1.2)."""
    excluded = [option for name in ENDING for option in ("--exclude-name", name)]
    process = await asyncio.create_subprocess_exec(
        f"{sys.prefix}/bin/schemathesis", "run", f"{served.origin}/graphql", "-H", f"Authorization: Bearer {token}",
        "--max-examples", str(EXAMPLES), "--checks", "answered_or_refused_by_name", "--phases", "fuzzing",
        "--generation-deterministic", "--continue-on-failure", "--no-color", "--report-har-path", str(report), *excluded,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=report.parent,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.server.schemathesis_checks", "PYTHONPATH": str(PROJECT)})
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode(errors="replace")


async def test_nothing_that_the_schema_allows_makes_the_server_fail_or_tell_of_its_inside(
        served: Served, tmp_path: Path) -> None:
    report = tmp_path / "answers.har"
    code, said = await schemathesis(served, await token_of(await developer_with_all_posts(served)), report)
    assert code == 0, said[-5000:]
    asked = [entry["request"]["postData"]["text"] for entry in json.loads(report.read_text())["log"]["entries"]
             if "postData" in entry["request"]]
    assert len(asked) > 100, said
    assert sum("mutation" in text for text in asked) > 20, said
