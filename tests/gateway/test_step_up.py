"""Which mutations want a second factor of the last 5 minutes: each is decided here, and a new one has to be."""

from __future__ import annotations

from uuid import UUID

from tests.clients import Served
from tests.gateway.arguments import request_of
from tests.gateway.cast import MATRIX, person
from tests.gateway.test_matrix import ROOTS, RULES, codes

from gateway.composition import recent
from haian import steps
from haian.demo import demo_id

OF_EVERYBODY = {
    # 证件号, 导出, 注销: what cannot be taken back, or tells all of me
    "identityShowNumber", "consentExport", "consentClose",
    # the scans of an organisation as a file
    "onecodeExport",
    # what a citizen is let in by
    "factorsRemove",
    # what a desk decides about who somebody is
    "identitySettleDispute", "factorsGiveHelp", "identityDeskAskPhone", "identityDeskPhone",
    # who says that it is somebody of the family
    "factorsVouch",
    # whom a gate or a third party has scanned
    "onecodeShowScanned",
}
OF_WHO_HAS_ONE = {
    # a further factor is set by who shows one; the first by who signed in
    "factorsRegisterOptions", "factorsRegister", "factorsRecoveryCodes",
    # a stranger at my telephone does not shut me out
    "identityEndDevice", "identityEndOtherDevices",
    # nor signs in as me from now on
    "identityAskPhone", "identityChangePhone",
    # 亲友代办, 监护: who acts for whom
    "delegationConfirm", "delegationGiveAtDesk", "delegationAttest", "delegationEndGuardian",
    "delegationLinkChild",
    # 一码通: a code that was stopped is good again
    "onecodeResume",
    # 小程序授权: who acts as me from now on
    "oauthAllow", "oauthRegister", "oauthDecide",
    # 岗位: given, approved, taken, ended
    "staffInvite", "staffApprove", "staffAnswer", "staffEnd", "staffAnswerBurst",
    # 证照: what is shown whole, and what the office says of it
    "certificatesUnmask", "certificatesAnswerCorrection", "certificatesPresent", "certificatesResume", "certificatesRevoke",
    "certificatesOffer",
    # 服务协议 of the whole district
    "consentProposeTerms", "consentDecideTerms",
    # 闸机: what reads codes without a person
    "onecodeRegisterVerifier", "onecodeDecideVerifier", "onecodeEnrolVerifier",
    # which scenes run at a gate, and which there are
    "onecodeAssign", "onecodeProposeScene", "onecodeProposeEnd", "onecodeDecideScene",
}
OF_NOBODY = {
    # how one comes in and goes, and how a factor is shown
    "identityRequestCode", "identitySignIn", "identitySignOut", "factorsSignInOptions", "factorsSignIn", "factorsComplete",
    "factorsAskHelp", "factorsHelped", "factorsStepUpOptions", "factorsStepUp",
    # a name for a thing of mine, where I live, what I read
    "identityNameDevice", "factorsRename", "identityChooseCommunity", "messagesMarkRead",
    # 实名: the verifier decides
    "identityVerify",
    # ten minutes of what this session may do; showing a factor is not among it
    "identityAccessToken",
    # counts for nothing until it is confirmed, which wants one
    "delegationGive", "delegationSendCode", "delegationAsk",
    # what somebody offers me, and a look at whose card lies on the desk
    "delegationAccept", "delegationDeskPerson",
    # what an office has of me by my real name; a wish that staff check
    "certificatesClaim", "certificatesAskCorrection",
    # what a counter asks, and what is not shown; a stop must never be slow
    "certificatesAsk", "certificatesDecline", "certificatesSuspend",
    # takes rights back, and must never be slow
    "factorsStopHelp", "delegationEnd", "onecodeSuspend", "onecodeEndPass", "onecodeRevokeVerifier", "staffWithdraw",
    "consentKeep", "consentEnd",
    # one fact, to whom has just asked for it; taken back by one tap
    "onecodeAllow", "onecodeAnswer",
    # a guardian's word on what a child asks: one fact too, and taken back by one tap
    "onecodeAskGuardian", "consentAnswerRequest", "consentAskTerms",
    # a shift, with gloves on: within a post that one holds
    "staffHandOver", "staffTakeOver",
    "consentAccept", "consentAsk", "consentAskAbout", "consentAnswer", "oauthRefuse", "oauthEnd",
    # the day's work of staff, and of citizens with what is theirs: nothing is paid here yet, and all can be undone
    "messagesPublishNews", "messagesWithdrawNews", "parkingRegisterSpace", "parkingDecideSpace", "parkingOfferSpace",
    "parkingWithdrawOffer", "parkingBookSpace", "parkingCancelBooking", "educationPublish", "educationWithdraw",
    "educationRemind", "educationConfirm", "onecodeIssue", "onecodeScan", "onecodeServe", "onecodeInvite",
    "onecodeCarry", "onecodeHandIn", "onecodeSettle",
    # a visitor, who has no account
    "onecodeVisit", "onecodeUndo", "onecodeLetIn", "onecodeReview", "healthcareBook", "healthcareCancel",
    "healthcareCloseSchedule", "healthcareOpenSchedule", "healthcareMark",
}


def test_every_mutation_is_decided() -> None:
    """A new one fails here until it stands in one of the three; one that changes its mind, too."""
    decided = dict.fromkeys(OF_NOBODY, False) | dict.fromkeys(OF_WHO_HAS_ONE, "if held") | dict.fromkeys(OF_EVERYBODY, True)
    assert len(decided) == len(OF_NOBODY) + len(OF_WHO_HAS_ONE) + len(OF_EVERYBODY)
    assert recent(MATRIX.schema) == decided


async def test_whoever_has_a_factor_shows_it_and_whoever_has_none_is_not_asked(served: Served) -> None:
    """What a service says of made-up arguments is its own; that the factor is asked for comes before."""
    people = {who: await person(served.platform, demo_id(f"citizen:{who}"), set())
              for who in ("resident", "manager", "desk", "developer")}

    async def asked() -> set[str]:
        """The mutations that want the factor."""
        found = set()
        mutation = ROOTS["mutation"]
        assert mutation
        for name in sorted(OF_WHO_HAS_ONE, key="factorsRecoveryCodes".__eq__):  # which gives one, last
            query, variables = request_of("mutation", name, mutation.fields[name])
            roles = RULES[f"Mutation.{name}"].roles
            who = next((who for who in ("manager", "developer") if who in roles), "desk" if roles else "resident")
            found |= {name} if await codes(served, people[who], query, variables) == {"STEP_UP_NEEDED"} else set()
        return found
    assert await asked() == set()
    for one in people.values():
        await give_factor(served, one.viewer.id)
    assert await asked() == OF_WHO_HAS_ONE
    for one in people.values():
        await steps.confirm(served.platform, str(one.viewer.session))
    assert await asked() == set()


async def give_factor(served: Served, citizen: UUID | None) -> None:
    async with served.platform.db.writing_as("factors") as connection:
        await connection.execute("INSERT INTO factors.recovery_code (citizen_id, hash, made_at) VALUES ($1, sha256($2), $3)",
                                 citizen, str(citizen).encode(), served.platform.clock.now())
