"""What education holds about a citizen, for their own file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import RUNNING


@sql
def enrolments(citizen: UUID) -> Any:
    """SELECT p.id, o.name AS school, c.name AS class, lower(p.during) AS since, upper(p.during) AS until
       FROM education.pupil p JOIN education.class c ON c.id = p.class_id JOIN haian.organisation o ON o.id = c.school_id
       WHERE p.child_id = {citizen} ORDER BY lower(p.during)"""


@sql
def confirmed(citizen: UUID) -> Any:
    """SELECT n.title, n.published_at, k.kin AS relation, c.masked_name AS pupil, k.confirmed_at
       FROM education.confirmation k JOIN education.notice n ON n.id = k.notice_id
       JOIN education.pupil p ON p.id = k.pupil_id
       LEFT JOIN haian.citizen c ON c.id = p.child_id WHERE k.confirmed_by = {citizen} ORDER BY k.confirmed_at"""


@sql
def confirmed_for(citizen: UUID) -> Any:
    """SELECT n.title, n.published_at, k.kin AS relation, k.confirmed_at
       FROM education.pupil p JOIN education.confirmation k ON k.pupil_id = p.id
       JOIN education.notice n ON n.id = k.notice_id WHERE p.child_id = {citizen} ORDER BY k.confirmed_at"""


@sql
def teaches(citizen: UUID) -> Any:
    """SELECT o.name AS school, c.name AS class FROM education.class_teacher t JOIN education.class c ON c.id = t.class_id
       JOIN haian.organisation o ON o.id = c.school_id WHERE t.teacher_id = {citizen} ORDER BY o.name, c.name"""


@sql
def notices(citizen: UUID) -> Any:
    """SELECT n.id, c.name AS class, n.title, n.body, n.deadline, n.published_at, n.reminded_at, n.withdrawn_at, n.reason,
              n.demo
       FROM education.notice n JOIN education.class c ON c.id = n.class_id WHERE n.author_id = {citizen}
       ORDER BY n.published_at"""


EXPORT = {"enrolments": enrolments, "confirmations": confirmed, "confirmed_for_me": confirmed_for, "teaches": teaches,
          "notices": notices}
LEAVES_OUT = {"education.class.demo": RUNNING, "education.notice.due_told_at": RUNNING}
