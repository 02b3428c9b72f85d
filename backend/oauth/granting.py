"""The token endpoint: a code, or a refresh token, becomes tokens (RFC 6749, 4.1.3 and 6); tokens end (RFC 7009)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from uuid import UUID

from consent import giving
from haian import codes
from haian.call import Platform
from haian.codes import State
from haian.errors import Unauthenticated
from haian.ids import new_id
from haian.migrate import role_of
from haian.registry import Event
from haian.transaction import transaction
from haian.viewer import Client, Viewer
from identity import devices, sessions
from oauth import families, store
from oauth.connected import registered
from oauth.errors import OAuthRefused
from oauth.families import Found
from oauth.models import PURPOSE, Family, Granted, Registered
from oauth.proofs import checked
from oauth.service import CODE, agreed

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
PATH = "/oauth/token"
A_TURN = 100
"""Citizens from whose devices a client that was ended goes in one event: a second or two."""


async def grant(platform: Platform, given: Mapping[str, str], proof: str, address: str) -> Granted:
    """OAuthRefused."""
    ways = {"authorization_code": _by_code, "refresh_token": _by_refresh}
    if given.get("grant_type") not in ways:
        raise OAuthRefused("unsupported_grant_type")
    client = await registered(platform, given.get("client_id", ""))
    if client is None:
        raise OAuthRefused("invalid_client")
    jkt = await checked(platform, proof, "POST", PATH)
    return await ways[given["grant_type"]](platform, client, given, jkt, address)


async def _by_code(platform: Platform, client: Registered, given: Mapping[str, str], jkt: str, address: str) -> Granted:
    """A code is good once. Who comes second with one ends what it gave: one of the two stole it."""
    handle, session = families.new_session()
    device, code = new_id(), codes.digest(given.get("code", ""))
    mine = {"device": str(device), "session": session}
    burnt = await codes.burn(platform.line, CODE, code, mine)
    kept = burnt.payload
    if burnt.state is State.USED and burnt.by != mine:
        await families.forbid(platform, burnt.by["session"])
        await _stolen(platform, Family(UUID(kept["citizen"]), UUID(burnt.by["device"]), UUID(kept["client"]),
                                       burnt.by["session"], "", frozenset()))
    if burnt.by != mine or kept["client"] != str(client.id) or kept["redirect"] != given.get("redirect_uri"):
        raise OAuthRefused("invalid_grant")
    if not _is_verified(given.get("code_verifier", ""), kept["challenge"]) or kept["jkt"] not in ("", jkt):
        raise OAuthRefused("invalid_grant")
    family = Family(UUID(kept["citizen"]), device, client.id, session, jkt, frozenset(kept["scopes"]))
    scopes = await _used(platform, client, family)
    await devices.connect(platform, _viewer(client, family), device, session, client.name, address)
    token = await families.begin(platform, handle, family)
    if token is None:  # somebody came with the same code meanwhile
        await _stolen(platform, family)
        raise OAuthRefused("invalid_grant")
    return _granted(platform, family, token, scopes)


def _is_verified(verifier: str, challenge: str) -> bool:
    """RFC 7636, 4.6."""
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return bool(VERIFIER.fullmatch(verifier)) and hmac.compare_digest(made, challenge)


async def _by_refresh(platform: Platform, client: Registered, given: Mapping[str, str], jkt: str, address: str) -> Granted:
    found, token, family = await families.rotate(platform, given.get("refresh_token", ""), client.id, jkt)
    if family is None:
        raise OAuthRefused("invalid_grant")
    if found is Found.REUSED:
        await _stolen(platform, family)
        raise OAuthRefused("invalid_grant")
    scopes = await _used(platform, client, family)
    device = str(family.device)
    alive, _ = await platform.line.ask(sessions.renewing_device(device), sessions.noting(device))
    if not alive:
        raise OAuthRefused("invalid_grant")
    return _granted(platform, family, token, scopes)


async def _used(platform: Platform, client: Registered, family: Family) -> frozenset[str]:
    """What of it the citizen still consents to, which is used by that. OAuthRefused for nothing, and the family is over."""
    async with transaction(platform.db, role_of("oauth"), _viewer(client, family), platform.clock) as tx:
        left = [scope for scope in sorted(family.scopes & client.scopes)
                if await giving.use(tx, family.citizen, agreed(client, scope))]
    if not left:
        await devices.disconnect(platform, family.citizen, [family.device])
        raise OAuthRefused("invalid_grant")
    return frozenset(left)


def _granted(platform: Platform, family: Family, token: str, scopes: frozenset[str]) -> Granted:
    access = platform.services["tokens"].make(str(family.citizen), str(family.device), str(family.client), scopes)
    return Granted(access, token, scopes)


def _viewer(client: Registered, family: Family) -> Viewer:
    """What is written down is the client's doing."""
    return Viewer(family.citizen, str(family.device), by_token=True, scopes=family.scopes,
                  client=Client(client.id, client.office))


async def _stolen(platform: Platform, family: Family) -> None:
    """Somebody came with what had been used: all of it is over, at once, and the citizen hears of it."""
    await sessions.end(platform.redis, family.session, str(family.device))
    client = await registered(platform, str(family.client))
    if client:
        await devices.disconnect(platform, family.citizen, [family.device], _viewer(client, family), client.name)


async def revoke(platform: Platform, given: Mapping[str, str]) -> None:
    """End what a token is of, for the client that it was given to; one that is unknown is over already (RFC 7009, 2.2).
    OAuthRefused."""
    client = await registered(platform, given.get("client_id", ""))
    if client is None:
        raise OAuthRefused("invalid_client")
    token = given.get("token", "")
    found = await families.of(platform, token)
    if found is None and token.count(".") == 2:
        try:
            claims = platform.services["tokens"].check(token)
            found = UUID(claims.citizen), UUID(claims.session), UUID(claims.client)
        except (Unauthenticated, ValueError):
            return
    if found and found[2] == client.id:
        await devices.disconnect(platform, found[0], [found[1]])


async def end_without_consent(platform: Platform, event: Event) -> None:
    """A consent was taken back: a client that its citizen consents to nothing of any more is on no list of devices."""
    citizen, receiver = event.citizen, event.payload["receiver"]
    if citizen is None or event.payload.get("kind") != "MINI_APP":
        return
    client = UUID(receiver)
    async with platform.writing("oauth") as tx:
        over = await store.without_consent(tx, citizen, client, PURPOSE)
    if over:
        await devices.disconnect(platform, citizen, await devices.of_client(platform, citizen, client))


async def end_client(platform: Platform, event: Event) -> None:
    """A client was ended: it goes from its citizens' devices, so many at a time; those who are left are an event of their
    own."""
    client = UUID(event.payload["id"])
    citizens = await devices.citizens_of(platform, client, A_TURN)
    for citizen in citizens:
        await devices.disconnect(platform, citizen, await devices.of_client(platform, citizen, client))
    if len(citizens) == A_TURN:
        async with platform.writing("oauth") as tx:
            await tx.emit("oauth.ending", None, id=client)
