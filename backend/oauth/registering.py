"""How a client comes to be: a developer registers it for their organisation, a manager of the district approves it (four
eyes), and either ends it at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID

from haian.call import Call
from haian.errors import Forbidden, InvalidArgument
from haian.reads import Shown
from haian.transaction import Answer
from oauth import store_registered as store
from oauth.errors import ClientOver, NameWrong, ReasonMissing, RedirectWrong, TooMany
from oauth.service import LOOPBACK

MOST_CLIENTS, MOST_REDIRECTS, LONGEST_REDIRECT = 20, 5, 300
PRIVATE = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
"""The scheme of a program on a phone: a domain of its maker's, the other way round (RFC 8252, 7.1)."""


async def register(call: Call, organisation: UUID, names: tuple[str, str], redirects: Sequence[str], scopes: Sequence[str],
                   key: str) -> Shown:
    """A client that waits for approval. NameWrong, RedirectWrong, InvalidArgument (a scope that nobody offers), Forbidden
    (not a developer there), TooMany."""
    names = _name(names[0], 20), _name(names[1], 40)
    addresses = sorted({redirect.strip() for redirect in redirects})
    if not 1 <= len(addresses) <= MOST_REDIRECTS or not all(map(is_sound, addresses)):
        raise RedirectWrong
    chosen = sorted(set(scopes))
    if not chosen or not set(chosen) <= call.platform.registry.client_scopes.keys():
        raise InvalidArgument(argument="scopes")
    async with call.writing("oauth") as tx:
        async def decide() -> Answer:
            if not await store.is_developer(tx, organisation):
                raise Forbidden
            made = await store.add(tx, organisation, names, addresses, chosen, MOST_CLIENTS)
            if made is None:
                raise TooMany(most=MOST_CLIENTS)
            await tx.audit("CLIENT_REGISTERED", tx.viewer.id, role="developer", object_=str(made), office=organisation)
            await tx.emit_to("oauth.registered", await store.managers(tx), client=names[0])
            return {"id": made}
        given = {"organisation": organisation, "names": names, "redirects": addresses, "scopes": chosen}
        answer = await tx.once("oauth.register", key, given, decide)
    return store.one(UUID(str(answer["id"])))


def _name(text: str, longest: int) -> str:
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not 2 <= len(name) <= longest or not name.isprintable():
        raise NameWrong
    return name


def is_sound(redirect: str) -> bool:
    """Whether a citizen may ever be sent there: https, loopback without a port, or a scheme that is the program's own."""
    try:
        parts = urlsplit(redirect)
        port, host = parts.port, parts.hostname
    except ValueError:
        return False
    if not redirect.isascii() or len(redirect) > LONGEST_REDIRECT or re.search(r"[\s\x00-\x20\\#<>\"]", redirect):
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if parts.scheme == "https":
        return bool(host) and "." in str(host)
    if parts.scheme == "http":
        return host in LOOPBACK and port is None
    return bool(PRIVATE.fullmatch(parts.scheme)) and redirect.startswith(f"{parts.scheme}:/") and not parts.netloc


async def decide(call: Call, client: UUID, agree: bool, reason: str) -> Shown:
    """Approve a client, or refuse it with a reason. Forbidden (not of the district), ReasonMissing, ClientOver (it waits no
    more, or who decides registered it)."""
    said = " ".join(reason.split())[:200]
    if not agree and len(said) < 2:
        raise ReasonMissing
    async with call.writing("oauth") as tx:
        if not await store.is_of_district(tx):
            raise Forbidden
        found = await (store.approve(tx, client) if agree else store.refuse(tx, client, said))
        if found is None:
            raise ClientOver
        action, event = ("CLIENT_APPROVED", "oauth.approved") if agree else ("CLIENT_REFUSED", "oauth.refused")
        await tx.audit(action, found["registered_by"], role="manager", object_=str(client), reason=said)
        await tx.emit(event, found["registered_by"], client=found["name_zh"], reason=said)
    return store.one(client)


async def end(call: Call, client: UUID, reason: str) -> Shown:
    """End a client: from this moment its tokens are nobody's; what hangs on it ends behind. ReasonMissing, ClientOver."""
    said = " ".join(reason.split())[:200]
    if len(said) < 2:
        raise ReasonMissing
    async with call.writing("oauth") as tx:
        district = await store.is_of_district(tx)
        found = await store.end(tx, client, said, district)
        if found is None:
            raise ClientOver
        role = "manager" if district else "developer"
        await tx.audit("CLIENT_ENDED", found["registered_by"], role=role, object_=str(client), reason=said)
        await tx.emit("oauth.ended", found["registered_by"], id=client, client=found["name_zh"], reason=said)
    return store.one(client)
