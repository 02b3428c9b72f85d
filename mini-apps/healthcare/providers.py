"""What healthcare offers to others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import (
    LIMITATION,
    THREE_YEARS,
    Desk,
    Fact,
    HomeBlock,
    Job,
    Providers,
    Retention,
    Scope,
    SearchSource,
    Service,
    message,
)
from healthcare import service, store_held
from healthcare.demo import load_demo
from healthcare.models import READ, WRITE

LINK = "/healthcare/appointment?id={id}"


@sql
def next_appointments() -> Any:
    """SELECT a.id, 'appointment' AS kind,
              CASE WHEN a.patient_id = {viewer} THEN ''
                   ELSE (SELECT p.name FROM haian.citizen p WHERE p.id = a.patient_id) || ' · ' END
                  || d.name || ' · ' || r.name AS title,
              o.name || ' ' || d.place AS place, a.starts_at, a.ends_at,
              '/healthcare/appointment?id=' || a.id AS link, a.status AS state, a.number
       FROM healthcare.patients_of({viewer}, {now}) mine JOIN healthcare.appointment a ON a.patient_id = mine
       JOIN healthcare.department d ON d.id = a.department_id
       JOIN healthcare.doctor r ON r.id = a.doctor_id JOIN haian.organisation o ON o.id = a.hospital_id
       WHERE a.ends_at > {now} AND a.status IN ('booked', 'arrived')"""


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


PROVIDERS = Providers(
    desks=(Desk("/healthcare/staff", ("registrar",)),),
    scopes=(
        Scope(READ, {"zh": "看就诊预约", "en": "See appointments"},
              {"zh": "能看到您什么时候、在哪家医院、看哪个科。", "en": "Can see when and where you have an appointment."},
              {"zh": "能看到对方什么时候、在哪家医院、看哪个科。",
               "en": "Can see when and where they have an appointment."}),
        Scope(WRITE, {"zh": "挂号和取消", "en": "Book and cancel"},
              {"zh": "能替您挂号、取消预约，也能看到您的预约。", "en": "Can book, cancel and see your appointments."},
              {"zh": "能替对方挂号、取消预约，也能看到对方的预约。", "en": "Can book, cancel and see their appointments."}),
    ),
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
                                       "number {number}. Please come 15 minutes early to {place}."), LINK),
        message("healthcare.cancelled",
                ("预约已取消", "{patient}：{starts_at:time}，{hospital}{department} {doctor}的预约已取消，号已退回。"),
                ("Appointment cancelled", "{patient}: {starts_at:time}, {hospital}, {department}, Dr {doctor}. "
                                          "The place is free again."), LINK),
        message("healthcare.schedule_closed",
                ("医生停诊，预约已取消", "{patient}：{starts_at:time}，{hospital}{department} {doctor}停诊（{reason}）。"
                                         "很抱歉，请另选时间预约。"),
                ("Doctor away, appointment cancelled",
                 "{patient}: {starts_at:time}, {hospital}, {department}, "
                 "Dr {doctor} is away ({reason}). We are sorry; please book another time."), LINK, urgent=True),
        message("healthcare.reminded",
                ("明天就诊", "{patient}：{starts_at:time}，{hospital}{department} {doctor}，第 {number} 号，{place}。"
                             "去不了请尽早取消，把号留给别人。"),
                ("Appointment tomorrow", "{patient}: {starts_at:time}, {hospital}, {department}, Dr {doctor}, "
                                         "number {number}, {place}. If you can't come, please cancel."), LINK, urgent=True),
    ),
    hears=dict.fromkeys(("healthcare.booked", "healthcare.cancelled", "healthcare.schedule_closed",
                         "healthcare.schedule_changed"), service.announce),
    jobs=(Job("healthcare.remind", 300, service.remind), Job("healthcare.finish", 600, service.finish)),
    export=store_held.EXPORT,
    leaves_out=store_held.LEAVES_OUT,
    not_held=store_held.NOT_HELD,
    erase=service.erase,
    load_demo=load_demo,
    retains=(
        Retention({"zh": "预约挂号：就诊时间以后", "en": "Appointments: after their time"}, LIMITATION, THREE_YEARS,
                  "healthcare.appointment",
                  "SELECT id FROM healthcare.appointment WHERE ends_at < $1 ORDER BY ends_at LIMIT $2"),
    ),
)
