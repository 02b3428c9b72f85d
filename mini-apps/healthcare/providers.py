"""What healthcare offers to others."""

from __future__ import annotations

from uuid import UUID

from haian.reads import Read
from haian.registry import Fact, HomeBlock, Job, MessageType, Providers, SearchSource, Service
from healthcare import service, store
from healthcare.demo import load_demo

LINK = "/healthcare/appointment?id={id}"


def _export(citizen: UUID) -> dict[str, Read]:
    return {"appointments": store.all_of(citizen)}


PROVIDERS = Providers(
    home=HomeBlock(store.home),
    search=(
        SearchSource("hospital", store.hospitals_to_find),
        SearchSource("department", store.departments_to_find),
        SearchSource("doctor", store.doctors_to_find),
    ),
    messages=(
        MessageType("healthcare.booked", {"zh": "预约成功", "en": "Appointment booked"},
                    {"zh": "{patient}：{hospital} {department} {doctor}，{starts_at:time}，第 {number} 号。请提前 15 分钟到{place}签到。",
                     "en": "{patient}: {hospital}, {department}, Dr {doctor}, {starts_at:time}, number {number}. "
                           "Please come 15 minutes early to {place}."}, LINK),
        MessageType("healthcare.cancelled", {"zh": "预约已取消", "en": "Appointment cancelled"},
                    {"zh": "{patient}：{hospital} {department} {doctor}，{starts_at:time} 的预约已取消，号已退回。",
                     "en": "{patient}: the appointment at {hospital}, {department}, Dr {doctor}, {starts_at:time} was cancelled."},
                    LINK),
        MessageType("healthcare.schedule_closed", {"zh": "医生停诊，预约已取消", "en": "Doctor away, appointment cancelled"},
                    {"zh": "{patient}：{hospital} {department} {doctor} {starts_at:time} 停诊（{reason}）。很抱歉，请另选时间预约。",
                     "en": "{patient}: Dr {doctor} ({hospital}, {department}) is away on {starts_at:time} ({reason}). "
                           "We are sorry; please book another time."}, LINK, urgent=True),
        MessageType("healthcare.reminded", {"zh": "明天就诊提醒", "en": "Appointment tomorrow"},
                    {"zh": "{patient}：{starts_at:time}，{hospital} {department} {doctor}，第 {number} 号，{place}。不能前往请及时取消。",
                     "en": "{patient}: {starts_at:time}, {hospital}, {department}, Dr {doctor}, number {number}, {place}. "
                           "If you can't come, please cancel."}, LINK, urgent=True),
    ),
    facts=(Fact("healthcare.appointment_today", {"zh": "今日就诊预约", "en": "Appointment today"}, store.appointment_today),),
    jobs=(Job("healthcare.remind", 300, service.remind), Job("healthcare.finish", 600, service.finish)),
    services=(
        Service("healthcare", {"zh": "预约挂号", "en": "Book a doctor"}, "/healthcare", ("看病", "医院", "挂号", "医生", "门诊")),
        Service("healthcare.mine", {"zh": "我的就诊", "en": "My appointments"}, "/healthcare/mine", ("就诊", "预约记录", "取消预约")),
    ),
    export=_export,
    erase=service.erase,
    load_demo=load_demo,
)
