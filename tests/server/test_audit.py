"""`python -m server audit verify`: what an operator reads, and the exit code that a script looks at."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from uuid import uuid4

import asyncpg
import pytest
from tests.servers import Servers, environment

from haian.call import Call, Platform
from haian.seals import Fault, Found, seal
from haian.settings import PROJECT
from haian.viewer import Viewer
from server.audit import SHOWN, head_of, report
from server.console import LaunchError

FAULTS = ("chain", "changed", "gone", "added", "early", "head")


async def verify(servers: Servers, database: str, *given: str) -> tuple[int, str]:
    argv = [sys.executable, "-m", "server", "audit", "verify", *given]
    done = await asyncio.to_thread(subprocess.run, argv, env=os.environ | environment(servers, database), cwd=PROJECT,
                                   capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


async def test_an_operator_is_told_which_line_a_superuser_changed(
        kernel: Platform, servers: Servers, database: str, migration_url: str) -> None:
    async with Call(kernel, Viewer(uuid4(), "session")).writing("messages") as tx:
        await tx.audit("LOOKED", tx.viewer.id, role="registrar")
    await seal(kernel)
    code, told = await verify(servers, database)
    assert (code, "账本完整" in told) == (0, True)
    superuser = await asyncpg.connect(migration_url)
    id_ = await superuser.fetchval("UPDATE haian.audit SET actor_role = 'citizen' RETURNING id")
    await superuser.close()
    code, told = await verify(servers, database, "00" * 32)
    assert (code, f"记录 {id_}" in told, "尾部被换掉了" in told) == (1, True, True)


@pytest.mark.parametrize("given", ["x", "00", "0" * 63])
def test_what_is_no_hash_is_refused_with_its_reason(given: str) -> None:
    with pytest.raises(LaunchError, match="64"):
        head_of([given])
    assert head_of([]) is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_fault_has_words_and_a_flood_of_them_is_counted(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("HAIAN_LANGUAGE", language)
    told = report(Found(faults=[Fault(what) for what in FAULTS] * SHOWN))
    assert len(told) == SHOWN + 3
    assert str(len(FAULTS) * SHOWN - SHOWN) in told[SHOWN]
