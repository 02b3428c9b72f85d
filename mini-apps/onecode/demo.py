"""演示数据: who has read the codes of the demo accounts in the last days."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from haian.call import Platform
from haian.demo import DemoSize, demo_id

GATE = ("residential_gate", "property", "东门", "property_guard", "guard")
DESK = ("hospital_check_in", "hospital", "", "registrar", "registrar")
# whose code, where, minutes ago, verdict, the masked name that was shown, the other fact
SCANS = (
    ("resident", GATE, 190, "ACCEPTED", "王*燕", True), ("resident", GATE, 1450, "ACCEPTED", "王*燕", True),
    ("resident", DESK, 4300, "ACCEPTED", "王*燕", None), ("elder", GATE, 160, "ACCEPTED", "李*福", True),
    ("elder", GATE, 1600, "ACCEPTED", "李*福", True), ("parent", GATE, 45, "ACCEPTED", "张*梅", True),
    ("parent", GATE, 44, "USED", None, None), ("teacher", GATE, 75, "ACCEPTED", "刘*静", True),
)
ASSIGNED = (("property", "东门", "residential_gate"), ("property", "东门", "parking_entry"),
            ("hall", "综合窗口", "hall_queue"), ("hall", "综合窗口", "show_papers"))
"""Gates at which more than the usual scene runs."""


async def load_demo(platform: Platform, size: DemoSize) -> None:
    """The newest is of this hour; they move on with the days."""
    now = platform.clock.now()
    rows = []
    for i, (who, (scene, organisation, place, role, verifier), ago, verdict, name, fact) in enumerate(SCANS):
        other = "resident" if scene == "residential_gate" else "healthcare.appointment_today"
        facts = [{"name": "name", "value": name}, {"name": other, "value": fact}] if name else []
        first = (now - timedelta(minutes=ago + 1), "海岸物业服务中心（演示） 东门") if verdict == "USED" else (None, None)
        rows.append((demo_id(f"scan:{i}"), now - timedelta(minutes=ago), scene, demo_id(f"organisation:{organisation}"), place,
                     role, demo_id(f"citizen:{verifier}"), demo_id(f"citizen:{who}"),
                     hashlib.sha256(f"demo {i}".encode()).digest(), verdict, facts, *first))
    async with platform.db.writing_as("onecode") as connection:
        await connection.executemany(
            """INSERT INTO onecode.scan (id, at, scene_id, organisation_id, place, role, verifier_id, holder_id, code,
                   verdict, facts, first_at, first_place, demo)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, true)
               ON CONFLICT (id) DO UPDATE SET at = excluded.at, first_at = excluded.first_at""", rows)
        await connection.executemany(
            """INSERT INTO onecode.assignment (id, organisation_id, place, scene_id, since) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT DO NOTHING""",
            [(demo_id(f"assignment:{place}:{scene}"), demo_id(f"organisation:{where}"), place, scene, now)
             for where, place, scene in ASSIGNED])
