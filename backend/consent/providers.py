"""What consent offers to others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from consent import store, store_asked, store_given, store_held, store_terms
from consent.demo import load_demo
from consent.giving import end_of_client
from consent.my_data import erase_due
from consent.questions import tell_late
from consent.service import tell
from haian.registry import LIMITATION, THREE_YEARS, Desk, Job, Keeps, MessageType, Providers, Retention

_TERMS = {"version": 2, "since": "2027-03-15T00:00:00+08:00"}
_ASKED = {"id": "0", "organisation": "物业公司", "due_at": "2027-03-05T18:00:00+08:00"}

_REQUEST = {"id": "0", "child": "张小海", "guardian": "张晓梅", "receiver": "演示第一医院"}


async def forget(connection: Any, citizen: UUID) -> None:
    await store.forget(connection, citizen)
    await store_asked.forget(connection, citizen)  # what is asked before what is given, as by who agrees
    await store_given.forget(connection, citizen)
    await store_terms.forget(connection, citizen)


PROVIDERS = Providers(
    desks=(
        Desk("/me/questions/desk", ("manager",), waiting=store.desk_questions.rows, since="asked_at"),
        Desk("/terms/desk", ("manager", "identity_officer"), "district", waiting=store_terms.proposals, since="proposed_at",
             open="outcome IS NULL AND NOT mine"),
    ),
    messages=(
        MessageType("consent.terms", {"zh": "服务协议有新的一版", "en": "There is a new version of the terms"},
                    {"zh": "第{version}版从{since:time}起生效。看看改了什么再同意；不同意也能查看、导出数据和注销。",
                     "en": "Version {version} is in force from {since:time}. See what is new and agree to go on as before;"
                           " without it you can still read and export what is yours, and leave."}, "/terms", example=_TERMS),
        MessageType("consent.terms_proposed", {"zh": "有一版服务协议等您复核", "en": "New terms wait for your approval"},
                    {"zh": "请核对全文、改动和生效日期，再决定是否发布。",
                     "en": "Check the text, what is new and the date, then decide."}, "/terms/desk"),
        MessageType("consent.terms_decided", {"zh": "您拟的服务协议有结果了", "en": "Your terms were decided on"},
                    {"zh": "打开看看另一位复核的结果。", "en": "Open it to see what your colleague decided."},
                    "/terms/desk"),
        MessageType("consent.asked", {"zh": "有市民质疑一条记录", "en": "A line is questioned"},
                    {"zh": "有市民质疑用数账本里的一条记录，请{organisation}在{due_at:time}前答复。",
                     "en": "A citizen questions a line of the ledger; {organisation} answers by {due_at:time}."},
                    "/me/questions/desk", example=_ASKED),
        MessageType("consent.answered", {"zh": "您的质疑有答复了", "en": "Your question is answered"},
                    {"zh": "{organisation}答复了您的质疑。", "en": "{organisation} answered your question."},
                    "/me/questions", example=_ASKED),
        MessageType("consent.late", {"zh": "质疑逾期没有答复", "en": "A question is not answered in time"},
                    {"zh": "{organisation}没有按期答复一条质疑，请区里处理。",
                     "en": "{organisation} has not answered a question in time; it is the district's now."},
                    "/me/questions/desk", example=_ASKED),
        MessageType("consent.late_told", {"zh": "质疑转到区里处理", "en": "Your question went to the district"},
                    {"zh": "{organisation}没有按期答复您的质疑，已经转给区里处理。也可以拨打 12345。",
                     "en": "{organisation} did not answer in time, so the district will. You may also call 12345."},
                    "/me/questions", example=_ASKED),
        MessageType("consent.guardian_asked", {"zh": "{child}请您同意", "en": "{child} asks for your consent"},
                    {"zh": "{child}还不到 14 岁，要您同意{receiver}看一项信息。点开看清楚，再同意或者不同意。",
                     "en": "{child} is not 14 yet: {receiver} may see something only if you agree. Open it, "
                           "then agree or decline."},
                    "/me/family", urgent=True, example=_REQUEST),
        MessageType("consent.terms_asked", {"zh": "{child}请您同意服务协议", "en": "{child} asks you to agree to the terms"},
                    {"zh": "{child}还不到 14 岁，要您看过服务协议并同意，才能继续办事。",
                     "en": "{child} is not 14 yet: read the terms and agree, so that they can go on."},
                    "/terms", urgent=True, example=_REQUEST),
        MessageType("consent.guardian_agreed", {"zh": "监护人同意了", "en": "Your guardian agreed"},
                    {"zh": "{guardian}同意了：{receiver}。现在起生效，不用再办。",
                     "en": "{guardian} agreed: {receiver}. It counts from now on."},
                    "/me/family", example=_REQUEST),
        MessageType("consent.guardian_declined", {"zh": "监护人没有同意", "en": "Your guardian declined"},
                    {"zh": "{guardian}没有同意：{receiver}。可以当面问问为什么。",
                     "en": "{guardian} declined: {receiver}. Ask them why."},
                    "/me/family", example=_REQUEST),
        MessageType("consent.closing", {"zh": "账号将要注销", "en": "Your account will be closed"},
                    {"zh": "您申请了注销，{due_at:time}生效。在那之前随时可以撤销。不是您本人？请马上撤销并检查登录设备。",
                     "en": "Your account closes on {due_at:time}; until then you can undo it. Not you? Undo it now."},
                    "/me/data", urgent=True, example=_ASKED),
        MessageType("consent.child_closing", {"zh": "孩子的账号将要注销", "en": "A child's account will be closed"},
                    {"zh": "{name}的账号，监护人申请了注销，{due_at:time}生效。在那之前任何一位监护人都可以撤销。",
                     "en": "A guardian asked to close the account of {name}, on {due_at:time}; until then any guardian can "
                           "undo it."}, "/me/data", urgent=True, example=_ASKED | {"name": "王小明"}),
        MessageType("consent.child_exported", {"zh": "孩子的数据被下载了", "en": "A child's data was downloaded"},
                    {"zh": "{guardian}以监护人身份下载了{name}的全部数据。不对？请联系社区服务台。",
                     "en": "{guardian}, a guardian, downloaded all that is held about {name}. Wrong? Ask a community desk."},
                    "/me/ledger", urgent=True, example={"name": "王小明", "guardian": "王海燕"}),
        MessageType("consent.child_kept", {"zh": "孩子的账号保留了", "en": "A child's account stays"},
                    {"zh": "{name}的账号不注销了，一切照旧。", "en": "The account of {name} will not be closed."},
                    "/me/data", example={"name": "王小明"}),
        MessageType("consent.kept", {"zh": "注销已撤销", "en": "Your account stays"},
                    {"zh": "您的账号不注销了，一切照旧。", "en": "Your account will not be closed."}, "/me/data"),
        MessageType("consent.yours_to_close", {"zh": "账号没有注销", "en": "Your account was not closed"},
                    {"zh": "监护人申请过注销，现在不作数了：满 14 岁由您自己决定，监护变了也一样。要注销，请自己申请。",
                     "en": "A guardian asked to close it, which counts no more: from 14 on you decide, and so it is when "
                           "guardianship has changed. Your account stays; to close it, ask yourself."}, "/me/data"),
        MessageType("consent.not_closed", {"zh": "账号没有注销", "en": "Your account was not closed"},
                    {"zh": "您是单位唯一的管理员，账号没有注销。请先邀请另一位管理员，等对方接受后再申请。",
                     "en": "You are the only manager of an organisation. Invite another, then ask again."},
                    "/me/data", urgent=True),
    ),
    hears={"oauth.ended": end_of_client},
    jobs=(Job("consent.terms", 60, tell), Job("consent.late", 600, tell_late), Job("consent.erase", 600, erase_due)),
    keeps=(Keeps({"zh": "用数账本（含登录记录）：谁在什么时候处理过信息，不再有您的姓名和手机号",
                  "en": "The ledger, with sign-ins: who handled data and when, without your name and number"},
                 {"zh": "个人信息保护法第 56 条：处理情况记录至少保存三年；网络安全法：登录日志不少于六个月",
                  "en": "PIPL art. 56: records of processing, three years; Cybersecurity Law: logs, six months"},
                 THREE_YEARS),),
    export=store_held.EXPORT,
    leaves_out=store_held.LEAVES_OUT,
    not_held=store_held.NOT_HELD,
    erase=forget,
    load_demo=load_demo,
    retains=(
        Retention({"zh": "质疑和答复：答复以后", "en": "Questions: after they were answered"}, LIMITATION, THREE_YEARS,
                  "consent.question",
                  "SELECT id FROM consent.question WHERE answered_at < $1 ORDER BY answered_at LIMIT $2"),
        Retention({"zh": "授权：结束以后", "en": "Consents: after they ended"}, LIMITATION, THREE_YEARS, "consent.consent",
                  """SELECT id FROM consent.consent WHERE least(ended_at, until) < $1
                     ORDER BY least(ended_at, until) LIMIT $2"""),
        Retention({"zh": "孩子请监护人同意的事：答复或过期以后", "en": "What a child asked: after it was answered"},
                  LIMITATION, THREE_YEARS, "consent.request",
                  """SELECT id FROM consent.request WHERE coalesce(answered_at, until) < $1
                     ORDER BY coalesce(answered_at, until) LIMIT $2"""),
    ),
)
