"""What healthcare offers to others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import Read, sql
from haian.registry import Fact, HomeBlock, Job, MessageType, Providers, SearchSource, Service
from healthcare import service
from healthcare.demo import load_demo

LINK = "/healthcare/appointment?id={id}"


@sql
def next_appointments() -> Any:
    """SELECT a.id, 'appointment' AS kind,
              CASE WHEN a.patient_id = {viewer} THEN '' ELSE p.name || ' · ' END || d.name || ' · ' || r.name AS title,
              o.name || ' ' || d.place AS place, a.starts_at, a.ends_at,
              '/healthcare/appointment?id=' || a.id AS link, a.status AS state, a.number
       FROM healthcare.appointment a JOIN healthcare.department d ON d.id = a.department_id
       JOIN healthcare.doctor r ON r.id = a.doctor_id JOIN haian.organisation o ON o.id = a.hospital_id
       JOIN haian.citizen p ON p.id = a.patient_id
       WHERE a.ends_at > {now} AND a.status IN ('booked', 'arrived')
         AND a.patient_id IN (SELECT p FROM healthcare.patients_of({viewer}, {now}) p)
       ORDER BY a.starts_at, a.id LIMIT 6"""


@sql
def hospitals_to_find() -> Any:
    """SELECT 'hospital' AS kind, h.id::text AS id, o.name AS title, h.address AS detail,
              '/healthcare/hospital?id=' || h.id AS link
       FROM healthcare.hospital h JOIN haian.organisation o ON o.id = h.id"""


@sql
def departments_to_find() -> Any:
    """SELECT 'department' AS kind, d.id::text AS id, d.name AS title, o.name AS detail,
              '/healthcare/department?id=' || d.id AS link
       FROM healthcare.department d JOIN haian.organisation o ON o.id = d.hospital_id"""


@sql
def doctors_to_find() -> Any:
    """SELECT 'doctor' AS kind, r.id::text AS id, r.name AS title, o.name || ' ' || d.name || ' ' || r.specialty AS detail,
              '/healthcare/doctor?id=' || r.id AS link
       FROM healthcare.doctor r JOIN healthcare.department d ON d.id = r.department_id
       JOIN haian.organisation o ON o.id = d.hospital_id"""


@sql
def appointment_today(citizen: UUID, hospital: UUID) -> Any:
    """SELECT to_char(a.starts_at AT TIME ZONE 'Asia/Shanghai', 'HH24:MI') || ' ' || d.name AS value
       FROM healthcare.appointment a JOIN healthcare.department d ON d.id = a.department_id
       WHERE a.patient_id = {citizen} AND a.hospital_id = {hospital} AND a.day = ({now} AT TIME ZONE 'Asia/Shanghai')::date
         AND a.status IN ('booked', 'arrived') ORDER BY a.starts_at, a.id LIMIT 1"""


@sql
def my_appointments_whole(citizen: UUID) -> Any:
    """SELECT a.id, o.name AS hospital, d.name AS department, r.name AS doctor, a.starts_at, a.ends_at, a.number,
              a.fee_cents, a.status, a.booked_at, a.cancelled_at, a.reason
       FROM healthcare.appointment a JOIN healthcare.department d ON d.id = a.department_id
       JOIN healthcare.doctor r ON r.id = a.doctor_id JOIN haian.organisation o ON o.id = a.hospital_id
       WHERE a.patient_id = {citizen} ORDER BY a.starts_at, a.id"""


def export(citizen: UUID) -> dict[str, Read]:
    """All that healthcare holds about a citizen."""
    return {"appointments": my_appointments_whole(citizen)}


def message(event: str, zh: tuple[str, str], en: tuple[str, str], urgent: bool = False) -> MessageType:
    return MessageType(event, {"zh": zh[0], "en": en[0]}, {"zh": zh[1], "en": en[1]}, LINK, urgent)


PROVIDERS = Providers(
    home=HomeBlock(next_appointments),
    search=(
        SearchSource("hospital", hospitals_to_find, popular=True),
        SearchSource("department", departments_to_find, popular=True),
        SearchSource("doctor", doctors_to_find),
    ),
    services=(
        Service("healthcare", {"zh": "预约挂号", "en": "See a doctor"}, "/healthcare",
                ("看病", "医院", "挂号", "医生", "门诊")),
        Service("healthcare.mine", {"zh": "我的就诊", "en": "My appointments"}, "/healthcare/mine",
                ("就诊", "预约记录", "取消预约")),
    ),
    facts=(Fact("healthcare.appointment_today", {"zh": "今日就诊预约", "en": "Appointment today"},
                appointment_today, local=True),),
    messages=(
        message("healthcare.booked",
                ("预约成功", "{patient}：{starts_at:time}，{hospital}{department} {doctor}，第 {number} 号。"
                             "请提前 15 分钟到{place}签到。"),
                ("Appointment booked", "{patient}: {starts_at:time}, {hospital}, {department}, Dr {doctor}, "
                                       "number {number}. Please come 15 minutes early to {place}.")),
        message("healthcare.cancelled",
                ("预约已取消", "{patient}：{starts_at:time}，{hospital}{department} {doctor}的预约已取消，号已退回。"),
                ("Appointment cancelled", "{patient}: {starts_at:time}, {hospital}, {department}, Dr {doctor}. "
                                          "The place is free again.")),
        message("healthcare.schedule_closed",
                ("医生停诊，预约已取消", "{patient}：{starts_at:time}，{hospital}{department} {doctor}停诊（{reason}）。"
                                         "很抱歉，请另选时间预约。"),
                ("Doctor away, appointment cancelled",
                 "{patient}: {starts_at:time}, {hospital}, {department}, "
                 "Dr {doctor} is away ({reason}). We are sorry; please book another time."), urgent=True),
        message("healthcare.reminded",
                ("明天就诊", "{patient}：{starts_at:time}，{hospital}{department} {doctor}，第 {number} 号，{place}。"
                             "去不了请尽早取消，把号留给别人。"),
                ("Appointment tomorrow", "{patient}: {starts_at:time}, {hospital}, {department}, Dr {doctor}, "
                                         "number {number}, {place}. If you can't come, please cancel."), urgent=True),
    ),
    hears=dict.fromkeys(("healthcare.booked", "healthcare.cancelled", "healthcare.schedule_closed",
                         "healthcare.schedule_changed"), service.announce),
    jobs=(Job("healthcare.remind", 300, service.remind), Job("healthcare.finish", 600, service.finish)),
    export=export,
    erase=service.erase,
    load_demo=load_demo,
)
