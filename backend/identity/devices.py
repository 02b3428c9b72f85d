"""My devices: what I call them, when each was seen, those that nobody used until their session ran out, and the programs
outside the browser that stand among them (`oauth`)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from haian.call import Call, Platform
from haian.manifest import Texts
from haian.migrate import role_of
from haian.transaction import transaction
from haian.viewer import Viewer
from identity import service, sessions, store, store_clients
from identity.errors import DeviceNameInvalid, DeviceUnknown
from identity.places import places

A_TURN = 1000


async def name_device(call: Call, device: UUID, name: str) -> bool:
    """Call one of my devices so. DeviceNameInvalid, DeviceUnknown."""
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not 1 <= len(name) <= 30 or not name.isprintable():
        raise DeviceNameInvalid
    async with call.writing("identity") as tx:
        if not await store.name_device(tx, device, name):
            raise DeviceUnknown
    return True


async def note_seen(platform: Platform) -> None:
    """Write down which devices were seen since the last time. What a crash forgets comes again within the hour."""
    while seen := await sessions.seen(platform.redis, A_TURN):
        async with platform.writing("identity") as tx:
            await store.note_seen(tx, [UUID(device) for device in seen])


async def end_unused(platform: Platform) -> None:
    """A device whose session ran out by disuse is on no list any more."""
    async with platform.writing("identity") as tx:
        await store.end_unused(tx, tx.now - timedelta(seconds=sessions.LIFETIME))


async def connect(platform: Platform, viewer: Viewer, device: UUID, session: str, name: Texts, address: str) -> None:
    """A client is among the devices of its citizen from now on, under the name of its session; the others hear of it."""
    assert viewer.id and viewer.client
    place = places(platform).of(address)
    async with transaction(platform.db, role_of("identity"), viewer, platform.clock) as tx:
        await store_clients.add(tx, device, session, name["zh"], place)
        await tx.audit("CLIENT_CONNECTED", viewer.id, role="citizen", object_=str(device))
        await tx.emit("identity.client_connected", viewer.id, id=device, client=name["zh"])
        await sessions.begin_device(platform.redis, viewer.id, device)


async def disconnect(platform: Platform, citizen: UUID, ended: Sequence[UUID], thief: Viewer | None = None,
                     name: Texts | None = None) -> None:
    """End devices of clients. `thief`: the client (`name`) with whose token somebody came who must not have had it: the
    citizen hears of that."""
    async with transaction(platform.db, role_of("identity"), thief or Viewer(citizen), platform.clock) as tx:
        for device in ended:
            over = await service.end_devices(platform, tx, device, None)
            if over and thief and name:
                await tx.audit("CLIENT_REUSED", citizen, role="citizen", object_=str(device))
                await tx.emit("identity.client_reused", citizen, client=name["zh"])


async def of_client(platform: Platform, citizen: UUID, client: UUID) -> list[UUID]:
    """The devices on which a citizen let this client in."""
    async with platform.writing("identity") as tx:
        return await store_clients.of(tx, citizen, client)


async def citizens_of(platform: Platform, client: UUID, most: int) -> list[UUID]:
    """Some of those who have let this client in."""
    async with platform.writing("identity") as tx:
        return await store_clients.citizens_of(tx, client, most)
