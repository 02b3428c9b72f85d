"""What certificates offers to others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from certificates import store, store_held
from certificates.demo import load_demo
from certificates.presenting import erase
from certificates.service import keep_up
from haian.reads import sql
from haian.registry import LIMITATION, NO_LONGER, THREE_YEARS, Desk, Fact, Job, MessageType, Providers, Retention, Service
from identity.sealing import RESEALED_SECONDS

ONE = "/certificates/one?id={id}"
EXAMPLE = {"id": "00000000-0000-0000-0000-000000000000", "words": "已核对原件"}


@sql
def over_65(citizen: UUID) -> Any:
    """SELECT EXISTS (SELECT FROM certificates.certificate c WHERE c.citizen_id = {citizen}
           AND certificates.standing(c, {now}) = 'VALID'
           AND c.born <= ({now} AT TIME ZONE 'Asia/Shanghai')::date - interval '65 years')"""


@sql
def driver(citizen: UUID) -> Any:
    """SELECT EXISTS (SELECT FROM certificates.certificate c WHERE c.citizen_id = {citizen} AND c.kind_id = 'driving_licence'
           AND certificates.standing(c, {now}) = 'VALID')"""


@sql
def disabled(citizen: UUID) -> Any:
    """SELECT EXISTS (SELECT FROM certificates.certificate c WHERE c.citizen_id = {citizen} AND c.kind_id = 'disability'
           AND certificates.standing(c, {now}) = 'VALID')"""


@sql
def student(citizen: UUID) -> Any:
    """SELECT EXISTS (SELECT FROM certificates.certificate c WHERE c.citizen_id = {citizen} AND c.kind_id = 'student_card'
           AND certificates.standing(c, {now}) = 'VALID')"""


PROVIDERS = Providers(
    desks=(
        Desk("/certificates/check", ("window_clerk", "librarian", "conductor", "ticket_inspector", "canteen_clerk",
                                     "registrar", "desk_officer", "inspector")),
        Desk("/certificates/desk", ("certificate_officer",), waiting=store.waiting.rows, since="asked_at"),
    ),
    services=(
        Service("certificates", {"zh": "电子证照", "en": "Certificates"}, "/certificates",
                ("卡包", "身份证", "驾驶证", "社保卡", "户口簿", "结婚证", "居住证", "学生证", "残疾人证", "老年证",
                 "营业执照", "亮证")),
    ),
    facts=(
        Fact("certificates.over_65", {"zh": "年满 65 岁（证照）", "en": "65 or over, by certificate"}, over_65),
        Fact("certificates.driver", {"zh": "持有效驾驶证", "en": "Holds a driving licence"}, driver),
        Fact("certificates.disabled", {"zh": "持残疾人证", "en": "Holds a disability card"}, disabled),
        Fact("certificates.student", {"zh": "在校学生（证照）", "en": "Student, by certificate"}, student),
    ),
    messages=(
        MessageType("certificates.corrected", {"zh": "证照已更正", "en": "Your certificate is corrected"},
                    {"zh": "发证机关已更正您的证照，旧版本随即失效。说明：{words}",
                     "en": "The office has corrected your certificate; the version before counts no more. It says: {words}"},
                    ONE, example=EXAMPLE),
        MessageType("certificates.renewed", {"zh": "证照已更新", "en": "Your certificate is renewed"},
                    {"zh": "与您共有这份登记的人请发证机关更正了一项内容，您的证照也是新版本了。有疑问请到窗口核实。",
                     "en": "Who shares this entry had the office correct it: yours is new too. Ask at its desk."},
                    ONE, example=EXAMPLE),
        MessageType("certificates.refused", {"zh": "证照纠错没有通过", "en": "Your certificate is not corrected"},
                    {"zh": "发证机关核实后没有更正：{words}。您可以带上原件到窗口再核实。",
                     "en": "The office has checked and left it as it is: {words}. You may take the original to its desk."},
                    ONE, example=EXAMPLE),
        MessageType("certificates.issued", {"zh": "证照存入了其他钱包", "en": "A certificate is in another wallet"},
                    {"zh": "您的证照刚刚存入另一个钱包。不是您本人？请马上暂停这张证照。",
                     "en": "Your certificate was just put into another wallet. Not you? Suspend the certificate at once."},
                    ONE, urgent=True, example=EXAMPLE),
        MessageType("certificates.revoked", {"zh": "证照已吊销", "en": "Your certificate was revoked"},
                    {"zh": "发证机关吊销了您的证照：{words}。有疑问请到窗口核实。",
                     "en": "The office has revoked your certificate: {words}. Please ask at its desk."},
                    ONE, urgent=True, example=EXAMPLE),
    ),
    jobs=(Job("certificates.reseal", RESEALED_SECONDS, keep_up),),
    retains=(
        Retention({"zh": "出示给核验方的内容：一天", "en": "What was shown to a verifier: one day"}, NO_LONGER, 1,
                  "certificates.request",
                  "SELECT id FROM certificates.request WHERE asked_at < $1 ORDER BY asked_at LIMIT $2"),
        Retention({"zh": "其他钱包里过期的凭证：期满后 30 天", "en": "Credentials of other wallets: 30 days on"},
                  NO_LONGER, 30, "certificates.credential",
                  "SELECT id FROM certificates.credential WHERE until < $1 ORDER BY until LIMIT $2"),
        Retention({"zh": "证照使用记录：三年", "en": "Uses of certificates: three years"}, LIMITATION, THREE_YEARS,
                  "certificates.use", "SELECT id FROM certificates.use WHERE at < $1 ORDER BY at LIMIT $2"),
    ),
    export=store_held.EXPORT,
    opens=store_held.OPENS,
    leaves_out=store_held.LEAVES_OUT,
    not_held=store_held.NOT_HELD,
    erase=erase,
    load_demo=load_demo,
)
