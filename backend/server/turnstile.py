"""`python -m server gate`: a fixed gate to try the API with, as a maker of gates would write it: it knows HTTP and its
own key.

    python -m server gate enrol <code>     register a new key with the code that the manager was shown
    python -m server gate scan <code>      read a code: what is in the QR code, or the 8 digits below it; an offline code is
                                           judged here while the server is away, where the gate's scene says so
    python -m server gate beat             say that it is there, and hear what it is registered for
    python -m server gate sync             fetch what is needed while the server is away, and settle what was read meanwhile

HAIAN_GATE_URL names the server (http://127.0.0.1:8000 unless told); HAIAN_GATE_FILE keeps the key (gate.json). It ends with
0, with 1 where the server refused, 2 where it was asked wrongly, 3 where the server is away: then nothing has changed.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from onecode.verifiers import encoded, thumbprint
from server.console import SAY, complain
from server.turnstile_offline import Memory

AWAY = (httpx.TransportError, json.JSONDecodeError)
"""Nobody answers, or something before the server that knows nothing of gates."""


class Turnstile:
    """A gate with its key. `id` is known when it was enrolled; until then it signs as the thumbprint of its key."""

    def __init__(self, http: httpx.AsyncClient, origin: str, key: Any = None, id: str = "",
                 clock: Callable[[], float] = time.time, memory: Memory | None = None) -> None:
        self.http, self.origin, self.id, self.clock, self.memory = http, origin, id, clock, memory or Memory()
        self.key = key or Ed25519PrivateKey.generate()
        self.algorithm = "EdDSA" if isinstance(self.key, Ed25519PrivateKey) else "ES256"

    @property
    def public(self) -> dict[str, str]:
        """The public key as JWK."""
        made: Any = jwt.get_algorithm_by_name(self.algorithm)
        jwk = made.to_jwk(self.key.public_key(), as_dict=True)
        return {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}

    def proof(self, path: str, body: bytes, **other: Any) -> str:
        """A JWT for one POST of `body` to `path`."""
        claims = {"htm": "POST", "htu": self.origin + path, "iat": int(self.clock()), "jti": str(uuid4()),
                  "digest": encoded(hashlib.sha256(body).digest())} | other
        kid = self.id or thumbprint(self.public)
        return jwt.encode(claims, self.key, algorithm=self.algorithm, headers={"typ": "gate+jwt", "kid": kid})

    async def post(self, path: str, **given: Any) -> httpx.Response:
        body = json.dumps(given).encode()
        return await self.send(path, body, self.proof(path, body))

    async def send(self, path: str, body: bytes, proof: str) -> httpx.Response:
        headers = {"content-type": "application/json", "authorization": f"Gate {proof}"}
        return await self.http.post(self.origin + path, content=body, headers=headers)

    async def enrol(self, code: str) -> httpx.Response:
        answer = await self.post("/gates/enrol", code=code, key=self.public)
        if answer.status_code == 200:
            self.id = answer.json()["id"]
        return answer

    async def scan(self, code: str, nonce: str = "") -> httpx.Response:
        """Asked again with the same nonce until there is an answer: the same scan, signed anew."""
        return await self.post("/gates/scan", code=code, nonce=nonce or str(uuid4()))

    async def beat(self) -> httpx.Response:
        return await self.post("/gates/heartbeat")

    async def read(self, code: str) -> dict[str, Any]:
        """What a code comes to: at the server, else here, else the server's refusal; without either the gate stays shut."""
        try:
            answer = await self.scan(code)
            said: dict[str, Any] = answer.json()
        except (httpx.TransportError, ValueError):
            return self.memory.judge(code, self.clock()) or {"verdict": None, "offline": True}
        return (self.memory.judge(code, self.clock()) if answer.status_code >= 500 else None) or said

    async def sync(self) -> dict[str, Any]:
        """Fetch what was stopped since the last time, and settle what was read here, in its order; what each came to.
        Whatever may yet be answered stays for the next time, also where the server goes in the middle. AWAY where it is."""
        after, told = self.memory.after(self.clock()), list[dict[str, Any]]()
        while not told or told[-1]["more"]:
            answer = await self.post("/gates/offline", after=told[-1]["upto"] if told else after)
            if answer.status_code != 200:
                return dict(answer.json())
            told.append(answer.json())
        self.memory.learn(after, told, self.clock())
        settled: list[Any] = []
        while self.memory.unsettled:
            try:
                answer = await self.post("/gates/settle", **self.memory.unsettled[0])
            except httpx.TransportError:
                break
            if answer.status_code not in (200, 400):
                break
            settled.append(answer.json())
            self.memory.unsettled.pop(0)
        return {"settled": settled, "left": len(self.memory.unsettled), "offline": self.memory.kit["offline"]}


async def ask(what: str, code: str, origin: str, kept: dict[str, Any]) -> tuple[Turnstile, Any]:
    """One request of the gate that is kept, or of a new one, and what came of it."""
    key = load_pem_private_key(kept["key"].encode(), None) if kept else None
    async with httpx.AsyncClient(timeout=10) as http:
        gate = Turnstile(http, origin, key, kept.get("id", ""), memory=Memory.of(kept.get("memory", {})))
        if what in ("read", "sync"):
            return gate, await (gate.read(code) if what == "read" else gate.sync())
        return gate, (await (gate.beat() if what == "beat" else gate.enrol(code))).json()


def keep(gate: Turnstile, file: Path) -> None:
    pem = gate.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    file.touch(mode=0o600)
    file.write_text(json.dumps({"id": gate.id, "key": pem, "memory": gate.memory.kept()}), encoding="utf-8")


def main() -> int:
    what, code = sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""
    if what not in ("enrol", "scan", "beat", "sync") or (what in ("enrol", "scan") and not code):
        print(__doc__)
        return 2
    origin = os.environ.get("HAIAN_GATE_URL", "http://127.0.0.1:8000").rstrip("/")
    file = Path(os.environ.get("HAIAN_GATE_FILE", "gate.json"))
    kept = json.loads(file.read_text(encoding="utf-8")) if what != "enrol" and file.exists() else {}
    try:
        gate, said = asyncio.run(ask("read" if what == "scan" else what, code, origin, kept))
    except AWAY:
        complain(SAY("gate_alone", origin=origin))
        return 3
    print(json.dumps(said, ensure_ascii=False, indent=1))
    if gate.id:
        keep(gate, file)
    return 1 if "errors" in said else 0
