"""What staff offers to others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.registry import NO_LONGER, Desk, Job, Providers, Retention, message
from staff import store, store_bursts, store_held
from staff.bursts import search
from staff.demo import load_demo
from staff.service import follow_phone, lapse


async def forget(connection: Any, citizen: UUID) -> None:
    await store.forget(connection, citizen)
    await store_bursts.forget(connection, citizen)


PROVIDERS = Providers(
    desks=(
        Desk("/me/staff", ("manager", "identity_officer"), waiting=store.to_approve, since="asked_at"),
        Desk("/me/bursts", ("manager",), waiting=store_bursts.bursts, since="raised_at", open="answered_at IS NULL"),
    ),
    messages=(
        message("staff.invited", ("您收到一份岗位邀请", "{organisation}邀请您任职，请在 14 天内答复。"),
                ("You are invited to a post", "{organisation} offers you a post. Please answer within 14 days."),
                "/me/invitation"),
        message("staff.to_approve", ("有一份岗位邀请等您复核", "请核对给{name}的岗位，再决定是否同意。"),
                ("A post waits for your approval", "Please check the post for {name}, then decide."), "/me/staff"),
        message("staff.ended", ("您的岗位已结束", "{organisation}：{reason}"),
                ("Your post has ended", "{organisation}: {reason}"), "/me/invitation"),
        message("staff.answered", ("有人答复了岗位邀请", "打开看看答复。"),
                ("An invitation was answered", "Open it to see the answer."), "/me/staff"),
        message("staff.approved", ("岗位邀请复核通过", "{name}的邀请已经发出。"),
                ("An invitation was approved", "The invitation of {name} is on its way."), "/me/staff"),
        message("staff.declined", ("岗位邀请没有通过复核", "{name}的邀请没有发出。"),
                ("An invitation was declined", "The invitation of {name} was not sent."), "/me/staff"),
        message("staff.handed_over", ("有同事向您交班", "{place} 请打开查看交接事项并接班。"),
                ("A shift was handed to you", "{place} Open it, read the note and take over."), "/me/invitation"),
        message("staff.taken_over", ("同事已接班", "{place} 已由同事接手。"),
                ("Your shift was taken over", "{place} is with your colleague now."), "/me/invitation"),
        message("staff.burst", ("有人短时间查看了很多人的信息",
                               "{organisation}有一位工作人员 10 分钟内查看了 {people} 人的信息，请核对。"),
                ("Somebody looked at very many people", "An official of {organisation} looked at {people} people in 10 "
                 "minutes. Please check."), "/me/bursts", urgent=True),
    ),
    jobs=(Job("staff.lapse", 3600, lapse), Job("staff.bursts", 60, search)),
    hears={"identity.phone_left": follow_phone},
    export=store_held.EXPORT,
    leaves_out=store_held.LEAVES_OUT,
    not_held=store_held.NOT_HELD,
    erase=forget,
    load_demo=load_demo,
    retains=(
        Retention({"zh": "岗位以前的地点", "en": "Where a post was before"}, NO_LONGER, 30, "staff.place_before",
                  "SELECT id FROM staff.place_before WHERE upper(during) < $1 ORDER BY upper(during) LIMIT $2"),
        Retention({"zh": "交接班的说明", "en": "Notes of shifts"}, NO_LONGER, 90, "staff.hand_over",
                  "SELECT id FROM staff.hand_over WHERE at < $1 ORDER BY at LIMIT $2"),
        Retention({"zh": "岗位邀请：办完以后", "en": "Invitations to posts: after they were over"}, NO_LONGER, 365,
                  "staff.invitation", "SELECT id FROM staff.invitation WHERE closed_at < $1 ORDER BY closed_at LIMIT $2"),
        Retention({"zh": "工作人员的异常查询", "en": "Bursts of looks by staff"},
                  {"zh": "个人信息保护法第 51 条：防止未经授权的访问", "en": "PIPL art. 51: against unlawful access"},
                  365, "staff.burst", "SELECT id FROM staff.burst WHERE raised_at < $1 ORDER BY raised_at LIMIT $2"),
    ),
)
