"""演示数据: a mini-app of the demo's studio, for a developer's own machine."""

from __future__ import annotations

from haian.call import Platform
from haian.demo import DemoSize, demo_id

CLIENT = demo_id("client:parking")
REDIRECTS = ["http://127.0.0.1/callback", "https://parking.example/callback"]
SCOPES = ["parking.bookings.read", "parking.bookings.write", "healthcare.appointments.read"]


async def load_demo(platform: Platform, size: DemoSize) -> None:
    """Load what is missing; run again, it changes nothing."""
    now = platform.clock.now()
    async with platform.db.writing_as("oauth") as connection:
        await connection.execute("""
            INSERT INTO oauth.client (id, name_zh, name_en, organisation_id, redirects, scopes, demo, registered_at,
                                        registered_by, approved_at, approved_by)
            VALUES ($1, '停车小助手', 'Parking helper', $2, $3, $4, true, $5, $6, $5, $7) ON CONFLICT DO NOTHING""",
            CLIENT, demo_id("organisation:studio"), REDIRECTS, SCOPES, now, demo_id("citizen:developer"),
            demo_id("citizen:manager"))
