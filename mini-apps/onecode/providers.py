"""What onecode offers to others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from haian.registry import NO_LONGER, Desk, Job, MessageType, Providers, Retention, Scope, Service, message
from onecode import store, store_desk, store_gates, store_held, store_motions, store_offline
from onecode.demo import load_demo
from onecode.desk import announce
from onecode.models import SHOW
from onecode.offline import stop_session
from onecode.store_offline import forget as forget_carried
from onecode.store_passes import forget as forget_invited
from onecode.suspending import tell_redis

LEDGER, VISITORS, GATES = "/onecode/history", "/onecode/visitors", "/me/gates"


async def erase(connection: Any, citizen: UUID) -> None:
    """Forget a citizen, whom they invited, what they signed for gates, and what their devices carry."""
    await forget_invited(connection, citizen)  # passes before scans, as by who reads a code
    await store.forget(connection, citizen)
    await store_gates.forget(connection, citizen)
    await forget_carried(connection, citizen)


PROVIDERS = Providers(
    desks=(
        Desk("/onecode/scan", ("property_guard", "school_guard", "window_clerk", "librarian", "conductor",
                               "ticket_inspector", "canteen_clerk", "registrar")),
        Desk("/onecode/manage", ("manager",), waiting=store_desk.to_review, since="at"),
        Desk("/me/gates", ("manager", "identity_officer"), waiting=store_gates.all_verifiers.rows, since="asked_at",
             open="standing = 'TO_APPROVE' AND NOT mine"),
        Desk("/onecode/scenes/desk", ("manager", "identity_officer"), "district", waiting=store_motions.motions,
             since="asked_at", open="decided_at IS NULL AND NOT mine"),
    ),
    services=(
        Service("onecode", {"zh": "一码通", "en": "One code"}, "/onecode", ("二维码", "亮码", "通行码", "门禁", "出入")),
        Service("onecode.visitors", {"zh": "访客邀请", "en": "Invite a visitor"}, "/onecode/visitors",
                ("访客", "邀请", "来访", "客人", "访客码")),
        Service("onecode.scan", {"zh": "扫码核验", "en": "Check codes"}, "/onecode/scan", ("扫一扫", "核验", "验码")),
    ),
    messages=(
        MessageType("onecode.asked", {"zh": "有人在等您同意", "en": "Somebody waits for your consent"},
                    {"zh": "{place} 想多看您一项信息。请在两分钟内到“一码通”里决定；不理会就是不给。",
                     "en": "{place} would see one more thing of you. Decide under One code within two minutes; no answer"
                           " means no."}, "/onecode", urgent=True, example={"place": "演示第一医院"}),
        MessageType("onecode.used", {"zh": "您的码被第二次出示", "en": "Your code was shown a second time"},
                    {"zh": "有人在 {place} 出示了您用过的码，没有通过，也没有看到您的信息。请不要把码的截图发给别人。",
                     "en": "A code that you had used was shown at {place}. It was refused and nothing of you was seen."
                           " Please do not pass on pictures of your code."}, LEDGER),
        MessageType("onecode.not_entitled", {"zh": "这里没有放行", "en": "You were not let in"},
                    {"zh": "{place} 核验了您的码，但没有查到需要的信息。您可以找工作人员登记，或核对“我的”里的社区。",
                     "en": "Your code was checked at {place}, but what is needed there was not found. Ask the staff, or"
                           " check your community under Me."}, LEDGER),
        MessageType("onecode.undone", {"zh": "一次核验撤销了", "en": "A scan was taken back"},
                    {"zh": "{place} 的工作人员撤销了刚才对您的核验，这次不算通过。您的码已经用过，再进请重新出示。",
                     "en": "The staff at {place} took back the scan of your code: it does not count. The code is used up;"
                           " show a new one to enter."}, LEDGER),
        MessageType("onecode.let_in", {"zh": "有一次紧急放行待复核", "en": "An emergency entry to review"},
                    {"zh": "{place} 没有核验码就放行了，请复核是否妥当。",
                     "en": "Somebody was let in without a code at {place}. Please review it."}, "/onecode/manage"),
        MessageType("onecode.handed_in", {"zh": "您离线扫的码补记了", "en": "Your offline scans were settled"},
                    {"zh": "您留在一台手机上的 {many} 条离线扫码，由下一位登录的人原样交回，已经补记；内容没有给任何人看。"
                           "其中 {otherwise} 条有问题：码在别处用过，或那时您不在这个岗位。请告诉管理员。",
                     "en": "{many} of your offline scans that were left on a phone were handed in, sealed, by whoever signed"
                           " in next, and settled. {otherwise} of them are not as you saw them: used elsewhere, or read at"
                           " another post. Please tell your manager."}, "/onecode/scan",
                    example={"many": 1, "otherwise": 0}),
        MessageType("onecode.to_decide", {"zh": "有一份场景提议等您复核", "en": "A scene waits for your decision"},
                    {"zh": "场景“{scene}”的启用或停用，要由另一位工作人员复核。",
                     "en": "Whether the scene {scene} begins or ends is for a second official to decide."},
                    "/onecode/scenes/desk"),
        MessageType("onecode.agreed", {"zh": "场景提议通过了", "en": "Your proposal was agreed to"},
                    {"zh": "场景“{scene}”的提议已经生效。", "en": "What you proposed about {scene} is in force."},
                    "/onecode/scenes/desk"),
        MessageType("onecode.declined", {"zh": "场景提议没有通过", "en": "Your proposal was declined"},
                    {"zh": "场景“{scene}”的提议没有通过复核。", "en": "What you proposed about {scene} was declined."},
                    "/onecode/scenes/desk"),
        MessageType("onecode.reviewed", {"zh": "您的紧急放行复核过了", "en": "Your emergency entry was reviewed"},
                    {"zh": "{place} 的紧急放行，管理员认为妥当。{note}",
                     "en": "The manager found the entry at {place} justified. {note}"}, "/onecode/scan"),
        MessageType("onecode.reviewed_against", {"zh": "您的紧急放行复核过了", "en": "Your emergency entry was reviewed"},
                    {"zh": "{place} 的紧急放行，管理员认为不妥，请向管理员说明。{note}",
                     "en": "The manager did not find the entry at {place} justified. Please talk to them. {note}"},
                    "/onecode/scan"),
        MessageType("onecode.suspended", {"zh": "有人出示了您停用的码", "en": "Your suspended code was shown"},
                    {"zh": "有人在 {place} 出示了您停用的码，没有通过，也没有看到您的信息。"
                           "如果手机丢了，请在“设备”里让它退出登录。",
                     "en": "Your suspended code was shown at {place}. It was refused and nothing of you was seen. If a phone"
                           " is lost, sign it out under Devices."}, LEDGER, urgent=True),
        MessageType("onecode.visited", {"zh": "您的访客到了", "en": "Your visitor is here"},
                    {"zh": "{visitor} 在 {place} 通过了，这个邀请还可以进 {left} 次。不认识？可以马上结束邀请。",
                     "en": "{visitor} was let in at {place}; {left} more entries. You can end the invitation at any time."},
                    VISITORS, example={"visitor": "客人", "place": "东门", "left": "1"}),
        MessageType("onecode.visit_refused", {"zh": "您的访客没有放行", "en": "Your visitor was not let in"},
                    {"zh": "{place} 没有放行您的访客：邀请的时间、次数或地点不对，或者码已经用过。",
                     "en": "Your visitor was refused at {place}: the time, the entries or the place of the invitation, or a"
                           " code that was used before."}, VISITORS, example={"place": "东门"}),
        MessageType("onecode.resumed", {"zh": "您的码恢复使用了", "en": "Your code is in use again"},
                    {"zh": "您的码从现在起又能出示。不是您本人操作？请马上停用，并在“设备”里让不认识的设备退出登录。",
                     "en": "Your code can be shown again. Not you? Suspend it at once, and sign out devices that you do not"
                           " know."}, "/onecode", urgent=True),
        message("onecode.verifier_to_approve", ("有设备等您审批", "{place} 申请接入一码通核验，请核对后决定。"),
                ("A device waits for your approval", "{place} asks to read codes. Please check it, then decide."), GATES),
        message("onecode.verifier_approved", ("设备审批通过", "{place} 可以登记密钥了。"),
                ("A device was approved", "{place} can register its key now."), GATES),
        message("onecode.verifier_declined", ("设备审批没有通过", "{place} 没有获准接入。"),
                ("A device was declined", "{place} may not read codes."), GATES),
        message("onecode.verifier_revoked", ("设备已被停用", "{place}：{reason}"),
                ("A device was revoked", "{place}: {reason}"), GATES),
    ),
    scopes=(
        Scope(SHOW, {"zh": "出示一码通", "en": "Show the code"},
              {"zh": "能在门口、窗口替您出示您的一码通。在哪里出示、谁看到了什么，您马上知道。",
               "en": "Can show your code at gates and counters. You hear at once where, and who saw what."},
              {"zh": "能在门口、窗口替对方出示一码通。在哪里出示、谁看到了什么，对方马上知道。",
               "en": "Can show their code at gates and counters. They hear at once where, and who saw what."},
              people_only=True),
    ),
    jobs=(Job("onecode.ended", 60, store_offline.stop_ended),),
    export=store_held.EXPORT,
    leaves_out=store_held.LEAVES_OUT,
    not_held=store_held.NOT_HELD,
    erase=erase,
    erase_after=timedelta(days=30),
    hears=dict.fromkeys(("onecode.scanned", "onecode.used", "onecode.read_again", "onecode.expired", "onecode.not_entitled",
                         "onecode.suspended", "onecode.flowed", "onecode.undone", "onecode.let_in"), announce)
    | {"identity.session_ended": stop_session, "onecode.stopped": tell_redis},
    retains=(
        Retention({"zh": "值守时选过的场景", "en": "Scenes that a verifier chose"}, NO_LONGER, 30, "onecode.chosen",
                  """SELECT c.id FROM onecode.chosen c WHERE c.since < $1 AND EXISTS (
                         SELECT FROM onecode.chosen n
                         WHERE n.citizen_id = c.citizen_id AND n.since > c.since AND n.since < $1)
                     ORDER BY c.since LIMIT $2"""),
        Retention({"zh": "手机里的离线码", "en": "Codes that a phone carries"}, NO_LONGER, 8, "onecode.offline_batch",
                  "SELECT id FROM onecode.offline_batch WHERE until < $1 ORDER BY until LIMIT $2"),
        Retention({"zh": "访客邀请", "en": "Visitors whom I invited"}, NO_LONGER, 30, "onecode.pass",
                  "SELECT id FROM onecode.pass WHERE upper(during) < $1 ORDER BY upper(during) LIMIT $2"),
        Retention({"zh": "紧急放行记录", "en": "Who was let in without a code"}, NO_LONGER, 180, "onecode.entry",
                  "SELECT id FROM onecode.entry WHERE at < $1 ORDER BY at LIMIT $2"),
        Retention({"zh": "亮码记录：按每个场景写明的天数", "en": "Scans of my code: as long as each scene says"}, NO_LONGER,
                  None, "onecode.scan",
                  """SELECT o.id FROM onecode.scene c CROSS JOIN LATERAL (
                         SELECT s.id FROM onecode.scan s
                         WHERE s.scene_id = c.id AND s.at < $1::timestamptz - make_interval(days => c.retention_days)
                         ORDER BY s.at LIMIT $2) o LIMIT $2"""),
    ),
    load_demo=load_demo,
)
