"""What onecode offers to others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import Read, sql
from haian.registry import MessageType, Providers, Service
from onecode.demo import load_demo
from onecode.store import forget

LEDGER = "/onecode/history"


@sql
def my_scans_whole(citizen: UUID) -> Any:
    """SELECT s.id, s.at, s.scene_id, o.name AS organisation, s.place, s.verdict, s.facts
       FROM onecode.scan s JOIN haian.organisation o ON o.id = s.organisation_id
       WHERE s.holder_id = {citizen} ORDER BY s.at"""


def export(citizen: UUID) -> dict[str, Read]:
    """All that onecode holds about a citizen."""
    return {"scans": my_scans_whole(citizen)}


PROVIDERS = Providers(
    services=(
        Service("onecode", {"zh": "一码通", "en": "One code"}, "/onecode", ("二维码", "亮码", "通行码", "门禁", "出入")),
        Service("onecode.scan", {"zh": "扫码核验", "en": "Check codes"}, "/onecode/scan", ("扫一扫", "核验", "验码")),
    ),
    messages=(
        MessageType("onecode.used", {"zh": "您的码被第二次出示", "en": "Your code was shown a second time"},
                    {"zh": "有人在 {place} 出示了您用过的码，没有通过，也没有看到您的信息。请不要把码的截图发给别人。",
                     "en": "A code that you had used was shown at {place}. It was refused and nothing of you was seen."
                           " Please do not pass on pictures of your code."}, LEDGER),
        MessageType("onecode.not_entitled", {"zh": "这里没有放行", "en": "You were not let in"},
                    {"zh": "{place} 核验了您的码，但没有查到需要的信息。您可以找工作人员登记，或核对“我的”里的社区。",
                     "en": "Your code was checked at {place}, but what is needed there was not found. Ask the staff, or"
                           " check your community under Me."}, LEDGER),
    ),
    export=export,
    erase=forget,
    load_demo=load_demo,
)
