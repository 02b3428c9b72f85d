"""What identity offers to others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import Read, sql
from haian.registry import Fact, MessageType, Providers
from identity.demo import load_demo
from identity.service import end_again


@sql
def masked_name(citizen: UUID) -> Any:
    "SELECT masked_name FROM haian.citizen WHERE id = {citizen}"


@sql
def adult(citizen: UUID) -> Any:
    "SELECT born <= ({now} AT TIME ZONE 'Asia/Shanghai')::date - interval '18 years' FROM haian.citizen WHERE id = {citizen}"


@sql
def resident(citizen: UUID, organisation: UUID) -> Any:
    """SELECT coalesce(c.community_code LIKE o.division_code || '%', false)
       FROM haian.citizen c, haian.organisation o WHERE c.id = {citizen} AND o.id = {organisation}"""


def _export(citizen: UUID) -> dict[str, Read]:
    from identity import store
    return {"citizen": store.citizen(citizen), "memberships": store.memberships(citizen)}


PROVIDERS = Providers(
    facts=(
        Fact("name", {"zh": "姓名", "en": "Name"}, masked_name),
        Fact("adult", {"zh": "年满 18 岁", "en": "Over 18"}, adult),
        Fact("resident", {"zh": "本社区居民", "en": "Resident here"}, resident, local=True),
    ),
    messages=(
        MessageType("identity.signed_in", {"zh": "新设备登录", "en": "New sign-in"},
                    {"zh": "您的账号在 {device} 上登录了。不是您本人？请在“设备”里让它退出。",
                     "en": "Your account was signed in on {device}. Not you? End it under Devices."}, "/me/devices"),
    ),
    hears={"identity.session_ended": end_again},
    export=_export,
    load_demo=load_demo,
)
