"""What factors hold about a citizen, for their own file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import OTHERS, SECRET


@sql
def passkeys(citizen: UUID) -> Any:
    """SELECT id, encode(credential_id, 'hex') AS credential, encode(public_key, 'hex') AS public_key, sign_count, name,
              transports, backed_up, made_at, used_at, suspended_at, ended_at
       FROM factors.passkey WHERE citizen_id = {citizen} ORDER BY made_at, id"""


@sql
def recovery_codes(citizen: UUID) -> Any:
    "SELECT made_at, used_at FROM factors.recovery_code WHERE citizen_id = {citizen} ORDER BY made_at, used_at"


@sql
def helps(citizen: UUID) -> Any:
    """SELECT h.id, h.number, h.device, h.asked_at, h.until, h.given_at, h.used_at, v.masked_name AS vouched_by,
              h.vouched_as, h.vouched_at, h.ready_at, h.stopped_at
       FROM factors.help h LEFT JOIN haian.citizen v ON v.id = h.vouched_by WHERE h.citizen_id = {citizen}
       ORDER BY h.asked_at"""


EXPORT = {"passkeys": passkeys, "recovery_codes": recovery_codes, "helps": helps}
LEAVES_OUT = {
    "factors.recovery_code.hash": SECRET,
    "factors.recovery_code.key": SECRET,
    "factors.help.given_by": OTHERS,
}
