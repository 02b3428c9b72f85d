"""What education offers to others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from education.demo import load_demo
from education.service import erase, tell_due
from haian.reads import Read, sql
from haian.registry import Fact, HomeBlock, Job, MessageType, Providers, SearchSource, Service

NOTICE = "/education/notice?id={id}"


@sql
def unconfirmed() -> Any:
    """SELECT n.id || ':' || a.pupil_id AS id, 'notice' AS kind, n.title, c.name || ' · ' || k.name AS place,
              NULL::timestamptz AS starts_at, n.deadline AS ends_at, '/education/notice?id=' || n.id AS link,
              CASE WHEN n.deadline > {now} THEN 'AWAITED' ELSE 'OVERDUE' END AS state
       FROM haian.guardianship g
       JOIN education.addressee a ON a.child_id = g.child_id AND a.since <= {now} AND {now} < a.until
       JOIN education.notice n ON n.id = a.notice_id AND n.deadline IS NOT NULL AND n.withdrawn_at IS NULL
       JOIN education.class k ON k.id = a.class_id JOIN haian.citizen c ON c.id = a.child_id
       WHERE g.guardian_id = {viewer} AND g.since <= {now} AND {now} < g.until AND n.deadline > {now} - interval '3 days'
         AND NOT EXISTS (SELECT FROM education.confirmation x WHERE x.notice_id = n.id AND x.pupil_id = a.pupil_id)
       ORDER BY n.deadline, n.id, a.pupil_id LIMIT 3"""


@sql
def schools_to_find() -> Any:
    """SELECT 'school' AS kind, o.id::text AS id, o.name AS title, d.name AS detail, '/education/school?id=' || o.id AS link
       FROM haian.organisation o LEFT JOIN haian.division d ON d.code = o.division_code WHERE o.kind = 'school'"""


@sql
def pupil_of(citizen: UUID) -> Any:
    """SELECT o.name FROM haian.guardianship g JOIN education.pupil p ON p.child_id = g.child_id AND p.during @> {now}
       JOIN education.class c ON c.id = p.class_id JOIN haian.organisation o ON o.id = c.school_id
       WHERE g.guardian_id = {citizen} AND g.since <= {now} AND {now} < g.until ORDER BY lower(p.during), o.id LIMIT 1"""


@sql
def enrolments_whole(citizen: UUID) -> Any:
    """SELECT o.name AS school, c.name AS class, lower(p.during) AS since, upper(p.during) AS until FROM education.pupil p
       JOIN education.class c ON c.id = p.class_id JOIN haian.organisation o ON o.id = c.school_id
       WHERE p.child_id = {citizen} ORDER BY lower(p.during)"""


@sql
def confirmations_whole(citizen: UUID) -> Any:
    """SELECT n.title, n.published_at, k.relation, k.confirmed_at FROM education.confirmation k
       JOIN education.notice n ON n.id = k.notice_id WHERE k.confirmed_by = {citizen} ORDER BY k.confirmed_at"""


@sql
def notices_whole(citizen: UUID) -> Any:
    """SELECT c.name AS class, n.title, n.body, n.deadline, n.published_at, n.withdrawn_at, n.reason FROM education.notice n
       JOIN education.class c ON c.id = n.class_id WHERE n.author_id = {citizen} ORDER BY n.published_at"""


def export(citizen: UUID) -> dict[str, Read]:
    """All that education holds about a citizen: as a child, as a guardian, as a teacher."""
    return {"enrolments": enrolments_whole(citizen), "confirmations": confirmations_whole(citizen),
            "notices": notices_whole(citizen)}


def message(event: str, zh: tuple[str, str], en: tuple[str, str], urgent: bool = False) -> MessageType:
    return MessageType(event, {"zh": zh[0], "en": en[0]}, {"zh": zh[1], "en": en[1]}, NOTICE, urgent)


PROVIDERS = Providers(
    home=HomeBlock(unconfirmed),
    search=(SearchSource("school", schools_to_find, popular=True),),
    services=(
        Service("education", {"zh": "人人通", "en": "School notices"}, "/education",
                ("家校通知", "班级通知", "老师", "学校", "回执", "家长")),
        Service("education.teach", {"zh": "我的班级", "en": "My classes"}, "/education/teacher",
                ("班主任", "发通知", "教师")),
    ),
    facts=(Fact("education.pupil_of", {"zh": "孩子就读学校", "en": "My child's school"}, pupil_of),),
    messages=(
        message("education.asked", ("{class}：{title}", "{school}的老师发来通知，请在 {deadline:time} 前确认。"),
                ("{class}: {title}", "{school} asks you to confirm a notice by {deadline:time}."), urgent=True),
        message("education.published", ("{class}：{title}", "{school}的老师发来通知，看过即可。"),
                ("{class}: {title}", "{school} sent a notice; please read it.")),
        message("education.reminded", ("请确认：{title}", "{class}的老师还没有收到您的回执，{deadline:time} 截止。"),
                ("Please confirm: {title}", "The teacher of {class} has no answer from you yet; due {deadline:time}."),
                urgent=True),
        message("education.due", ("今天截止：{title}", "{class}的这条通知 {deadline:time} 截止，还没有为孩子确认。"),
                ("Due today: {title}", "This notice of {class} is due {deadline:time} and not confirmed yet."), urgent=True),
        message("education.withdrawn", ("通知已撤回：{title}", "{class}的老师撤回了这条通知：{reason}"),
                ("Notice withdrawn: {title}", "The teacher of {class} withdrew this notice: {reason}")),
    ),
    jobs=(Job("education.tell_due", 300, tell_due),),
    export=export,
    erase=erase,
    load_demo=load_demo,
)
