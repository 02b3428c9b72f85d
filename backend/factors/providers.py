"""What factors offer to others."""

from __future__ import annotations

from factors import store, store_held
from haian.registry import NO_LONGER, Desk, MessageType, Providers, Retention


def _told(event: str, title: tuple[str, str], body: tuple[str, str], **example: object) -> MessageType:
    """What all devices of a citizen hear of their factors at once, so that a stranger's hand is noticed."""
    return MessageType(f"factors.{event}", dict(zip(("zh", "en"), title, strict=True)),
                       dict(zip(("zh", "en"), body, strict=True)), "/me/security", urgent=True, example=example)


MESSAGES = (
    _told("passkey_added", ("新增了通行密钥", "A passkey was added"),
          ("您的账号加了通行密钥“{name}”。不是您本人？请马上删除它。",
           "The passkey {name} was added to your account. Not you? Remove it at once."), name="我的手机"),
    _told("passkey_removed", ("删除了通行密钥", "A passkey was removed"),
          ("通行密钥“{name}”已删除。不是您本人？请到社区服务台核实。",
           "The passkey {name} was removed. Not you? Please go to a community desk."), name="我的手机"),
    _told("passkey_cloned", ("通行密钥可能被复制", "A passkey may have been copied"),
          ("有人用了“{name}”的副本，已经停用它。请把它删除，再在您的手机上新建一个。",
           "A copy of {name} was used, so it is suspended. Remove it and make a new one on your phone."), name="我的手机"),
    _told("codes_made", ("换了恢复码", "New recovery codes"),
          ("您生成了新的恢复码，以前的都作废了。不是您本人？请马上再生成一次。",
           "New recovery codes were made; those from before are void. Not you? Make new ones at once.")),
    _told("code_used", ("用了一个恢复码", "A recovery code was used"),
          ("还剩 {left} 个。不是您本人？请马上生成新的恢复码，并让陌生设备退出。",
           "{left} are left. Not you? Make new codes at once and end devices you do not know."), left=9),
    _told("vouched", ("家人为新设备作证", "Your family vouched for a new device"),
          ("{name}证明在新设备上登录的是您，{ready_at:time}起可以登录。不是您本人？请马上打开这里拦下。",
           "{name} says that it is you on a new device; it counts from {ready_at:time}. Not you? Open this and stop it."),
          name="王小明", ready_at="2027-03-05T18:00:00+08:00"),
    _told("help_given", ("服务台帮您登录了", "A desk let you in"),
          ("社区服务台核对了您的身份证，让您在新设备上登录。不是您本人？请马上让陌生设备退出，并到服务台核实。",
           "A community desk compared your card and let you in on a new device. Not you? End it and go to a desk.")),
)
PROVIDERS = Providers(
    desks=(Desk("/me/recovery-desk", ("desk_officer",)),),
    export=store_held.EXPORT,
    leaves_out=store_held.LEAVES_OUT,
    erase=store.forget,
    messages=MESSAGES,
    retains=(
        Retention({"zh": "登录求助：失效以后", "en": "Help to sign in: after it was over"}, NO_LONGER, 180, "factors.help",
                  "SELECT id FROM factors.help WHERE until < $1 ORDER BY until LIMIT $2"),
        Retention({"zh": "删除了的通行密钥", "en": "Passkeys that were removed"}, NO_LONGER, 180, "factors.passkey",
                  "SELECT id FROM factors.passkey WHERE ended_at < $1 ORDER BY ended_at LIMIT $2"),
    ),
)
