"""Who issues certificates: offices, each behind a server of somebody else's, all of which speak one language."""

from __future__ import annotations

import re
from collections.abc import Set
from datetime import date
from typing import Any, Protocol

from certificates.models import ALPHABET, Record
from haian.authorities import Authority
from haian.call import Platform

SERIAL = re.compile(f"[{ALPHABET}]{{1,32}}")
CODE = re.compile(f"[{ALPHABET}]{{18}}")


class Issuer(Protocol):
    async def find(self, kind: str, name: str, number: str, claims: Set[str]) -> Record | None:
        """The certificate of a kind that a person has there, with exactly these claims. Away."""

    async def correct(self, kind: str, serial: str, claim: str, value: str) -> bool:
        """Have the office's own register say so; false where it will not. Away."""


class HttpIssuer(Authority):
    """`/find` {kind, name, number}: {"found": false}, or {"found": true, "claims": {…}, "issuer", "issuer_code", "serial",
    "issued_on", "valid_from", "valid_until"}. `/correct` {kind, serial, claim, value}: {"done": true | false}."""

    async def find(self, kind: str, name: str, number: str, claims: Set[str]) -> Record | None:
        answer = await self.ask({"kind": kind, "name": name, "number": number}, "/find")
        try:
            return record(answer, claims) if answer["found"] else None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self.away("words") from None

    async def correct(self, kind: str, serial: str, claim: str, value: str) -> bool:
        answer = await self.ask({"kind": kind, "serial": serial, "claim": claim, "value": value}, "/correct")
        return answer.get("done") is True


def record(answer: dict[str, Any], claims: Set[str]) -> Record:
    """An office's answer, believed only where it has the form that was agreed. ValueError, KeyError, TypeError."""
    said = answer["claims"]
    if said.keys() != claims or not all(isinstance(value, str) and 0 < len(value) <= 200 for value in said.values()):
        raise ValueError("claims")
    if not SERIAL.fullmatch(answer["serial"]) or not CODE.fullmatch(answer["issuer_code"]) or not answer["issuer"].strip():
        raise ValueError("issuer")
    until = answer.get("valid_until")
    return Record(dict(said), answer["issuer"].strip()[:100], answer["issuer_code"], answer["serial"],
                  date.fromisoformat(answer["issued_on"]), date.fromisoformat(answer["valid_from"]),
                  date.fromisoformat(until) if until else None)


def issuer(platform: Platform) -> Issuer:
    """The issuer of this installation; a demo's is a server of its own too, which the launcher starts. Without
    HAIAN_ISSUER_URL it is away."""
    settings = platform.settings
    return platform.service("issuer", lambda: HttpIssuer(settings.issuer_url, settings.issuer_token))
