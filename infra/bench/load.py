"""The load generator: so many connections, each with one request under way (closed loop), in a process of its own.

    python -m bench.load --port 8000 --requests FILE --connections 32 --seconds 4 [--expect TEXT] [--once]
                         [--pairs]

FILE holds whole HTTP requests, each after its length (4 bytes, big endian); they are sent in turn, and again from the first
unless `--once`. Who waits for an answer when the time is over still gets it, and it is counted: no work of a server is lost.
`--pairs`: two by two, and the code of the first answer goes into the second request; such a pair is one.
Prints a JSON object: requests, seconds, p50, p90, p99 and longest (ms), errors, and the first wrong answer.
An answer is wrong when its status is not 200, when it has `"errors"`, or when it lacks the expected text.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import struct
import time
from array import array
from collections.abc import Iterator
from functools import partial
from itertools import chain, cycle
from pathlib import Path
from typing import Any

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
CODE = re.compile(rb"H1:[0-9A-Z]{26}")
BLANK = b"H1:" + b"0" * 26


class Run:
    """What all connections share."""

    def __init__(self, requests: Iterator[bytes], expect: bytes, pairs: bool = False) -> None:
        self.requests, self.expect, self.pairs = requests, expect, pairs
        self.latencies = array("d")
        self.errors, self.bytes, self.sample = 0, 0, ""
        self.until, self.last = float("inf"), 0.0
        self.exhausted = False

    def note(self, began: float, ended: float, answer: bytes) -> None:
        self.last = ended
        self.bytes += len(answer)
        wrong = not answer.startswith(b"HTTP/1.1 200") or b'"errors"' in answer or self.expect not in answer
        if wrong:
            self.errors += 1
            self.sample = self.sample or answer[:600].decode(errors="replace")
        self.latencies.append(ended - began)


class Connection(asyncio.Protocol):
    def __init__(self, run: Run, done: asyncio.Future[None]) -> None:
        self.run, self.done = run, done
        self.rest = self.second = b""
        self.began = 0.0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        request = next(self.run.requests, None)
        if request is None:
            self.run.exhausted = True
            self.transport.close()
            return
        self.second = next(self.run.requests) if self.run.pairs else b""
        self.began = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        answer = self.rest + data if self.rest else data
        head = answer.find(b"\r\n\r\n")
        length = LENGTH.search(answer, 0, head + 2) if head >= 0 else None
        if length is None or len(answer) < head + 4 + int(length[1]):
            self.rest = answer
            return
        self.rest = b""
        if self.second and (code := CODE.search(answer)):
            self.transport.write(self.second.replace(BLANK, code[0]))
            self.second = b""
            return
        now = time.perf_counter()
        self.run.note(self.began, now, answer)
        if now > self.run.until:
            self.transport.close()
        else:
            self.ask()

    def connection_lost(self, error: Exception | None) -> None:
        if self.rest or (time.perf_counter() < self.run.until and not self.run.exhausted):
            self.run.errors += 1
            self.run.sample = self.run.sample or f"connection lost: {error}"
        if not self.done.done():
            self.done.set_result(None)


def read(file: Path) -> list[bytes]:
    data, at, found = file.read_bytes(), 0, []
    while at < len(data):
        (length,) = struct.unpack_from("!I", data, at)
        found.append(data[at + 4:at + 4 + length])
        at += 4 + length
    return found


async def measure(port: int, requests: list[bytes], connections: int, seconds: float, expect: str, once: bool,
                  start: int, pairs: bool = False) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    start = start % (len(requests) // 2) * 2 if pairs else start % len(requests)
    turned = chain(requests[start:], requests[:start])
    run = Run(iter(turned) if once else cycle(turned), expect.encode(), pairs)
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    run.until = began + seconds
    for end in ends:
        await loop.create_connection(partial(Connection, run, end), "127.0.0.1", port)
    await asyncio.wait(ends, timeout=seconds + 30)
    took = max(run.last - began, 0.001)
    times = sorted(run.latencies)

    def at(share: float) -> float:
        return times[min(len(times) - 1, int(len(times) * share))] * 1000 if times else 0.0
    return {"requests": len(times), "seconds": took, "p50": at(.5), "p90": at(.9), "p99": at(.99), "longest": at(1),
            "bytes": run.bytes / max(len(times), 1), "errors": run.errors, "sample": run.sample,
            "exhausted": run.exhausted}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--requests", type=Path, required=True)
    options.add_argument("--connections", type=int, default=32)
    options.add_argument("--seconds", type=float, default=4)
    options.add_argument("--expect", default="")
    options.add_argument("--once", action="store_true")
    options.add_argument("--pairs", action="store_true")
    options.add_argument("--start", type=int, default=0)
    given = options.parse_args()
    uvloop.install()
    print(json.dumps(asyncio.run(measure(given.port, read(given.requests), given.connections, given.seconds, given.expect,
                                         given.once, given.start, given.pairs))))


if __name__ == "__main__":
    main()
