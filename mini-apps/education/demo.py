"""演示数据: the classes of the demo's school, their synthetic pupils, and notices of the last days, rolled forward."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from haian.call import Platform
from haian.demo import DemoSize, demo_id

MAIN, SECOND = 9, 3  # 四年级2班 and 四年级1班: the demo teacher's own
CLASSES = """
INSERT INTO education.class (id, school_id, name, demo)
SELECT md5('haian demo class ' || k)::uuid, CASE WHEN k < 36 THEN $2 ELSE md5('haian demo school ' || k / 36)::uuid END,
       substr('一二三四五六', 1 + k % 6, 1) || '年级' || (k % 36) / 6 + 1 || '班', true
FROM generate_series(0, $1::int - 1) k
ON CONFLICT DO NOTHING
"""
PUPILS = """
INSERT INTO education.pupil (id, class_id, child_id, during)
SELECT md5('haian demo pupil ' || i)::uuid, md5('haian demo class ' || (i - 1) / 30)::uuid, md5('haian demo child ' || i)::uuid,
       tstzrange($2::timestamptz - interval '500 days', NULL)
FROM generate_series(1, $1::int * 30) i
WHERE NOT EXISTS (SELECT FROM education.pupil WHERE id = md5('haian demo pupil ' || i)::uuid)
"""
NOTICE = """
INSERT INTO education.notice (id, class_id, author_id, title, body, deadline, published_at, withdrawn_at, reason, demo)
VALUES ($1, md5('haian demo class ' || $2::int)::uuid, $3, $4, $5, $6, $7, $8, $9, true)
ON CONFLICT (id) DO UPDATE SET deadline = excluded.deadline, published_at = excluded.published_at, reminded_at = NULL,
    due_told_at = NULL, withdrawn_at = excluded.withdrawn_at, reason = excluded.reason
WHERE notice.published_at <> excluded.published_at RETURNING id
"""
CONFIRMED = """
INSERT INTO education.confirmation (notice_id, pupil_id, confirmed_by, kin, confirmed_at)
SELECT a.notice_id, a.pupil_id, g.guardian_id, g.relation,
       n.published_at + (20 + abs(hashtext(a.pupil_id::text)) % 270) * interval '1 minute'
FROM education.notice n JOIN education.addressee a ON a.notice_id = n.id
JOIN LATERAL (SELECT guardian_id, relation FROM haian.guardianship WHERE child_id = a.child_id
              ORDER BY (relation = 'MOTHER') = (hashtext(a.pupil_id::text) % 3 <> 0) DESC LIMIT 1) g ON true
WHERE n.id = ANY ($1) AND n.deadline IS NOT NULL AND g.guardian_id <> $3
  AND abs(hashtext(a.pupil_id::text || n.id::text)) % 100 < $2
ON CONFLICT DO NOTHING
"""
MANY = """
INSERT INTO education.notice (id, class_id, author_id, title, body, deadline, published_at, demo)
SELECT md5('haian demo notice ' || i)::uuid, md5('haian demo class ' || i % $2)::uuid, $3,
       (ARRAY['本周学习安排', '秋季运动会报名', '校服尺码确认', '家长开放日', '课后服务选课', '体检通知'])[1 + i % 6],
       '请各位家长了解本周安排，有问题请与班主任联系。',
       CASE WHEN i % 2 = 0 THEN at + interval '3 days' END, at, true
FROM (SELECT i, $4::timestamptz - (1 + i / $2) * interval '1 day' + (i % 9) * interval '1 hour' AS at
      FROM generate_series(1, $1::int) i) n
WHERE i % $2 NOT IN ($5, $6)
ON CONFLICT (id) DO UPDATE SET deadline = excluded.deadline, published_at = excluded.published_at
    WHERE notice.published_at <> excluded.published_at
"""
MANY_CONFIRMED = """
INSERT INTO education.confirmation (notice_id, pupil_id, confirmed_by, kin, confirmed_at)
SELECT n.id, p.id, md5('haian demo mother ' || (i - (i % 30 = 0)::int))::uuid, 'MOTHER', n.published_at + interval '5 hours'
FROM generate_series(1, $1::int * 30) i
JOIN education.pupil p ON p.id = md5('haian demo pupil ' || i)::uuid
JOIN education.notice n ON n.class_id = p.class_id AND n.deadline IS NOT NULL AND n.demo AND n.author_id = $3
WHERE (i - 1) / 30 <> ALL ($2) AND n.published_at > $4 AND (i + extract(day FROM n.published_at)) % 10 < 8
ON CONFLICT DO NOTHING
"""
SHARE_CONFIRMED = 70
WORDS = (
    # (class, days ago, hours of that day, days until the deadline, title, body, withdrawn for)
    (MAIN, 1, 17.5, 2, "周五研学活动：海洋馆", "各位家长：\n\n本周五组织学生到海洋馆研学，8:00 校门口集合，16:30 返校。请为孩子准备水和午餐，穿校服、运动鞋。\n\n同意参加请点“确认”；因身体原因不能参加的，请直接联系班主任。", None),
    (MAIN, 2, 12, None, "冬季作息时间调整", "下周一起执行冬季作息：早 8:00 到校，下午 16:10 放学，课后服务到 17:40。看过即可，不用回复。", None),
    (MAIN, 3, 16, 3, "流感疫苗接种意愿登记", "社区卫生服务中心下周到校接种流感疫苗，自愿参加。愿意接种请点“确认”，接种当天请带预防接种证。", None),
    (MAIN, 6, 15, 4, "期中家长会", "家长会在本班教室举行，每个孩子来一位家长即可。", None),
    (MAIN, 8, 10, 6, "校服尺码统计", "请确认孩子的校服尺码。", "供应商更换了尺码表，另行通知。"),
    (SECOND, 1, 16, 2, "周五研学活动：海洋馆", "各位家长：\n\n本周五组织学生到海洋馆研学，8:00 校门口集合，16:30 返校。同意参加请点“确认”。", None),
    (SECOND, 4, 9, None, "阅读月书目", "本月共读书目已放在班级图书角，每人一本，看完交换。看过即可。", None),
)


async def load_demo(platform: Platform, size: DemoSize) -> None:
    """Load what is missing. On a new day the notices move on with it, and their confirmations begin anew."""
    now, today, teacher = platform.clock.now(), platform.clock.today(), demo_id("citizen:teacher")
    async with platform.db.writing_as("education") as connection:
        await connection.execute(CLASSES, size.classes, demo_id("organisation:school"))
        await connection.execute("INSERT INTO education.class_teacher SELECT md5('haian demo class ' || k)::uuid, $1 "
                                 "FROM unnest($2::int[]) k ON CONFLICT DO NOTHING", teacher, [MAIN, SECOND])
        await connection.execute(PUPILS, size.classes, now)
        await _demo_child(connection, now)
        await _notices(connection, today, teacher)
        author, own = demo_id("citizen:resident"), [MAIN, SECOND]
        await connection.execute(MANY, size.notices, size.classes, author, today, *own)
        await connection.execute(MANY_CONFIRMED, size.classes, own, author, now - timedelta(days=14))


async def _demo_child(connection: Any, now: datetime) -> None:
    """The demo parent's child is the 31st of the main class."""
    await connection.execute(
        """INSERT INTO education.pupil (id, class_id, child_id, during)
           SELECT $1, md5('haian demo class ' || $2::int)::uuid, $3, tstzrange($4, NULL)
           WHERE NOT EXISTS (SELECT FROM education.pupil WHERE id = $1)""",
        demo_id("pupil:child"), MAIN, demo_id("citizen:child"), now - timedelta(days=500))


async def _notices(connection: Any, today: datetime, teacher: Any) -> None:
    fresh = []
    for order, (class_, days, hours, deadline, title, body, reason) in enumerate(WORDS):
        at = today - timedelta(days=days) + timedelta(hours=hours)
        due = today + timedelta(days=deadline - days, hours=20) if deadline else None
        withdrawn = at + timedelta(hours=20) if reason else None
        fresh += await connection.fetch(NOTICE, demo_id(f"notice:{order}"), class_, teacher, title, body, due, at, withdrawn, reason)
    moved = [row["id"] for row in fresh]
    await connection.execute("DELETE FROM education.confirmation WHERE notice_id = ANY ($1)", moved)
    await connection.execute(CONFIRMED, moved, SHARE_CONFIRMED, demo_id("citizen:parent"))
