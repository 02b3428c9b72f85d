"""演示数据: posts of the demo accounts."""

from __future__ import annotations

from datetime import timedelta

from haian.call import Platform
from haian.demo import DemoSize, demo_id

POSTS = (
    ("guard", "property", "property_guard", "东门"), ("clerk", "property", "property_clerk", ""),
    ("registrar", "hospital", "registrar", ""), ("teacher", "school", "teacher", ""),
    ("editor", "district", "news_editor", ""), ("developer", "studio", "developer", ""), ("developer", "studio", "manager", ""),
    ("desk", "desk", "desk_officer", ""), ("desk", "district", "identity_officer", ""),
    ("desk", "district", "certificate_officer", ""),
    ("manager", "property", "manager", ""), ("manager", "district", "manager", ""), ("manager", "district", "inspector", ""),
    ("verifier", "school", "school_guard", "南门"), ("verifier", "hall", "window_clerk", "综合窗口"),
    ("verifier", "library", "librarian", "总服务台"), ("verifier", "transit", "conductor", "1 路"),
    ("verifier", "attraction", "ticket_inspector", "检票口"), ("verifier", "desk", "canteen_clerk", "社区食堂"),
)


async def load_demo(platform: Platform, size: DemoSize) -> None:
    """Load what is missing; run again, it changes nothing."""
    since = platform.clock.now() - timedelta(days=1)
    async with platform.db.writing_as("staff") as connection:
        await connection.executemany(
            """INSERT INTO staff.membership (citizen_id, organisation_id, role, place, during)
               VALUES ($1, $2, $3, $4, tstzrange($5, NULL)) ON CONFLICT DO NOTHING""",
            [(demo_id(f"citizen:{who}"), demo_id(f"organisation:{where}"), role, place, since)
             for who, where, role, place in POSTS])
