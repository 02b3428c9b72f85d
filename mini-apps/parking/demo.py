"""演示数据: spaces that synthetic neighbours lend by day, rolled forward two weeks from today."""

from __future__ import annotations

from datetime import timedelta

from haian.call import Platform
from haian.demo import DemoSize, demo_id

COMMUNITY = "370211005001"
SPACES = """
INSERT INTO parking.space (id, owner_id, community, lot, label, price_cents, status, registered_at, demo)
SELECT md5('haian demo space ' || i)::uuid, c.id, c.community_code, '地下停车场' || (1 + i % 2) || '层',
       chr(65 + (i % 4)::int) || '-' || lpad(i::text, 3, '0'), (i % 5) * 100, 'APPROVED', $2, true
FROM (SELECT id, community_code, row_number() OVER (ORDER BY id) AS i FROM haian.citizen
      WHERE demo AND phone IS NULL AND born < '2000-01-01' AND community_code IS NOT NULL ORDER BY id LIMIT $1) c
ON CONFLICT DO NOTHING
"""
NEAR = """
INSERT INTO parking.space (id, owner_id, community, lot, label, price_cents, status, registered_at, demo)
SELECT md5('haian demo near ' || i)::uuid, c.id, $1, CASE WHEN i <= 6 THEN '地面停车场' ELSE '地下停车场' END,
       'A-' || lpad(i::text, 3, '0'), (i % 4) * 100, 'APPROVED', $2, true
FROM (SELECT id, row_number() OVER (ORDER BY id) AS i FROM haian.citizen WHERE demo AND phone IS NULL AND born < '2000-01-01'
      ORDER BY id LIMIT 12) c
ON CONFLICT DO NOTHING
"""
OFFERS = """
INSERT INTO parking.offer (space_id, community, during)
SELECT s.id, s.community, tstzrange($1::timestamptz + d * interval '1 day' + interval '7 hours',
                                    $1::timestamptz + d * interval '1 day' + interval '22 hours')
FROM parking.space s, generate_series(0, 13) d
WHERE s.demo AND s.status = 'APPROVED' AND s.owner_id <> $2 ON CONFLICT DO NOTHING
"""
BOOKINGS = """
INSERT INTO parking.booking (id, offer_id, space_id, holder_id, plate, during, price_cents, booked_at)
SELECT md5('haian demo stay ' || o.id)::uuid, o.id, o.space_id, c.id, '鲁B' || lpad((10000 + c.i)::text, 5, '0'),
       tstzrange(lower(o.during) + interval '2 hours', lower(o.during) + interval '5 hours'), s.price_cents * 3, $2
FROM (SELECT *, row_number() OVER (ORDER BY lower(during), id) AS i FROM parking.offer
      WHERE withdrawn_at IS NULL AND lower(during) >= $3 AND abs(hashtext(id::text)) % 4 = 0) o
JOIN parking.space s ON s.id = o.space_id AND s.demo
JOIN (SELECT id, row_number() OVER (ORDER BY id DESC) AS i FROM haian.citizen
      WHERE demo AND phone IS NULL AND born < '2000-01-01' ORDER BY id DESC LIMIT $1) c ON c.i = o.i
ON CONFLICT DO NOTHING
"""
PAST = """
INSERT INTO parking.offer (space_id, community, during)
SELECT s.id, s.community, tstzrange($1::timestamptz - d * interval '1 day' + interval '7 hours', $1::timestamptz - d * interval '1 day' + interval '22 hours')
FROM parking.space s, generate_series(1, $2::int) d WHERE s.demo ORDER BY s.id, d
"""
HISTORY = """
INSERT INTO parking.booking (id, offer_id, space_id, holder_id, plate, during, price_cents, booked_at)
SELECT md5('haian demo stay ' || o.id)::uuid, o.id, o.space_id, c.id, '鲁U' || lpad(dense_rank() OVER (ORDER BY o.space_id)::text, 5, '0'),
       tstzrange(lower(o.during) + interval '1 hour', lower(o.during) + interval '4 hours'), 300, lower(o.during)
FROM (SELECT *, row_number() OVER (ORDER BY id) AS i FROM parking.offer WHERE upper(during) < $2 LIMIT $1) o
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS i FROM haian.citizen WHERE demo) c
  ON c.i = 1 + o.i % (SELECT count(*) FROM haian.citizen WHERE demo)
ORDER BY o.space_id, o.during
"""


async def load_demo(platform: Platform, size: DemoSize) -> None:
    """Load what is missing. The demo resident owns a space; a neighbour's waits for the clerk's check."""
    now, today = platform.clock.now(), platform.clock.today()
    resident = demo_id("citizen:resident")
    async with platform.db.writing_as("parking") as connection:
        await connection.executemany(
            """INSERT INTO parking.space (id, owner_id, community, lot, label, price_cents, status, registered_at, demo)
               VALUES ($1, $2, $3, '地下停车场', $4, 200, $5, $6, true) ON CONFLICT DO NOTHING""",
            [(demo_id("space:resident"), resident, COMMUNITY, "B-101", "APPROVED", now),
             (demo_id("space:pending"), demo_id("citizen:parent"), COMMUNITY, "B-102", "PENDING", now)])
        await connection.execute(NEAR, COMMUNITY, now)
        await connection.execute(SPACES, size.spaces - 14, now)
        await connection.execute(OFFERS, today, resident)
        if size.name == "demo":
            await connection.execute(BOOKINGS, size.bookings, now, today + timedelta(days=1))
            return
        if await connection.fetchval("SELECT EXISTS (SELECT FROM parking.offer WHERE upper(during) < $1)", today):
            return
        days = -(-size.bookings // size.spaces)
        await connection.execute(PAST, today, days)
        await connection.execute(HISTORY, size.bookings, today)
