"""What oauth offers to others."""

from __future__ import annotations

from haian.registry import Desk, MessageType, Providers
from oauth import store, store_held, store_registered
from oauth.demo import load_demo
from oauth.granting import end_client, end_without_consent


def _told(event: str, title: tuple[str, str], body: tuple[str, str], link: str) -> MessageType:
    return MessageType(f"oauth.{event}", dict(zip(("zh", "en"), title, strict=True)),
                       dict(zip(("zh", "en"), body, strict=True)), link,
                       example={"client": "停车小助手", "reason": "名称和单位不符"})


PROVIDERS = Providers(
    desks=(
        Desk("/me/clients/desk", ("manager",), "district", waiting=store_registered.waiting.rows, since="registered_at"),
        Desk("/me/clients", ("developer",)),
    ),
    messages=(
        _told("registered", ("有小程序等待审批", "A mini-app waits for approval"),
              ("“{client}”等待审批，请核对名称、单位、地址和它要的权限。",
               "{client} waits: please check its name, organisation, addresses and scopes."), "/me/clients/desk"),
        _told("approved", ("小程序已上线", "Your mini-app is live"),
              ("“{client}”审批通过，市民现在可以授权给它。", "{client} was approved: citizens can connect it now."),
              "/me/clients"),
        _told("refused", ("小程序没有通过", "Your mini-app was not approved"),
              ("“{client}”没有通过审批：{reason}", "{client} was not approved: {reason}"), "/me/clients"),
        _told("ended", ("小程序已停用", "A mini-app was ended"),
              ("“{client}”已停用：{reason}", "{client} was ended: {reason}"), "/me/clients"),
    ),
    hears={"consent.ended": end_without_consent, "oauth.ended": end_client, "oauth.ending": end_client},
    export=store_held.EXPORT,
    leaves_out=store_held.LEAVES_OUT,
    erase=store.forget,
    load_demo=load_demo,
)
