"""What identity offers to others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import (
    HALF_A_YEAR,
    LIMITATION,
    NO_LONGER,
    THREE_YEARS,
    Desk,
    Fact,
    Job,
    MessageType,
    Providers,
    Retention,
)
from identity import store, store_held
from identity.demo import load_demo
from identity.devices import end_unused, note_seen
from identity.indexing import keep_up
from identity.naming import ask_again, weigh
from identity.phones import tell_old
from identity.sealing import RESEALED_SECONDS
from identity.service import end_again


@sql
def masked_name(citizen: UUID) -> Any:
    "SELECT masked_name FROM haian.citizen WHERE id = {citizen}"


@sql
def phone(citizen: UUID) -> Any:
    "SELECT phone FROM haian.citizen WHERE id = {citizen}"


@sql
def adult(citizen: UUID) -> Any:
    "SELECT born <= ({now} AT TIME ZONE 'Asia/Shanghai')::date - interval '18 years' FROM haian.citizen WHERE id = {citizen}"


@sql
def senior(citizen: UUID) -> Any:
    "SELECT born <= ({now} AT TIME ZONE 'Asia/Shanghai')::date - interval '65 years' FROM haian.citizen WHERE id = {citizen}"


@sql
def masked_number(citizen: UUID) -> Any:
    "SELECT shown FROM identity.citizen_number WHERE citizen_id = {citizen}"


@sql
def of_district(citizen: UUID) -> Any:
    "SELECT community_code IS NOT NULL FROM haian.citizen WHERE id = {citizen}"


@sql
def resident(citizen: UUID, organisation: UUID) -> Any:
    """SELECT coalesce(c.community_code LIKE o.division_code || '%', false)
       FROM haian.citizen c, haian.organisation o WHERE c.id = {citizen} AND o.id = {organisation}"""


NAMING = (
    MessageType("identity.verified", {"zh": "实名成功", "en": "You are verified"},
                {"zh": "您的账号已经实名。不是您本人办的？请到社区服务站核实。",
                 "en": "Your account is verified now. Not you? Please go to a community station."}, "/me/name"),
    MessageType("identity.disagreed", {"zh": "实名没有通过", "en": "Not verified"},
                {"zh": "姓名、身份证号和手机号对不上。请核对后再试；手机号要是您本人办的。",
                 "en": "Name, number and phone do not belong together. Check them; the phone must be in your name."},
                "/me/name"),
    MessageType("identity.verify_lapsed", {"zh": "实名没有办成", "en": "Verification did not go through"},
                {"zh": "核验系统一天没有回应。您的证件号没有保存，请再提交一次。",
                 "en": "The verifier did not answer for a day. Your number was not kept; please give it again."},
                "/me/name"),
    MessageType("identity.number_disputed", {"zh": "您的实名需要人工核实", "en": "Staff will check your number"},
                {"zh": "您填的身份证号已有账号使用。工作人员会核实，请保持手机畅通，结果会发消息给您。",
                 "en": "Another account has the number that you gave. Staff will check, and a message will tell you."},
                "/me/name"),
    MessageType("identity.number_claimed", {"zh": "有人用您的身份证号实名", "en": "Somebody gave your ID number"},
                {"zh": "有人用您的身份证号申请实名，没有通过，您的账号照常使用。工作人员会核实，请保持手机畅通。",
                 "en": "Somebody tried to verify with your number. Your account works as before; staff will check."},
                "/me/name", urgent=True),
    MessageType("identity.number_kept", {"zh": "核实完毕", "en": "Your number was checked"},
                {"zh": "工作人员已核实：身份证号是您的，对方的申请没有通过。您不用做什么。",
                 "en": "Staff have checked: the number is yours, and the other claim was refused. There is nothing to do."},
                "/me/name"),
    MessageType("identity.number_lost", {"zh": "您的实名已取消", "en": "You are no longer verified"},
                {"zh": "工作人员核实后，取消了您账号的实名。有疑问请带身份证到社区服务站，可以重新办理。",
                 "en": "Staff have checked: your account is not verified any more. Take your card to a community station."},
                "/me/name", urgent=True),
    MessageType("identity.claim_refused", {"zh": "实名没有通过核实", "en": "Your claim was refused"},
                {"zh": "工作人员核实后，没有通过您的实名申请。有疑问请带身份证到社区服务站当面办理。",
                 "en": "After a check by staff your number was not accepted. Please take your card to a community station."},
                "/me/name"),
)
PROVIDERS = Providers(
    desks=(
        Desk("/me/disputes", ("identity_officer",), waiting=store.disputes.rows, since="opened_at"),
        Desk("/me/phone-desk", ("desk_officer",)),
    ),
    facts=(
        Fact("name", {"zh": "姓名", "en": "Name"}, masked_name),
        Fact("phone", {"zh": "手机号", "en": "Phone number"}, phone),
        Fact("adult", {"zh": "年满 18 岁", "en": "Over 18"}, adult),
        Fact("senior", {"zh": "年满 65 岁", "en": "65 or over"}, senior),
        Fact("id_number", {"zh": "身份证号（隐去）", "en": "ID number, masked"}, masked_number),
        Fact("resident_of_district", {"zh": "本区居民", "en": "Lives in the district"}, of_district),
        Fact("resident", {"zh": "本社区居民", "en": "Resident here"}, resident, local=True),
    ),
    messages=(
        MessageType("identity.signed_in", {"zh": "新设备登录", "en": "New sign-in"},
                    {"zh": "您的账号在 {device} 上登录了。不是您本人？请在“设备”里让它退出。",
                     "en": "Your account was signed in on {device}. Not you? End it under Devices."}, "/me/devices"),
        MessageType("identity.client_connected", {"zh": "小程序已连上您的账号", "en": "A mini-app is connected"},
                    {"zh": "您允许“{client}”使用您的信息。不是您本人？请在“设备”里让它退出。",
                     "en": "You let {client} act for you. Not you? End it under Devices."}, "/me/devices",
                    example={"client": "停车小助手"}),
        MessageType("identity.client_reused", {"zh": "拦下了盗用，已让小程序退出", "en": "A stolen token was stopped"},
                    {"zh": "有人拿“{client}”的旧凭证来冒用，我们已让它退出您的账号。需要时请重新授权，并检查装着它的设备。",
                     "en": "Somebody came with an old token of {client}, so it was signed out. Check the device that "
                           "has it; you may connect it again."},
                    "/me/devices", urgent=True, example={"client": "停车小助手"}),
        MessageType("identity.held", {"zh": "拦下了一次登录", "en": "A sign-in was held"},
                    {"zh": "有人用您手机号的验证码在新设备 {device} 上登录，还没让进，要先证明是您本人。"
                           "不是您？不用做什么，也别把恢复码给别人。",
                     "en": "Somebody had your code on a new device, {device}, and must still show that it is you. Not you? "
                           "There is nothing to do; give your recovery codes to nobody."},
                    "/me/devices", urgent=True),
        *NAMING,
        MessageType("identity.phone_changed", {"zh": "手机号已更换", "en": "Your number was changed"},
                    {"zh": "您的账号现在用尾号 {tail} 的手机登录。不是您本人？请马上到社区服务台核实。",
                     "en": "Your account is signed in to with the number ending in {tail} now. Not you? Go to a community "
                           "desk at once."}, "/me/security", urgent=True, example={"tail": "0001"}),
        MessageType("identity.phone_freed", {"zh": "手机号已从您的账号移出", "en": "Your account has no number any more"},
                    {"zh": "尾号 {tail} 的号码已经由别人使用，服务台核实后从您的账号移出，其他都不变。请换成您现在的号码。"
                           "号码还是您的？请马上到社区服务台核实。",
                     "en": "The number ending in {tail} is somebody else's now: a desk checked and took it from your "
                           "account; all else stays. Please set your new one. Still yours? Go to a community desk at once."},
                    "/me/phone", urgent=True, example={"tail": "0001"}),
        MessageType("identity.phone_given", {"zh": "账号登记了手机号", "en": "An account got a number"},
                    {"zh": "服务台给{name}的账号登记了尾号 {tail} 的手机号，以后用它登录。不对？请到社区服务台核实。",
                     "en": "A desk gave the account of {name} the number ending in {tail} to sign in with. Wrong? Please go "
                           "to a community desk."}, "/me/security", example={"tail": "0001", "name": "王小明"}),
    ),
    jobs=(Job("identity.reseal", RESEALED_SECONDS, keep_up), Job("identity.ask_again", 30, ask_again),
          Job("identity.note_seen", 60, note_seen),
          Job("identity.end_unused", 3600, end_unused)),
    hears={"identity.session_ended": end_again, "identity.phone_left": tell_old,
           "identity.verified": weigh, "factors.passkey_added": weigh,
           "factors.passkey_removed": weigh, "factors.passkey_cloned": weigh},
    export=store_held.EXPORT,
    opens=store_held.OPENS,
    leaves_out=store_held.LEAVES_OUT,
    not_held=store_held.NOT_HELD,
    erase=store.forget,
    retains=(
        Retention({"zh": "登录记录，和认得的浏览器：退出登录以后",
                   "en": "Sign-ins, and that their browser is known: after the device was signed out"},
                  {"zh": "网络安全法第 23 条：登录日志留存不少于六个月",
                   "en": "Cybersecurity Law art. 23: logs, six months at least"},
                  HALF_A_YEAR, "identity.device",
                  "SELECT id FROM identity.device WHERE ended_at < $1 ORDER BY ended_at LIMIT $2"),
        Retention({"zh": "没有通过的实名申请", "en": "Real-name requests that did not pass"}, NO_LONGER, 180,
                  "identity.verification",
                  """SELECT id FROM identity.verification WHERE answered_at < $1 AND answer <> 'AGREED'
                     ORDER BY answered_at LIMIT $2"""),
        Retention({"zh": "服务台处理过监护的身份证号（加密摘要）：孩子满 18 岁以后",
                   "en": "Numbers, by hashes, of guardianships settled at a desk: after the child was 18"}, NO_LONGER, None,
                  "identity.number",
                  """SELECT n.id FROM identity.number n WHERE n.kept_until < $1
                     AND NOT EXISTS (SELECT FROM identity.citizen_number c WHERE c.number_id = n.id)
                     AND NOT EXISTS (SELECT FROM identity.dispute d WHERE d.number_id = n.id)
                     ORDER BY n.kept_until LIMIT $2"""),
        Retention({"zh": "身份证号争议的处理结果", "en": "How disputes of an ID number were settled"}, LIMITATION,
                  THREE_YEARS, "identity.dispute",
                  "SELECT id FROM identity.dispute WHERE settled_at < $1 ORDER BY settled_at LIMIT $2"),
    ),
    load_demo=load_demo,
)
