"""One-time codes: of any number of hands at once exactly one holds a good one."""

from __future__ import annotations

import asyncio
import re
from uuid import uuid4

from tests.waiting import until_async

from haian import codes
from haian.call import Platform
from haian.codes import State


async def test_of_fifty_scans_at_once_one_is_good_and_all_others_learn_who_it_was(kernel: Platform) -> None:
    citizen = uuid4()
    token = await codes.issue(kernel.line, "pass", {"citizen": citizen}, 30)
    code = codes.digest(token)
    found = await asyncio.gather(*(codes.burn(kernel.line, "pass", code, {"gate": gate}) for gate in range(50)))
    assert sorted(burnt.state.name for burnt in found) == ["GOOD"] + ["USED"] * 49
    [winner] = [gate for gate, burnt in enumerate(found) if burnt.state is State.GOOD]
    assert all(burnt.payload == {"citizen": str(citizen)} for burnt in found)
    assert {burnt.by["gate"] for burnt in found} == {winner}


async def test_a_code_that_nobody_issued_is_unknown(kernel: Platform) -> None:
    for token in (codes.new_token(), "", "x" * 10_000, "\x00", "码"):
        burnt = await codes.burn(kernel.line, "pass", token, {})
        assert (burnt.state, burnt.payload, burnt.by) == (State.UNKNOWN, {}, {})


async def test_a_code_is_good_for_its_kind_only(kernel: Platform) -> None:
    code = codes.digest(await codes.issue(kernel.line, "pass", {}, 30))
    assert (await codes.burn(kernel.line, "visitor", code, {})).state is State.UNKNOWN
    assert (await codes.burn(kernel.line, "pass", code, {})).state is State.GOOD


async def test_a_code_runs_out(kernel: Platform) -> None:
    token = await codes.issue(kernel.line, "pass", {}, 30)
    key = codes.kept("pass", codes.digest(token))
    assert 0 < await kernel.redis.ttl(key) <= 30
    await kernel.redis.pexpire(key, 10)

    async def gone() -> bool:
        return not await kernel.redis.exists(key)
    await until_async(gone)
    assert (await codes.burn(kernel.line, "pass", codes.digest(token), {})).state is State.UNKNOWN


async def test_redis_never_holds_the_code_itself(kernel: Platform) -> None:
    token = await codes.issue(kernel.line, "pass", {"citizen": 1}, 30)
    await codes.burn(kernel.line, "pass", codes.digest(token), {})
    await codes.issue(kernel.line, "pass", {}, 30)
    for key in await kernel.redis.keys("*"):
        assert token not in f"{key} {await kernel.redis.get(key)}"
        assert await kernel.redis.ttl(key) > 0


def test_a_code_is_130_random_bits_that_a_qr_code_holds_densely() -> None:
    made = {codes.new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", token) for token in made)


async def test_a_server_that_forgot_our_script_burns_all_the_same(kernel: Platform) -> None:
    code = codes.digest(await codes.issue(kernel.line, "pass", {}, 30))
    await kernel.redis.script_flush()
    assert (await codes.burn(kernel.line, "pass", code, {"gate": 1})).state is State.GOOD
    again = await codes.burn(kernel.line, "pass", code, {"gate": 2})
    assert (again.state, again.by) == (State.USED, {"gate": 1})
