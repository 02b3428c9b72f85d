"""演示数据: citizens and organisations. All persons are synthetic.

Ids tell a child's place: the pupils of class `k` (from 0) are `haian demo child` 30k + 1 to 30k + 30; the last two of a class
are of one family. Mini-apps that know classes rely on that.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from haian.call import Platform
from haian.demo import ACCOUNTS, DemoSize, demo_id
from identity.numbers import CHECKS, WEIGHTS, FieldKeys, index, mask, seal

COMMUNITY = "370211005001"
BORN = {
    "resident": date(1988, 5, 12), "elder": date(1954, 3, 8), "parent": date(1990, 9, 21), "teacher": date(1986, 1, 30),
    "guard": date(1971, 11, 2), "registrar": date(1993, 7, 15), "developer": date(1996, 4, 4), "clerk": date(1979, 12, 19),
    "editor": date(1984, 6, 6), "desk": date(1981, 10, 3), "manager": date(1975, 3, 27), "grandson": date(2001, 8, 15),
    "verifier": date(1983, 2, 19),
    "child": date(2017, 6, 1),
}
CHILDREN = (("toddler", "张小贝", date(2022, 2, 14)),)
ORGANISATIONS = (
    ("district", "district", "青岛西海岸新区管委会（演示）", "370211"),
    ("desk", "community", "演示社区便民服务中心", COMMUNITY),
    ("property", "property", "海岸物业服务中心（演示）", COMMUNITY),
    ("hospital", "hospital", "演示第一医院", "370211005"),
    ("hospital-2", "hospital", "演示第二医院", "370211007"),
    ("hospital-3", "hospital", "演示中医医院", "370211009"),
    ("hospital-4", "hospital", "演示社区卫生服务中心", "370211003"),
    ("school", "school", "演示实验小学", "370211005"),
    ("studio", "developer", "海风小程序工作室（演示）", "370211"),
    ("hall", "hall", "演示政务服务大厅", "370211"),
    ("library", "library", "演示图书馆", "370211"),
    ("transit", "transit", "演示公交公司", "370211"),
    ("attraction", "attraction", "演示海滨景区", "370211"),
)
NUMBERED = 13
"""Accounts whose numbers come before those of the children; who came later has a later one."""
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
SCHOOLS = """
INSERT INTO identity.organisation (id, kind, name, division, demo)
SELECT md5('haian demo school ' || s)::uuid, 'school', '演示第' || s || '小学', d.code, true
FROM generate_series(1, $1::int) s
JOIN (SELECT code, row_number() OVER (ORDER BY code) AS n, count(*) OVER () AS many FROM identity.division
      WHERE level = 'street') d ON d.n = 1 + s % d.many
ON CONFLICT DO NOTHING
"""


def number(born: date, order: int) -> str:
    """A synthetic citizen ID number with a right check digit."""
    body = f"370211{born:%Y%m%d}{order:03d}"
    return body + CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def samples(chance: int) -> list[dict[str, str]]:
    """Names and numbers to be real-named with, and what the demo's verifier does with each. Those that it agrees
    to are others for every `chance`, else only one visitor could have them."""
    born = date(1960, 1, 1) + timedelta(days=chance % 14_000)
    free = number(born, 200 + chance // 14_000 % 700)
    found = (("陈小北", free, "通过", "agrees"), ("陈小北", number(date(1990, 1, 1), 901), "不一致", "disagrees"),
             ("陈小北", number(born, 902), "很慢", "slow"), ("陈小北", number(date(1990, 1, 1), 903), "没有回应", "down"),
             (ACCOUNTS[0].name, number(BORN[ACCOUNTS[0].key], 100), "已被别人实名", "taken"))
    return [{"name": name, "number": made, "zh": zh, "en": en} for name, made, zh, en in found]


def children(chance: int) -> list[dict[str, str]]:
    """Children whom a parent may add, and what the demo's register of households and births does with each."""
    born = date(2012, 1, 1) + timedelta(days=chance % 4_000)
    found = (("陈小舟", number(born, 200 + chance // 4_000 % 700), "通过", "agrees"),
             ("陈小舟", number(born, 901), "查不到关系", "disagrees"), ("陈小舟", number(born, 902), "很慢", "slow"),
             ("陈小舟", number(born, 903), "没有回应", "down"),
             ("张小贝", number(date(2022, 2, 14), 100 + NUMBERED), "已有父母", "has parents"),
             ("陈小贝", number(date(2022, 2, 14), 100 + NUMBERED), "姓名对不上", "another name"))
    return [{"name": name, "number": made, "zh": zh, "en": en} for name, made, zh, en in found]


async def load_demo(platform: Platform, size: DemoSize) -> None:
    """Load what is missing; run again, it changes nothing."""
    now = platform.clock.now()
    async with platform.db.writing_as("identity") as connection:
        people: list[Any] = [(demo_id(f"citizen:{a.key}"), a.name, a.phone, BORN[a.key]) for a in ACCOUNTS]
        people[NUMBERED:NUMBERED] = [(demo_id(f"citizen:{key}"), name, None, born) for key, name, born in CHILDREN]
        await connection.executemany(
            """INSERT INTO identity.citizen (id, name, phone, born, community, level, demo, created_at)
               VALUES ($1, $2, $3, $4, $5, 'VERIFIED', true, $6) ON CONFLICT DO NOTHING""",
            [(*person, COMMUNITY, now) for person in people])
        await _numbers(connection, platform, people)
        await _organisations(connection)
        await connection.execute(CITIZENS, size.citizens, FAMILY, GIVEN, now)
        await _families(connection, size, now)


async def _numbers(connection: Any, platform: Platform, people: list[Any]) -> None:
    keys = platform.settings
    for order, (citizen, _, _, born) in enumerate(people):
        made = number(born, 100 + order)
        await connection.execute(
            "SELECT identity.add_number($1, $2, $3, $4)",
            citizen, seal(made, FieldKeys.of(keys), citizen.bytes), index(made, keys), mask(made))


async def _organisations(connection: Any) -> None:
    await connection.executemany(
        """INSERT INTO identity.organisation (id, kind, name, division, demo) VALUES ($1, $2, $3, $4, true)
           ON CONFLICT DO NOTHING""",
        [(demo_id(f"organisation:{key}"), kind, name, division) for key, kind, name, division in ORGANISATIONS])


async def _families(connection: Any, size: DemoSize, now: datetime) -> None:
    """Load what is missing. The demo's own school holds the first 36 classes, `haian demo school` s the next."""
    pupils = size.classes * PUPILS_OF_A_CLASS
    begins = date(now.year - (now.month < 9), 9, 1)
    await connection.execute(SCHOOLS, (size.classes - 1) // CLASSES_OF_A_SCHOOL)
    await connection.execute(PARENTS, pupils, FAMILY, GIVEN, COMMUNITY, now)
    await connection.execute(PUPILS, pupils, FAMILY, GIVEN, now, begins)
