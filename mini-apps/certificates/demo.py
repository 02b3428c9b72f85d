"""演示数据: what the demo accounts have in their wallets, as the demo's office tells it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from certificates import service, store
from certificates.office import told
from haian.call import Call, Platform
from haian.demo import ACCOUNTS, DemoSize, demo_id
from haian.viewer import Viewer
from identity.demo import BORN, number

WALLETS = {"resident": ("id_card", "driving_licence", "social_security"), "elder": ("id_card", "senior"),
           "parent": ("id_card", "household", "marriage")}


async def load_demo(platform: Platform, size: DemoSize) -> None:
    """What is missing; run again, it changes nothing."""
    today, orders = platform.clock.now().date(), {account.key: order for order, account in enumerate(ACCOUNTS)}
    names = {account.key: account.name for account in ACCOUNTS}
    for who, kinds in WALLETS.items():
        citizen = demo_id(f"citizen:{who}")
        call = Call(platform, Viewer(citizen))
        async with call.writing("certificates") as tx:
            for kind in kinds:
                record = told(kind, names[who], number(BORN[who], 100 + orders[who]), today)
                if record and not await store.holds(tx, kind):
                    found: Any = next(iter(await tx.read(store.kind(kind))))
                    made = await service.keep(tx, call, citizen, found, list(await store.claim_rules(tx, kind)), record, demo=True)
                    if made and kind in ("id_card", "senior"):
                        await _used(tx, made, citizen)


async def _used(tx: Any, certificate: UUID, citizen: UUID) -> None:
    """A look of their own, of some days ago."""
    await tx.rows("""INSERT INTO certificates.use (at, certificate_id, citizen_id, what, claims)
                     VALUES ($1, $2, $3, 'SHOWN', '{name,number}')""", tx.now - timedelta(days=3), certificate, citizen)
