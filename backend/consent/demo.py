"""演示数据: what the demo accounts let others know; everybody of the demo has agreed to the first terms."""

from __future__ import annotations

from datetime import timedelta

from haian.call import Platform
from haian.demo import DemoSize, demo_id

# whose, by whom given, days ago, for how many days; unused, as the ledger says
GIVEN = (("parent", "parent", 20, 365), ("toddler", "parent", 6, 30))
PURPOSE = ("onecode.hospital_check_in", "就医签到", "Hospital check-in")


# For children under 14, a guardian.
ACCEPTED = """INSERT INTO consent.acceptance (citizen_id, version, at, given_by)
    SELECT c.id, 1, $1::timestamptz - interval '30 days', coalesce(g.guardian_id, c.id) FROM haian.citizen c
    LEFT JOIN LATERAL (SELECT guardian_id FROM haian.guardianship WHERE child_id = c.id ORDER BY guardian_id LIMIT 1) g
        ON c.born > ($1 AT TIME ZONE 'Asia/Shanghai')::date - interval '14 years'
    WHERE c.demo ON CONFLICT DO NOTHING"""


async def load_demo(platform: Platform, size: DemoSize) -> None:
    """At the hospital; they move on with the days. One that was used or taken back stays so."""
    now, hospital = platform.clock.now(), demo_id("organisation:hospital")
    async with platform.db.writing_as("consent") as connection:
        await connection.execute(ACCEPTED, now)
        for i, (who, by, ago, days) in enumerate(GIVEN):
            id_, since = demo_id(f"consent:{i}"), now - timedelta(days=ago)
            until = since + timedelta(days=days)
            await connection.execute(
                """INSERT INTO consent.consent (id, citizen_id, fact, receiver_kind, receiver, receiver_name, purpose,
                       purpose_zh, purpose_en, once, since, until, given_by)
                   SELECT $1, $2, 'phone', 'ORGANISATION', o.id::text, o.name, $4, $5, $6, false, $7, $8, $9
                   FROM haian.organisation o WHERE o.id = $3 ON CONFLICT DO NOTHING""",
                id_, demo_id(f"citizen:{who}"), hospital, *PURPOSE, since, until, demo_id(f"citizen:{by}"))
            await connection.execute(
                "UPDATE consent.consent SET since = $2, until = $3 WHERE id = $1 AND ended_at IS NULL AND used = 0",
                id_, since, until)
