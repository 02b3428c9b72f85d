"""What docs/gates.md gives a maker of gates to begin with opens a door."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from asyncio.subprocess import PIPE
from pathlib import Path

from tests.clients import Served
from tests.onecode.gate import approved

GUIDE = Path(__file__).parents[2] / "docs" / "gates.md"


async def test_the_gate_in_the_guide_enrols_and_opens_once(shared: Served) -> None:
    [program] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    ahead = shared.platform.clock.epoch() - time.time()
    program = program.replace("http://127.0.0.1:8000", shared.origin).replace("time.time()", f"time.time() + {ahead}")
    manager, holder = await shared.signed_in("manager"), await shared.signed_in("resident")
    made = await approved(shared, manager)
    enrolment = (await manager.ask("OnecodeEnrolVerifier", id=made["id"]))["code"]
    gate = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    assert gate.stdin and gate.stdout
    gate.stdin.write(f"{enrolment}\n".encode())
    await gate.stdout.readuntil(b"Code: ")
    code = (await holder.ask("OnecodeIssue"))["text"]  # good for half a minute, in which a busy machine starts nothing
    said, failed = await gate.communicate(f"{code}\n{code}\n".encode())
    assert re.findall("OPEN|STOP", said.decode()) == ["OPEN", "STOP"], said + failed
