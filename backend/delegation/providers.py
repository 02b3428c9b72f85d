"""What delegation offers to others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delegation import store, store_held
from delegation.demo import load_demo
from delegation.linking import tell_grown
from delegation.service import call_back, follow_phone, tell_number
from haian.reads import sql
from haian.registry import LIMITATION, NO_LONGER, THREE_YEARS, Desk, Fact, Job, Keeps, MessageType, Providers, Retention

LINK, FAMILY = "/me/delegate", "/me/family"


@sql
def guardian(citizen: UUID) -> Any:
    """EXISTS (SELECT FROM haian.guardianship g WHERE g.guardian_id = {citizen} AND g.since <= {now} AND {now} < g.until)"""


PROVIDERS = Providers(
    desks=(Desk("/me/mandate-desk", ("desk_officer",)),),
    facts=(Fact("delegation.guardian", {"zh": "未成年人的监护人", "en": "Guardian of a child"}, guardian),),
    messages=(
        MessageType("delegation.offered", {"zh": "有人请您代办", "en": "Somebody asks you to act for them"},
                    {"zh": "{principal}（称您“{called}”）请您代办，您接受后才生效。不认识？不用理会，或者谢绝。",
                     "en": "{principal}, who calls you “{called}”, asks you to act for them. It counts once you accept. "
                           "Nobody you know? Decline, or leave it."}, LINK),
        MessageType("delegation.given", {"zh": "代办已生效", "en": "Somebody may act for you now"},
                    {"zh": "“{called}”（{helper}）现在可以替您办事，到{until:time}为止。不是您的意思？请马上终止。",
                     "en": "“{called}” ({helper}) may act for you until {until:time}. Not what you meant? End it now."},
                    LINK, urgent=True),
        MessageType("delegation.received", {"zh": "您可以代办了", "en": "You may act for somebody"},
                    {"zh": "您可以替{principal}办事了，到{until:time}为止。您看了什么、办了什么，对方都看得到。",
                     "en": "You may act for {principal} until {until:time}. They see all that you see and do."}, LINK),
        MessageType("delegation.cooling", {"zh": "有人凭验证码要替您办事", "en": "Somebody is to act for you, by a code"},
                    {"zh": "凭发到您手机的验证码，“{called}”（{helper}）{ready_at:time}起可以替您办事。"
                           "不是您的意思？请马上打开这里终止。",
                     "en": "By the code that went to your phone, “{called}” ({helper}) may act for you from {ready_at:time}."
                           " Not what you meant? Open this and end it now."}, LINK, urgent=True),
        MessageType("delegation.waits", {"zh": "代办已确认，还没生效", "en": "Confirmed, not in force yet"},
                    {"zh": "您从{ready_at:time}起可以替{principal}办事，在那之前对方可以终止。"
                           "急用？请一起带证件到社区服务台办理。",
                     "en": "You may act for {principal} from {ready_at:time}; until then they may end it. Urgent? Come to a "
                           "community desk together, with papers."}, LINK),
        MessageType("delegation.ended", {"zh": "代办已终止", "en": "A mandate has ended"},
                    {"zh": "{principal}请“{called}”代办的事已经终止。",
                     "en": "“{called}” can no longer act for {principal}."},
                    LINK),
        MessageType("delegation.guardian", {"zh": "监护关系已登记", "en": "A guardian was attested"},
                    {"zh": "{guardian}登记为{child}的监护人，到{until:time}（年满 18 岁）为止。不对？请联系社区服务台。",
                     "en": "{guardian} is a guardian of {child} until {until:time}. Wrong? Ask a community desk."}, FAMILY),
        MessageType("delegation.guardian_joined", {"zh": "多了一位监护人", "en": "Another guardian"},
                    {"zh": "凭户籍或出生登记，{guardian}也成为{child}的监护人。不对？请马上联系社区服务台。",
                     "en": "By the registers {guardian} is a guardian of {child} too. Wrong? Ask a community desk now."},
                    FAMILY, urgent=True),
        MessageType("delegation.contradicted", {"zh": "有人想登记为监护人，没有通过", "en": "Who claims your child?"},
                    {"zh": "有人凭户籍或出生登记想添加{child}，和现有的监护登记对不上，没有通过。请联系社区服务台核实。",
                     "en": "Somebody tried to add {child} by the registers, which contradicts what is on record: it was "
                           "refused. Please ask a community desk to check."}, FAMILY, urgent=True),
        MessageType("delegation.grown", {"zh": "您满 18 岁了，账号由您自己管", "en": "You are 18: this account is yours"},
                    {"zh": "监护关系今天自动终止，{guardians}不能再替您办事。请看看登录设备、手机号和授权是不是都对。",
                     "en": "Guardianship has ended by itself: {guardians} can no longer act for you. Please look at your "
                           "devices, your number and your consents."}, FAMILY, urgent=True),
        MessageType("delegation.child_grown", {"zh": "{child}满 18 岁了", "en": "{child} is 18"},
                    {"zh": "监护关系今天自动终止，您不能再替{child}办事。还要帮忙？请{child}在“亲友代办”里请您代办。",
                     "en": "Guardianship has ended by itself: you can no longer act for {child}. To go on helping, let "
                           "{child} give you a mandate."}, FAMILY),
        MessageType("delegation.child_disputed", {"zh": "监护关系还没登记", "en": "The guardian was not attested yet"},
                    {"zh": "{child}的身份证号登记在另一个姓名下，工作人员正在核实。请过几天带双方证件再到社区服务台。",
                     "en": "The ID number of {child} is on record under another name, and staff check it. Please come to a "
                           "community desk again in some days, with both your papers."}, LINK),
        MessageType("delegation.guardian_ended", {"zh": "监护关系已终止", "en": "A guardianship has ended"},
                    {"zh": "{guardian}不再是{child}的监护人。不对？请联系社区服务台。",
                     "en": "{guardian} is no longer a guardian of {child}. Wrong? Ask a community desk."}, FAMILY),
    ),
    hears={"identity.phone_left": follow_phone, "delegation.asked": call_back, "delegation.told": tell_number},
    jobs=(Job("delegation.grown", 600, tell_grown),),
    export=store_held.EXPORT,
    leaves_out=store_held.LEAVES_OUT,
    erase=store.forget,
    load_demo=load_demo,
    keeps=(Keeps({"zh": "服务台终止或限制过的监护：只留双方证件号的加密摘要，孩子满 18 岁删除",
                  "en": "Guardianships that a desk ended or limited: hashes of both numbers, until the child is 18"},
                 {"zh": "民法典第 36 条：撤销过的监护，不因重新注册而恢复",
                  "en": "Civil Code art. 36: guardianship that was revoked does not return with a new account"}, 18 * 366),),
    retains=(
        Retention({"zh": "代办：终止或到期以后", "en": "Mandates: after they ended"}, LIMITATION, THREE_YEARS,
                  "delegation.mandate",
                  """SELECT id FROM delegation.mandate WHERE least(ended_at, until) < $1
                     ORDER BY least(ended_at, until) LIMIT $2"""),
        Retention({"zh": "监护：终止或孩子满 18 岁以后", "en": "Guardianships: after they ended, or the child was 18"},
                  LIMITATION, THREE_YEARS, "delegation.guardianship",
                  """SELECT id FROM delegation.guardianship WHERE least(ended_at, until) < $1
                     ORDER BY least(ended_at, until) LIMIT $2"""),
        Retention({"zh": "服务台终止或限制过的监护（证件号的加密摘要）：孩子满 18 岁以后",
                   "en": "That a desk ended or limited a guardianship, by hashes: after the child was 18"}, NO_LONGER, None,
                  "delegation.settled", "SELECT id FROM delegation.settled WHERE until < $1 ORDER BY until LIMIT $2"),
    ),
)
