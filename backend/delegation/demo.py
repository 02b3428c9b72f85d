"""演示数据: families. The two children of the demo's parent, and the parents of each class (identity/demo.py says whose ids)."""

from __future__ import annotations

from haian.call import Platform
from haian.demo import DemoSize, demo_id

CHILDREN = ("child", "toddler")
PUPILS_OF_A_CLASS = 30
PARENT = """
INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until)
SELECT $1, id, 'MOTHER', $3::timestamptz - interval '1 day', $3::timestamptz + interval '18 years'
FROM haian.citizen WHERE id = ANY($2::uuid[]) ON CONFLICT DO NOTHING
"""
GUARDIANSHIPS = """
INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until)
SELECT p.id, c.id, upper(kind), $2::timestamptz - interval '1 day', $2::timestamptz + interval '18 years'
FROM generate_series(1, $1::int) i CROSS JOIN (VALUES ('mother'), ('father')) k(kind)
JOIN haian.citizen p ON p.id = md5('haian demo ' || kind || ' ' || (i - (i % 30 = 0)::int))::uuid
JOIN haian.citizen c ON c.id = md5('haian demo child ' || i)::uuid
ON CONFLICT DO NOTHING
"""


async def load_demo(platform: Platform, size: DemoSize) -> None:
    """Load what is missing; run again, it changes nothing."""
    now = platform.clock.now()
    async with platform.db.writing_as("delegation") as connection:
        await connection.execute(PARENT, demo_id("citizen:parent"), [demo_id(f"citizen:{key}") for key in CHILDREN], now)
        await connection.execute(GUARDIANSHIPS, size.classes * PUPILS_OF_A_CLASS, now)
