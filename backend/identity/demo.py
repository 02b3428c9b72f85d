"""演示数据: citizens, families, organisations and posts. All persons are synthetic.

Ids tell a child's place: the pupils of class `k` (from 0) are `haian demo child` 30k + 1 to 30k + 30; the last two of a class
are of one family. Mini-apps that know classes rely on that.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from haian.call import Platform
from haian.demo import ACCOUNTS, DemoSize, demo_id
from identity.numbers import CHECKS, WEIGHTS, digest, mask, seal

COMMUNITY = "370211005001"
BORN = {
    "resident": date(1988, 5, 12), "elder": date(1954, 3, 8), "parent": date(1990, 9, 21), "teacher": date(1986, 1, 30),
    "guard": date(1971, 11, 2), "registrar": date(1993, 7, 15), "developer": date(1996, 4, 4), "clerk": date(1979, 12, 19),
    "editor": date(1984, 6, 6),
}
CHILDREN = (("child", "张小海", date(2017, 6, 1)), ("toddler", "张小贝", date(2022, 2, 14)))
ORGANISATIONS = (
    ("district", "district", "青岛西海岸新区管委会（演示）", "370211"),
    ("property", "property", "海岸物业服务中心（演示）", COMMUNITY),
    ("hospital", "hospital", "演示第一医院", "370211005"),
    ("hospital-2", "hospital", "演示第二医院", "370211007"),
    ("hospital-3", "hospital", "演示中医医院", "370211009"),
    ("hospital-4", "hospital", "演示社区卫生服务中心", "370211003"),
    ("school", "school", "演示实验小学", "370211005"),
    ("studio", "developer", "海风小程序工作室（演示）", "370211"),
)
POSTS = (
    ("guard", "property", "property_guard", "东门"), ("clerk", "property", "property_clerk", ""),
    ("registrar", "hospital", "registrar", ""), ("teacher", "school", "teacher", ""),
    ("editor", "district", "news_editor", ""), ("developer", "studio", "developer", ""),
)
FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红鹏辉斌宇晨欣怡琳"
CITIZENS = """
INSERT INTO identity.citizen (id, name, born, community, level, demo, created_at)
SELECT md5('haian demo citizen ' || i)::uuid,
       substr($2, 1 + i % length($2), 1) || substr($3, 1 + (i / 7) % length($3), 1)
           || CASE WHEN i % 3 = 0 THEN '' ELSE substr($3, 1 + (i / 3) % length($3), 1) END,
       date '1940-01-01' + (i * 37 % 29000), c.code, 'VERIFIED', true, $4
FROM generate_series(1, $1::int) i
JOIN (SELECT code, row_number() OVER (ORDER BY code) AS n FROM identity.division WHERE level = 'community') c
  ON c.n = 1 + i % (SELECT count(*) FROM identity.division WHERE level = 'community')
ON CONFLICT DO NOTHING
"""

PUPILS_OF_A_CLASS = 30
CLASSES_OF_A_SCHOOL = 36
PARENTS = """
INSERT INTO identity.citizen (id, name, phone, born, community, level, demo, created_at)
SELECT md5('haian demo ' || kind || ' ' || f)::uuid,
       CASE kind WHEN 'father' THEN substr($2, 1 + f % length($2), 1) ELSE substr($2, 1 + (f * 5 + 3) % length($2), 1) END
           || substr($3, 1 + (f / 7 + n) % length($3), 1) || CASE WHEN f % 3 = 0 THEN '' ELSE substr($3, 1 + (f * 11 + n) % length($3), 1) END,
       '1990' || lpad((2 * f + n)::text, 7, '0'), date '1980-01-01' + (f * 37 + n * 500) % 4000, $4, 'VERIFIED', true, $5
FROM generate_series(1, $1::int) f, (VALUES ('mother', 0), ('father', 1)) k(kind, n)
WHERE (f % 30 <> 0) AND (kind = 'mother' OR f % 7 <> 0)
ON CONFLICT DO NOTHING
"""
PUPILS = """
INSERT INTO identity.citizen (id, name, born, level, demo, created_at)
SELECT md5('haian demo child ' || i)::uuid,
       substr($2, 1 + (i - (i % 30 = 0)::int) % length($2), 1) || substr($3, 1 + (i * 3) % length($3), 1)
           || CASE WHEN i % 4 = 0 THEN '' ELSE substr($3, 1 + (i * 5 + 2) % length($3), 1) END,
       ($5::date - make_interval(years => 6 + ((i - 1) / 30) % 6, days => i * 97 % 365))::date, 'VERIFIED', true, $4
FROM generate_series(1, $1::int) i
ON CONFLICT DO NOTHING
"""
GUARDIANSHIPS = """
INSERT INTO identity.guardianship (guardian_id, child_id, relation, since, until)
SELECT p.id, c.id, upper(kind), $2::timestamptz - interval '1 day', $2::timestamptz + interval '10 years'
FROM generate_series(1, $1::int) i CROSS JOIN (VALUES ('mother'), ('father')) k(kind)
JOIN identity.citizen p ON p.id = md5('haian demo ' || kind || ' ' || (i - (i % 30 = 0)::int))::uuid
JOIN identity.citizen c ON c.id = md5('haian demo child ' || i)::uuid
ON CONFLICT DO NOTHING
"""
SCHOOLS = """
INSERT INTO identity.organisation (id, kind, name, division, demo)
SELECT md5('haian demo school ' || s)::uuid, 'school', '演示第' || s || '小学', d.code, true
FROM generate_series(1, $1::int) s
JOIN (SELECT code, row_number() OVER (ORDER BY code) AS n, count(*) OVER () AS many FROM identity.division
      WHERE level = 'street') d ON d.n = 1 + s % d.many
ON CONFLICT DO NOTHING
"""


def grown_up(born: date, now: datetime) -> datetime:
    """The 18th birthday: what is over then is over for good. Of a 29 February it is 1 March."""
    day, month = (1, 3) if (born.month, born.day) == (2, 29) else (born.day, born.month)
    return now.replace(year=born.year + 18, month=month, day=day)


def number(born: date, order: int) -> str:
    """A synthetic citizen ID number with a right check digit."""
    body = f"370211{born:%Y%m%d}{order:03d}"
    return body + CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


async def load_demo(platform: Platform, size: DemoSize) -> None:
    """Load what is missing; run again, it changes nothing."""
    now = platform.clock.now()
    async with platform.db.writing_as("identity") as connection:
        people: list[Any] = [(demo_id(f"citizen:{a.key}"), a.name, a.phone, BORN[a.key]) for a in ACCOUNTS]
        people += [(demo_id(f"citizen:{key}"), name, None, born) for key, name, born in CHILDREN]
        await connection.executemany(
            """INSERT INTO identity.citizen (id, name, phone, born, community, level, demo, created_at)
               VALUES ($1, $2, $3, $4, $5, 'VERIFIED', true, $6) ON CONFLICT DO NOTHING""",
            [(*person, COMMUNITY, now) for person in people])
        await _numbers(connection, platform, people)
        await _organisations(connection, now)
        await connection.execute(CITIZENS, size.citizens, FAMILY, GIVEN, now)
        await _families(connection, size, now)


async def _numbers(connection: Any, platform: Platform, people: list[Any]) -> None:
    keys = platform.settings
    for order, (citizen, _, _, born) in enumerate(people):
        made = number(born, 100 + order)
        await connection.execute(
            "INSERT INTO identity.citizen_number VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            citizen, seal(made, keys.field_key, citizen.bytes), digest(made, keys.index_key), mask(made))


async def _organisations(connection: Any, now: Any) -> None:
    await connection.executemany(
        """INSERT INTO identity.organisation (id, kind, name, division, demo) VALUES ($1, $2, $3, $4, true)
           ON CONFLICT DO NOTHING""",
        [(demo_id(f"organisation:{key}"), kind, name, division) for key, kind, name, division in ORGANISATIONS])
    await connection.executemany(
        """INSERT INTO identity.membership (citizen_id, organisation_id, role, place, during)
           VALUES ($1, $2, $3, $4, tstzrange($5, NULL)) ON CONFLICT DO NOTHING""",
        [(demo_id(f"citizen:{who}"), demo_id(f"organisation:{where}"), role, place, now - timedelta(days=1))
         for who, where, role, place in POSTS])
    await connection.executemany(
        """INSERT INTO identity.guardianship (guardian_id, child_id, relation, since, until)
           VALUES ($1, $2, 'MOTHER', $3, $4) ON CONFLICT DO NOTHING""",
        [(demo_id("citizen:parent"), demo_id(f"citizen:{key}"), now - timedelta(days=1), grown_up(born, now))
         for key, _, born in CHILDREN])


async def _families(connection: Any, size: DemoSize, now: datetime) -> None:
    """Load what is missing. The demo's own school holds the first 36 classes, `haian demo school` s the next."""
    pupils = size.classes * PUPILS_OF_A_CLASS
    begins = date(now.year - (now.month < 9), 9, 1)
    await connection.execute(SCHOOLS, (size.classes - 1) // CLASSES_OF_A_SCHOOL)
    await connection.execute(PARENTS, pupils, FAMILY, GIVEN, COMMUNITY, now)
    await connection.execute(PUPILS, pupils, FAMILY, GIVEN, now, begins)
    await connection.execute(GUARDIANSHIPS, pupils, now)
