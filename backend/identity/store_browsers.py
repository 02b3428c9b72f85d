"""Identity's SQL of browsers: where a citizen is known, and where a code is not enough."""

from __future__ import annotations

from uuid import UUID

from haian.transaction import Transaction


async def phone_of(tx: Transaction, citizen: UUID) -> str:
    phone: str | None = await tx.value("SELECT phone FROM identity.citizen WHERE id = $1", citizen)
    return phone or ""


async def needs_factor(tx: Transaction, citizen: UUID, browser: bytes, demo: bool) -> bool:
    """Whether a code is not enough: the citizen is real-named and this browser is new to them. `demo`: the accounts that all
    try are let in, until somebody gives one a factor."""
    return bool(await tx.value(
        """SELECT level <> 'UNVERIFIED' AND NOT EXISTS (SELECT FROM identity.browser WHERE citizen_id = c.id AND hash = $2)
           AND NOT ($3 AND demo AND NOT EXISTS (SELECT FROM haian.factor WHERE citizen_id = c.id))
           FROM identity.citizen c WHERE id = $1""", citizen, browser, demo))


async def knows_browser(tx: Transaction, citizen: UUID, browser: bytes) -> bool:
    return bool(await tx.value("SELECT EXISTS (SELECT FROM identity.browser WHERE citizen_id = $1 AND hash = $2)",
                               citizen, browser))


async def add_browser(tx: Transaction, citizen: UUID, shown: bytes, hashed: bytes) -> None:
    """A browser is known to a citizen, by a new name; whoever else is known by the one that it showed goes on to be. Devices
    first, then browsers, as by whoever ends a device."""
    await tx.rows("""WITH held AS MATERIALIZED (SELECT id FROM identity.device WHERE browser = $1
                                                ORDER BY id FOR NO KEY UPDATE)
                     UPDATE identity.device d SET browser = $2 FROM held WHERE d.id = held.id""", shown, hashed)
    await tx.rows("""WITH held AS MATERIALIZED (SELECT citizen_id FROM identity.browser WHERE hash = $1
                                                ORDER BY citizen_id FOR UPDATE)
                     UPDATE identity.browser b SET hash = $2 FROM held
                     WHERE b.citizen_id = held.citizen_id AND b.hash = $1""", shown, hashed)
    await tx.rows("INSERT INTO identity.browser (citizen_id, hash, since) VALUES ($1, $2, $3)", citizen, hashed, tx.now)


async def forget_browsers(tx: Transaction, devices: list[UUID]) -> None:
    """Where I ended these devices my browser is new again; not the one that I am at."""
    await tx.rows(
        """DELETE FROM identity.browser WHERE citizen_id = $1
           AND hash IN (SELECT browser FROM identity.device WHERE id = ANY($2))
           AND hash NOT IN (SELECT browser FROM identity.device WHERE id::text = $3 AND browser IS NOT NULL)""",
        tx.viewer.id, devices, tx.viewer.session or "")
