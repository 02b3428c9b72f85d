"""What certificates hold about a citizen, for their own file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from certificates import vault
from haian.reads import sql
from haian.registry import OFFICE, OTHERS, SECRET, Opens
from haian.settings import Settings


# `metadata` have the short names that registries of 电子证照 use (docs/laws.md).
@sql
def certificates(citizen: UUID) -> Any:
    """SELECT c.id, c.kind_id, k.name_zh AS kind, c.identifier, c.serial, c.version, c.issuer, c.issuer_code, c.issued_on,
              c.valid_from, c.valid_until, c.born, c.shown, c.state, c.reason, c.claimed_at, c.changed_at, c.demo, v.sealed,
              jsonb_build_object(
                  'ZZBS', c.identifier, 'ZZMC', k.name_zh, 'ZZLXDM', k.code, 'ZZBH', c.serial,
                  'CZZT', coalesce(c.shown ->> 'company', c.shown ->> 'name'),
                  'CZZTDM', coalesce(c.shown ->> 'uscc', c.shown ->> 'number'),
                  'CZZTDMLX', CASE WHEN k.id = 'business' THEN '统一社会信用代码' ELSE '公民身份号码' END,
                  'ZZBFJG', c.issuer, 'ZZBFJGDM', c.issuer_code, 'ZZBFRQ', c.issued_on,
                  'ZZYXQQSRQ', c.valid_from, 'ZZYXQJZRQ', c.valid_until) AS metadata
       FROM certificates.certificate c JOIN certificates.kind k ON k.id = c.kind_id
       LEFT JOIN certificates.vault v ON v.certificate_id = c.id
       WHERE c.citizen_id = {citizen} ORDER BY c.claimed_at, c.id"""


@sql
def corrections(citizen: UUID) -> Any:
    """SELECT id, certificate_id, kind_id, claim, says, words, asked_at, outcome, answer, answered_at
       FROM certificates.correction WHERE citizen_id = {citizen} ORDER BY asked_at"""


@sql
def uses(citizen: UUID) -> Any:
    """SELECT u.id, u.at, u.certificate_id, c.kind_id, u.what, u.whom, u.scene_id, u.claims FROM certificates.use u
       JOIN certificates.certificate c ON c.id = u.certificate_id WHERE u.citizen_id = {citizen} ORDER BY u.at"""


@sql
def elsewhere(citizen: UUID) -> Any:
    """SELECT w.id, w.certificate_id, w.version, w.list, w.index, w.wallet, w.issued_at, w.until
       FROM certificates.credential w JOIN certificates.certificate c ON c.id = w.certificate_id
       WHERE c.citizen_id = {citizen} ORDER BY w.issued_at"""


@sql
def presented(citizen: UUID) -> Any:
    """SELECT r.id, r.scene_id, o.name AS organisation, r.organisation_id, r.whom, r.role, r.asked_at, r.until, r.outcome,
              r.trouble, r.answered_at, r.seen
       FROM certificates.request r LEFT JOIN haian.organisation o ON o.id = r.organisation_id
       WHERE r.holder_id = {citizen} ORDER BY r.asked_at"""


def whole(settings: Settings, _: UUID, row: dict[str, Any]) -> dict[str, Any]:
    """All that a certificate says, in place of its seal, its holder too. InvalidTag where no key of ours opens it."""
    sealed = row.pop("sealed")
    claims = vault.open_(settings, row["id"], sealed) if sealed else {}
    holder = {"CZZT": claims.get("company", claims.get("name")), "CZZTDM": claims.get("uscc", claims.get("number"))}
    return row | {"claims": claims, "metadata": row["metadata"] | {name: said for name, said in holder.items() if said}}


EXPORT = {"certificates": certificates, "corrections": corrections, "uses": uses, "other_wallets": elsewhere,
          "presented": presented}
OPENS = {"certificates": Opens("claims", whole)}
NOT_HELD = ("certificates.kind", "certificates.claim", "certificates.scene", "certificates.status_version")
LEAVES_OUT = {
    "certificates.correction.answered_by": OFFICE,
    "certificates.request.token": SECRET,
    "certificates.request.nonce": SECRET,
    "certificates.request.verifier_id": OTHERS,
}
