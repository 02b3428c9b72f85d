"""Certificates in GraphQL: each field is one line, its authorisation beside it."""

from __future__ import annotations

import strawberry
from strawberry import ID, Info

from certificates import issuing, presenting, service, store, store_presenting
from certificates.models import OFFICER, Outcome
from certificates.schema_presenting import (
    CertificatesAnswer,
    CertificatesAsked,
    CertificatesOffer,
    CertificatesRequest,
    CertificatesScene,
)
from certificates.schema_wallet import (
    CertificatesCertificate,
    CertificatesClaimResult,
    CertificatesCorrection,
    CertificatesKind,
    CertificatesWhole,
)
from haian import fields
from haian.call import Call
from haian.fields import Audit, Connection
from haian.ids import parse_id
from haian.rules import PUBLIC, SIGNED_IN, role

OFFICE = role(OFFICER)
VERIFIER = role("inspector", "desk_officer", "window_clerk", "registrar", "librarian", "conductor", "ticket_inspector",
                "canteen_clerk")
PRESENTED = Audit("PRESENTATION_SEEN", subject="holder_id", role="role", ground="shown", office="organisation_id",
                  names="told")


@strawberry.type
class Query:
    @fields.field(allow=SIGNED_IN)
    def certificates_mine(self) -> list[CertificatesCertificate]:
        """My wallet 卡包."""
        return store.mine()

    @fields.field(allow=SIGNED_IN)
    def certificates_to_claim(self) -> list[CertificatesKind]:
        """The kinds that are not in my wallet yet."""
        return store.to_claim()

    @fields.field(allow=SIGNED_IN)
    def certificates_certificate(self, id: ID) -> CertificatesCertificate | None:
        """A certificate of mine."""
        return store.certificate(id)

    @fields.field(allow=OFFICE, audit=Audit("CORRECTIONS_SEEN", subject="subject", ground="duty"))
    def certificates_corrections(self, first: int = 20, after: str | None = None, last: int | None = None,
                                 before: str | None = None) -> Connection[CertificatesCorrection]:
        """Corrections that wait for the office, the oldest first."""
        return store.waiting(first=first, after=after, last=last, before=before)

    @fields.field(allow=PUBLIC)
    def certificates_scenes(self) -> list[CertificatesScene]:
        """Every scene in which a certificate replaces paper, and how often it did."""
        return store_presenting.scenes()

    @fields.field(allow=VERIFIER)
    def certificates_my_scenes(self) -> list[CertificatesScene]:
        """The scenes in which I may ask."""
        return store_presenting.my_scenes()

    @fields.field(allow=SIGNED_IN)
    def certificates_request(self, token: str) -> CertificatesRequest | None:
        """What a verifier's QR code asks of me."""
        return store_presenting.asked_of_me(token)

    @fields.field(allow=VERIFIER, audit=PRESENTED)
    def certificates_answer(self, id: ID) -> CertificatesAnswer | None:
        """What came of a request of mine."""
        return store_presenting.answer_of(id)


@strawberry.type
class Mutation:
    @fields.mutation(allow=SIGNED_IN)
    async def certificates_claim(self, info: Info[Call, None], kind: ID, key: str) -> CertificatesClaimResult:
        """领取: take a certificate of mine from its office into my wallet."""
        return await service.claim(info.context, kind, key)

    @fields.mutation(allow=SIGNED_IN, recent="if held", unagreed=True)
    async def certificates_unmask(self, info: Info[Call, None], id: ID) -> list[CertificatesWhole]:
        """亮证: what a certificate of mine says, whole. It is noted."""
        found = await service.unmask(info.context, parse_id(id, "id"))
        return [CertificatesWhole(name=name, value=value) for name, value in found.items()]

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def certificates_ask_correction(self, info: Info[Call, None], id: ID, claim: str, says: str, words: str,
                                          key: str) -> CertificatesCorrection:
        """纠错: say what a certificate of mine should say instead, and why."""
        return await service.ask_correction(info.context, parse_id(id, "id"), claim, says, words, key)

    @fields.mutation(allow=OFFICE, recent="if held")
    async def certificates_answer_correction(self, info: Info[Call, None], id: ID, outcome: Outcome,
                                             words: str) -> CertificatesCorrection:
        """As the office that issued it: corrected, or not, and why."""
        return await service.answer_correction(info.context, parse_id(id, "id"), outcome, words)

    @fields.mutation(allow=VERIFIER)
    async def certificates_ask(self, info: Info[Call, None], scene: ID) -> CertificatesAsked:
        """Ask in a scene of my post."""
        return CertificatesAsked(**vars(await presenting.ask(info.context, scene)))

    @fields.mutation(allow=SIGNED_IN, recent="if held")
    async def certificates_present(self, info: Info[Call, None], token: str) -> CertificatesRequest:
        """出示: show exactly what is asked."""
        return await presenting.present(info.context, token)

    @fields.mutation(allow=SIGNED_IN)
    async def certificates_decline(self, info: Info[Call, None], token: str) -> CertificatesRequest:
        return await presenting.decline(info.context, token)

    @fields.mutation(allow=SIGNED_IN)
    async def certificates_suspend(self, info: Info[Call, None], id: ID) -> CertificatesCertificate:
        """暂停使用: it counts nowhere until I resume it."""
        return await presenting.suspend(info.context, parse_id(id, "id"))

    @fields.mutation(allow=SIGNED_IN, recent="if held")
    async def certificates_resume(self, info: Info[Call, None], id: ID) -> CertificatesCertificate:
        return await presenting.resume(info.context, parse_id(id, "id"))

    @fields.mutation(allow=OFFICE, recent="if held")
    async def certificates_revoke(self, info: Info[Call, None], identifier: str, reason: str) -> bool:
        """吊销, as the office that issued it."""
        return await presenting.revoke(info.context, identifier, reason)

    @fields.mutation(allow=SIGNED_IN, recent="if held")
    async def certificates_offer(self, info: Info[Call, None], id: ID) -> CertificatesOffer:
        """存入其他钱包: offer a certificate of mine to a wallet that scans it."""
        return CertificatesOffer(**vars(await issuing.offer(info.context, parse_id(id, "id"))))
