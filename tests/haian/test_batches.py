"""All calls of one read in one statement: each gets its own rows, whatever names the read gives to its tables."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.clients import Served

from haian.call import Call
from haian.reads import Fragment, sql


@sql
def as_k(code: str) -> Any:
    "SELECT k.name FROM haian.division k WHERE k.code = {code}"


@sql
def with_a_column_of_that_name(code: str) -> Any:
    "(SELECT count(*) FROM haian.division k WHERE k.parent = {code})"


@pytest.mark.parametrize("read", [as_k, with_a_column_of_that_name])
async def test_a_batch_answers_as_single_reads_do(served: Served, read: Fragment) -> None:
    keys = ["370211005", "370211007", "370211005001", "nowhere"]
    alone = [await Call(served.platform).value(read(key)) for key in keys]
    call = Call(served.platform)
    assert await asyncio.gather(*(call.value(read(key)) for key in keys)) == alone
    assert len(set(alone)) > 2
