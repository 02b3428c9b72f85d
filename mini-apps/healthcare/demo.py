"""演示数据: four hospitals that say in their names that they are none, their doctors, and 14 days of slots from today on.

Ids are hashes of what the rows say, so that every start adds the days that are missing and changes nothing else.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from haian.call import Platform
from haian.demo import DemoSize, demo_id

DAYS = 14
HOSPITALS = (
    ("hospital", "演示第一医院", "TERTIARY", "长江路街道示例路 1 号", "0532-00000001",
     ("心血管内科", "儿科", "骨科", "眼科", "口腔科", "妇产科", "呼吸内科")),
    ("hospital-2", "演示第二医院", "TERTIARY", "灵山卫街道示例路 2 号", "0532-00000002",
     ("儿科", "神经内科", "普通外科", "耳鼻喉科", "皮肤科", "内分泌科")),
    ("hospital-3", "演示中医医院", "SECONDARY", "珠海街道示例路 3 号", "0532-00000003",
     ("中医内科", "针灸推拿科", "康复科", "儿科")),
    ("hospital-4", "演示社区卫生服务中心", "COMMUNITY", "薛家岛街道示例路 4 号", "0532-00000004",
     ("全科医学科", "预防保健科", "口腔科")),
)
SPECIALTIES = {
    "心血管内科": "高血压、冠心病、心律失常", "儿科": "儿童发热、咳嗽、生长发育", "骨科": "腰腿痛、关节炎、骨折",
    "眼科": "白内障、青少年近视、干眼", "口腔科": "补牙、拔牙、假牙修复", "妇产科": "产前检查、妇科炎症", "呼吸内科": "慢阻肺、哮喘、肺部感染",
    "神经内科": "头痛、失眠、脑卒中康复", "普通外科": "疝气、胆囊疾病、甲状腺", "耳鼻喉科": "中耳炎、鼻炎、听力下降", "皮肤科": "湿疹、痤疮、带状疱疹",
    "内分泌科": "糖尿病、甲状腺疾病", "中医内科": "脾胃调理、慢性咳嗽", "针灸推拿科": "颈肩腰腿痛、面瘫", "康复科": "卒中后康复、运动损伤",
    "全科医学科": "常见病、慢病随访、开药", "预防保健科": "疫苗接种、老年人体检",
}
TITLES = ("CHIEF", "ASSOCIATE_CHIEF", "ATTENDING")
FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗宋郑谢韩唐冯于董萧程"
GIVEN = ("建国", "志远", "海波", "文静", "秀英", "丽华", "晓东", "思远", "雨桐", "子涵", "明辉", "佳怡", "国庆", "春梅", "立新",
         "玉兰", "俊杰", "梦琪", "永强", "慧敏")

# Half a day of 3 hours is 6 slots of 5 people. Each doctor sits on about six half days of the 14, a third of them on the weekend.
SCHEDULES = """
INSERT INTO healthcare.schedule (id, doctor_id, department_id, hospital_id, starts_at, ends_at, fee_cents)
SELECT md5('haian demo schedule ' || r.id || at)::uuid, r.id, r.department_id, d.hospital_id, at, at + interval '3 hours',
       CASE r.title WHEN 'CHIEF' THEN 3000 WHEN 'ASSOCIATE_CHIEF' THEN 2000 ELSE 1000 END
FROM healthcare.doctor r JOIN healthcare.department d ON d.id = r.department_id
CROSS JOIN generate_series(0, $2::int - 1) n CROSS JOIN (VALUES (0, time '08:30'), (1, time '13:30')) half(of_day, hour)
CROSS JOIN LATERAL (SELECT ($1::date + n + hour) AT TIME ZONE 'Asia/Shanghai' AS at) moment
WHERE r.demo AND ((('x' || left(md5(r.id::text), 6))::bit(24)::int + ($1::date - date '2026-01-01' + n) * 2 + of_day)
                  % CASE WHEN extract(isodow FROM $1::date + n) < 6 THEN 4 ELSE 8 END) = 0
ON CONFLICT DO NOTHING
"""
SLOTS = """
INSERT INTO healthcare.slot (id, schedule_id, doctor_id, department_id, starts_at, ends_at, fee_cents, first_number, capacity,
                             remaining, open)
SELECT md5('haian demo slot ' || c.id || part)::uuid, c.id, c.doctor_id, c.department_id,
       c.starts_at + part * interval '30 minutes', c.starts_at + (part + 1) * interval '30 minutes', c.fee_cents, part * 5 + 1,
       5, 5, c.closed_at IS NULL
FROM healthcare.schedule c JOIN healthcare.doctor r ON r.id = c.doctor_id AND r.demo
CROSS JOIN generate_series(0, 5) part
WHERE c.day >= $1 AND NOT EXISTS (SELECT FROM healthcare.slot s WHERE s.schedule_id = c.id)
ON CONFLICT DO NOTHING RETURNING id
"""
# Other people's appointments in slots that were just made: 余号 differs, and the desk has somebody to see.
OTHERS = """
WITH made AS (
    INSERT INTO healthcare.appointment (slot_id, schedule_id, doctor_id, department_id, hospital_id, patient_id, booked_by,
                                        starts_at, ends_at, fee_cents, number, booked_at)
    SELECT s.id, s.schedule_id, s.doctor_id, s.department_id, d.hospital_id, p.id, p.id, s.starts_at, s.ends_at, s.fee_cents,
           s.first_number + seat, $2
    FROM healthcare.slot s JOIN healthcare.department d ON d.id = s.department_id
    CROSS JOIN LATERAL (SELECT ('x' || left(md5(s.id::text), 6))::bit(24)::int AS mix) m
    CROSS JOIN LATERAL generate_series(0, CASE WHEN mix % 9 = 0 THEN 4 ELSE mix % 4 - 1 END) seat
    JOIN haian.citizen p ON p.id = md5('haian demo citizen ' || 1 + (mix + seat * 7919) % $3::int)::uuid
    WHERE s.id = ANY($1::uuid[])
    ON CONFLICT DO NOTHING RETURNING slot_id)
UPDATE healthcare.slot s SET remaining = remaining - n
FROM (SELECT slot_id, count(*) AS n FROM made GROUP BY slot_id) taken WHERE s.id = slot_id
"""
MINE = """
WITH chosen AS (
    SELECT s.*, d.hospital_id FROM healthcare.slot s JOIN healthcare.department d ON d.id = s.department_id
    WHERE d.id = $2 AND s.day >= $3 AND s.remaining > 0 AND NOT EXISTS (
        SELECT FROM healthcare.appointment a WHERE a.patient_id = $1 AND a.department_id = $2 AND a.starts_at >= $4)
    ORDER BY s.starts_at, s.id LIMIT 1),
made AS (
    INSERT INTO healthcare.appointment (slot_id, schedule_id, doctor_id, department_id, hospital_id, patient_id, booked_by,
                                        starts_at, ends_at, fee_cents, number, booked_at)
    SELECT id, schedule_id, doctor_id, department_id, hospital_id, $1, $1, starts_at, ends_at, fee_cents,
           (SELECT min(n) FROM generate_series(first_number, first_number + capacity - 1) n WHERE NOT EXISTS (
                SELECT FROM healthcare.appointment a
                WHERE a.schedule_id = chosen.schedule_id AND a.number = n AND a.status <> 'cancelled')), $4
    FROM chosen ON CONFLICT DO NOTHING RETURNING slot_id)
UPDATE healthcare.slot s SET remaining = remaining - 1 FROM made WHERE s.id = slot_id
"""


async def load_demo(platform: Platform, size: DemoSize) -> None:
    """Load what is missing, up to 14 days from today."""
    now, today = platform.clock.now(), platform.clock.today().date()
    async with platform.db.writing_as("healthcare") as connection:
        await connection.execute("SET LOCAL statement_timeout = '5min'")
        await _hospitals(connection)
        await _doctors(connection, size.doctors)
        await connection.execute(SCHEDULES, today, DAYS)
        made = [row["id"] for row in await connection.fetch(SLOTS, today)]
        await connection.execute(OTHERS, made, now, size.citizens)
        await _mine(connection, today, now)


def department_id(hospital: str, name: str) -> UUID:
    return demo_id(f"department:{hospital}:{name}")


def pinyin(text: str) -> str:
    from pypinyin import lazy_pinyin  # 50 MB that a web process does not need

    return " ".join(lazy_pinyin(text))


async def _hospitals(connection: Any) -> None:
    await connection.executemany(
        "INSERT INTO healthcare.hospital (id, grade, address, phone, pinyin) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        [(demo_id(f"organisation:{key}"), grade, address, phone, f"{order} {pinyin(name)}")
         for order, (key, name, grade, address, phone, _) in enumerate(HOSPITALS)])
    await connection.executemany(
        """INSERT INTO healthcare.department (id, hospital_id, name, place, pinyin) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING""",
        [(department_id(key, name), demo_id(f"organisation:{key}"), name,
          f"门诊楼 {1 + order // 2} 层 {'AB'[order % 2]} 区", pinyin(name))
         for key, *_, names in HOSPITALS for order, name in enumerate(names)])


async def _doctors(connection: Any, many: int) -> None:
    """The doctors, dealt to the departments in turn: the first three of each are a chief, an associate and an attending."""
    deal = random.Random(370211)  # noqa: S311
    departments = [(department_id(key, name), name) for key, *_, names in HOSPITALS for name in names]
    rows = []
    for i in range(many):
        name = deal.choice(FAMILY) + deal.choice(GIVEN)
        department, field = departments[i % len(departments)]
        title = TITLES[i // len(departments) % len(TITLES)]
        rows.append((demo_id(f"doctor:{i}"), department, name, title, SPECIALTIES[field], pinyin(name)))
    await connection.execute(
        """INSERT INTO healthcare.doctor (id, department_id, name, title, specialty, pinyin, demo)
           SELECT *, true FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
           ON CONFLICT DO NOTHING""", *(list(column) for column in zip(*rows, strict=True)))


async def _mine(connection: Any, today: date, now: Any) -> None:
    """The demo resident has something to come."""
    await connection.execute(MINE, demo_id("citizen:resident"), department_id("hospital", "口腔科"), today + timedelta(days=2), now)
