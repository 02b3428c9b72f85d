"""What somebody read without the server, and did not come back for: whoever uses the phone next hands it in as it is,
sealed. It is opened here, with the key of who read it, and settled as theirs; who hands it in learns nothing of it."""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from haian.cache import limit
from haian.call import Call
from haian.errors import Forbidden, InvalidArgument, KeyReused, RateLimited
from haian.viewer import Viewer
from onecode import offline
from onecode.errors import CodeNotOffline, CodeUnreadable, NotAtPost

MOST, LONGEST = 20, 2048
IV = 12
TOLD = (NotAtPost, CodeNotOffline, KeyReused)
"""Refusals for good of somebody who held a post."""
FINAL = (*TOLD, Forbidden, CodeUnreadable, InvalidArgument)


async def hand_in(call: Call, reader: UUID, sealed: Sequence[str]) -> list[bool]:
    """Settle what a reader left on this phone, each as the phone keeps it: iv and AES-256-GCM in base64url. Of each whether
    it is over: settled, refused for good, or nothing that this reader sealed. They hear of it in their inbox.
    InvalidArgument; RateLimited beyond 60 times an hour."""
    if not 1 <= len(sealed) <= MOST or max(map(len, sealed)) > LONGEST:
        raise InvalidArgument(argument="sealed")
    await limit(call.platform.line, f"onecode:hand_in:{call.viewer.id}", 60, 3600)
    theirs = Call(call.platform, Viewer(reader, address=call.viewer.address))
    key, over, came_to = AESGCM(offline.kept_key(theirs)), list[bool](), Counter[str]()
    for one in sealed:
        said = _opened(key, one)
        if said is None or "key" not in said:
            over.append(said is None)
            continue
        try:
            came_to[await _settle(theirs, said)] += 1
        except RateLimited:
            break
        over.append(True)
    await _tell(theirs, reader, came_to)
    return over + [False] * (len(sealed) - len(over))


def _opened(key: AESGCM, sealed: str) -> dict[str, Any] | None:
    """{code, verdict, post, key} as the reader's phone wrote it; None for what it did not. A page of before put no key in
    it: then only its reader can settle it."""
    try:
        raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        said = json.loads(key.decrypt(raw[:IV], raw[IV:], None))
    except (InvalidTag, binascii.Error, ValueError, RecursionError):
        return None
    words = isinstance(said, dict) and {"code", "verdict"} <= said.keys()
    return said if words and all(isinstance(said[name], str) for name in said.keys() - {"post"}) else None


async def _settle(call: Call, said: Mapping[str, Any]) -> str:
    """What it came to for its reader: SETTLED as they saw it, OTHERWISE, or REFUSED for good. RateLimited."""
    try:
        shown = await offline.settle(call, said["code"], said["key"], said.get("post"))
    except FINAL as refused:
        return "REFUSED" if isinstance(refused, TOLD) else ""
    return "SETTLED" if (await call.rows(shown))[0]["outcome"] == said["verdict"] else "OTHERWISE"


async def _tell(call: Call, reader: UUID, came_to: Counter[str]) -> None:
    if settled := came_to["SETTLED"] + came_to["OTHERWISE"] + came_to["REFUSED"]:
        async with call.writing("onecode") as tx:
            await tx.emit("onecode.handed_in", reader, many=settled, otherwise=came_to["OTHERWISE"] + came_to["REFUSED"])
