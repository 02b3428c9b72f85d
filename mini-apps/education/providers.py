"""What education offers to others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from education import store_held
from education.demo import load_demo
from education.models import READ, WRITE
from education.service import erase, tell_due
from haian.reads import sql
from haian.registry import Desk, Fact, HomeBlock, Job, Providers, Scope, SearchSource, Service, message

NOTICE = "/education/notice?id={id}"


# `published_at` is compared with a range: for two times the planner walks all that the class ever had (`notice_class`), not
# what is awaited (`notice_awaited`).
@sql
def unconfirmed() -> Any:
    """SELECT n.id || ':' || p.id AS id, 'notice' AS kind, n.title,
              c.name || ' · ' || (SELECT k.name FROM education.class k WHERE k.id = p.class_id) AS place,
              NULL::timestamptz AS starts_at, n.deadline AS ends_at, '/education/notice?id=' || n.id AS link,
              CASE WHEN n.deadline > {now} THEN 'AWAITED' ELSE 'OVERDUE' END AS state
       FROM education.children_of({viewer}, {viewer}, {now}, 'education.notices.write') g
       JOIN haian.citizen c ON c.id = g.child_id
       JOIN education.pupil p ON p.child_id = g.child_id AND lower(p.during) <= {now}
            AND {now} < coalesce(upper(p.during), 'infinity')
       JOIN education.notice n ON n.class_id = p.class_id AND n.deadline IS NOT NULL AND n.withdrawn_at IS NULL
            AND p.during @> n.published_at
       WHERE n.deadline > {now} - interval '3 days'
         AND NOT EXISTS (SELECT FROM education.confirmation x WHERE x.notice_id = n.id AND x.pupil_id = p.id)
       ORDER BY n.deadline, n.id, p.id LIMIT 3"""


@sql
def schools_to_find() -> Any:
    """SELECT 'school' AS kind, o.id::text AS id, o.name AS title, d.name AS detail, '/education/school?id=' || o.id AS link
       FROM haian.organisation o LEFT JOIN haian.division d ON d.code = o.division_code WHERE o.kind = 'school'"""


@sql
def pupil_of(citizen: UUID) -> Any:
    """SELECT o.name FROM education.children_of({citizen}, {citizen}, {now}, 'education.notices.read') g
       JOIN education.pupil p ON p.child_id = g.child_id AND p.during @> {now}
       JOIN education.class c ON c.id = p.class_id JOIN haian.organisation o ON o.id = c.school_id
       ORDER BY lower(p.during), o.id LIMIT 1"""


@sql
def pupil_here(citizen: UUID, school: UUID) -> Any:
    """SELECT c.name FROM education.pupil p JOIN education.class c ON c.id = p.class_id AND c.school_id = {school}
       WHERE p.child_id = {citizen} AND p.during @> {now}"""


# Nobody whom custody limits in anything of the school: the guard asks the teacher.
@sql
def fetches(citizen: UUID, school: UUID) -> Any:
    """SELECT string_agg(c.name || ' ' || k.masked_name, '、' ORDER BY c.name, k.id) FROM haian.guardianship g
       JOIN education.pupil p ON p.child_id = g.child_id AND p.during @> {now}
       JOIN education.class c ON c.id = p.class_id AND c.school_id = {school}
       JOIN haian.citizen k ON k.id = g.child_id
       WHERE g.guardian_id = {citizen} AND g.since <= {now} AND {now} < g.until
         AND NOT EXISTS (SELECT FROM unnest(g.limits) l WHERE l = 'education' OR starts_with(l, 'education.'))"""


PROVIDERS = Providers(
    desks=(Desk("/education/teacher", ("teacher",)),),
    home=HomeBlock(unconfirmed),
    search=(SearchSource("school", schools_to_find, popular=True),),
    services=(
        Service("education", {"zh": "人人通", "en": "School notices"}, "/education",
                ("家校通知", "班级通知", "老师", "学校", "回执", "家长")),
        Service("education.teach", {"zh": "我的班级", "en": "My classes"}, "/education/teacher",
                ("班主任", "发通知", "教师")),
    ),
    scopes=(
        Scope(READ, {"zh": "看学校通知", "en": "See school notices"},
              {"zh": "能看到您孩子的班级通知，和谁确认过。",
               "en": "Can see the notices of your children's classes, and who confirmed."},
              {"zh": "能看到对方孩子的班级通知，和谁确认过。",
               "en": "Can see the notices of their children's classes, and who confirmed."}, people_only=True),
        Scope(WRITE, {"zh": "确认学校通知", "en": "Confirm school notices"},
              {"zh": "能替您确认孩子的班级通知，也能看到通知。",
               "en": "Can confirm notices of your children's classes for you, and see them."},
              {"zh": "能替对方确认孩子的班级通知，也能看到通知。",
               "en": "Can confirm notices of their children's classes for them, and see these."}, people_only=True),
    ),
    facts=(Fact("education.pupil_of", {"zh": "孩子就读学校", "en": "My child's school"}, pupil_of),
           Fact("education.pupil_here", {"zh": "本校学生", "en": "Pupil here"}, pupil_here, local=True),
           Fact("education.fetches", {"zh": "可以接走的孩子", "en": "May fetch"}, fetches, local=True)),
    messages=(
        message("education.asked", ("{class}：{title}", "{school}的老师发来通知，请在 {deadline:time} 前确认。"),
                ("{class}: {title}", "{school} asks you to confirm a notice by {deadline:time}."), NOTICE, urgent=True),
        message("education.published", ("{class}：{title}", "{school}的老师发来通知，看过即可。"),
                ("{class}: {title}", "{school} sent a notice; please read it."), NOTICE),
        message("education.reminded", ("请确认：{title}", "{class}的老师还没有收到您的回执，{deadline:time} 截止。"),
                ("Please confirm: {title}", "The teacher of {class} has no answer from you yet; due {deadline:time}."),
                NOTICE, urgent=True),
        message("education.due", ("今天截止：{title}", "{class}的这条通知 {deadline:time} 截止，还没有为孩子确认。"),
                ("Due today: {title}", "This notice of {class} is due {deadline:time} and not confirmed yet."), NOTICE,
                urgent=True),
        message("education.withdrawn", ("通知已撤回：{title}", "{class}的老师撤回了这条通知：{reason}"),
                ("Notice withdrawn: {title}", "The teacher of {class} withdrew this notice: {reason}"), NOTICE),
    ),
    jobs=(Job("education.tell_due", 300, tell_due),),
    export=store_held.EXPORT,
    leaves_out=store_held.LEAVES_OUT,
    erase=erase,
    load_demo=load_demo,
)
