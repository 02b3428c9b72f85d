"""Codes for where there is no network: how many one core signs and verifies in a second.

    PYTHONPATH=infra .venv/bin/python -m bench.offline [--rounds 5] [--seconds 1]

Each text is another code by another phone, as long as codes get. To verify it is to read it from base 45, check what the
server signed (Ed25519) and what the phone signed when it was shown (ECDSA, P-256), and take it apart: all that a server does
before it asks its database, in one process on one core; a gate without us also looks each up among 2,000 batches that were
stopped. The medians of the rounds.
"""

from __future__ import annotations

import argparse
import itertools
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from onecode.carried import DISPLAYED, FACTS, PREFIX, SECRET, Carried, Signer, Stopped, number_of, to_base45

PHONES, STOPPED = 200, 2000
SAYS = FACTS["name"] | FACTS["resident"]
NAME = "王*****"


def carried() -> tuple[Any, Carried]:
    """A phone's key and a code that it carries."""
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    number = number_of(secrets.token_bytes(SECRET), 0)
    return key, Carried(number, 0, datetime.now(UTC), 1500, point, SAYS, 0, "370211001001", NAME)


def shown(key: Any, signed: bytes) -> str:
    """What the phone shows now."""
    at = int(time.time()).to_bytes(4)
    r, s = decode_dss_signature(key.sign(DISPLAYED + signed + at, ec.ECDSA(hashes.SHA256())))
    return PREFIX + to_base45(signed + at + r.to_bytes(32) + s.to_bytes(32))


def forged(text: str) -> str:
    """With another sign in what the server signed."""
    return f"{text[:60]}{'1' if text[60] == '0' else '0'}{text[61:]}"


def speed(do: Callable[[Any], Any], given: Iterator[Any], seconds: float) -> float:
    """How often a second."""
    many, began = 0, time.perf_counter()
    until = began + seconds
    while time.perf_counter() < until:
        assert do(next(given))
        many += 1
    return many / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.offline", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1)
    given = parser.parse_args()
    signer = Signer(secrets.token_bytes(32))
    phones = [carried() for _ in range(PHONES)]
    texts = [shown(key, signer.sign(code)) for key, code in phones]
    stopped = Stopped([secrets.token_bytes(SECRET) for _ in range(STOPPED)])
    ways: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
        "codes signed/s": (signer.sign, [code for _, code in phones]),
        "codes verified/s": (signer.read, texts),
        "codes judged by a gate/s": (lambda text: (read := signer.read(text)) and read.carried not in stopped, texts),
        "forged codes refused/s": (lambda text: signer.read(text) is None, [forged(text) for text in texts])}
    for name, (do, each) in ways.items():
        found = [speed(do, itertools.cycle(each), given.seconds) for _ in range(given.rounds)]
        print(f"{name:<24} {statistics.median(found):>8,.0f}   ({min(found):,.0f} to {max(found):,.0f})")


if __name__ == "__main__":
    main()
