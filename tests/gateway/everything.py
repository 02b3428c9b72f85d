"""Every trusted document asked once, as its page asks it: what is read, and a day of changes by those who may make them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from tests.clients import new_number
from tests.gateway.test_permissions import GATEWAY, viewers
from tests.identity.authority import TOKEN, authority, known_to, number_of
from tests.onecode.device import Device, sealed
from tests.passkeys import Passkey

from certificates.issuers import HttpIssuer
from delegation.registers import HttpRegistry
from haian import steps
from haian.call import Call, Platform
from haian.codes import new_token
from haian.demo import ACCOUNTS, demo_id
from haian.viewer import ANONYMOUS, Viewer
from identity.demo import number
from identity.numbers import index
from identity.sessions import begin_device
from identity.sms import OutboxSender
from oauth import service as oauth

TAUGHT = "md5('haian demo class 9')::uuid"  # by the demo's teacher; the demo's parent has a child in it
HOSPITAL = f"hospital_id = '{demo_id('organisation:hospital')}'"  # where the demo's registrar works
EXAMPLES = {
    "class": f"SELECT {TAUGHT}",
    "notice": f"SELECT id FROM education.notice WHERE class_id = {TAUGHT} ORDER BY published_at DESC LIMIT 1",
    "pupil": f"SELECT id FROM education.pupil WHERE class_id = {TAUGHT} ORDER BY id LIMIT 1",
    "department": "SELECT id FROM healthcare.department ORDER BY id LIMIT 1",
    "doctor": "SELECT id FROM healthcare.doctor WHERE demo ORDER BY id LIMIT 1",
    "slot": "SELECT id FROM healthcare.slot WHERE remaining > 0 ORDER BY id LIMIT 1",
    "appointment": "SELECT id FROM healthcare.appointment ORDER BY id LIMIT 1",
    "full slot": "SELECT id FROM healthcare.slot WHERE remaining = 0 AND day > '2027-03-03' ORDER BY id LIMIT 1",
    "schedule": f"SELECT id FROM healthcare.schedule WHERE {HOSPITAL} AND day > '2027-03-03' ORDER BY id LIMIT 1",
    "appointment today": f"""SELECT id FROM healthcare.appointment WHERE {HOSPITAL} AND day = '2027-03-01'
                             AND status = 'booked' ORDER BY id LIMIT 1""",
    "mandate": "SELECT id FROM delegation.mandate ORDER BY id LIMIT 1",
    "news": "SELECT id FROM messages.news ORDER BY id LIMIT 1",
    "certificate": f"""SELECT id FROM certificates.certificate WHERE citizen_id = '{demo_id("citizen:resident")}'
                       ORDER BY id LIMIT 1""",
    "dispute": "SELECT id FROM identity.dispute ORDER BY id LIMIT 1",
    "offer": "SELECT id FROM parking.offer ORDER BY id LIMIT 1",
    "booking": "SELECT id FROM parking.booking ORDER BY id LIMIT 1",
}
HOUR = {"startsAt": "2027-03-02T09:00:00+08:00", "endsAt": "2027-03-02T10:00:00+08:00"}
PROPERTY = {"organisation": str(demo_id("organisation:property"))}
ORDERS, TURNS = count(), count()
Ask = Callable[..., Awaitable[Any]]


def asking(platform: Platform, known: dict[str, Viewer], done: set[str] | None = None) -> Ask:
    """Ask as one of the viewers; what was asked is noted in `done`."""
    async def ask(who: str, document: str, call: Call | None = None, /, **variables: Any) -> Any:
        """The data of an answer without errors, for who has just shown a second factor. A mutation that takes a key gets a
        new one."""
        if session := known[who].session:
            await steps.confirm(platform, str(session))
        if "$key:" in GATEWAY.documents.by_name[document].body:
            variables.setdefault("key", str(uuid4()))
        if done is not None:
            done.add(document)
        operation = GATEWAY.documents.by_name[document]
        answer = json.loads(await GATEWAY.run(operation, variables, call or Call(platform, known[who])))
        assert "errors" not in answer, (document, variables, answer["errors"])
        return answer["data"]
    return ask


async def signed_in(platform: Platform) -> dict[str, Viewer]:
    """Nobody, and each demo account with the posts that it holds."""
    return await viewers(SimpleNamespace(platform=platform))  # type: ignore[arg-type]


def reads(ids: dict[str, str]) -> list[tuple[str, str, dict[str, Any]]]:
    """Every query of the client, by those who see most of it."""
    return [
        ("parent", "DelegationPrincipals", {}), ("parent", "DelegationFamily", {}), ("parent", "ConsentRequests", {}),
        ("parent", "DelegationScopes", {}), ("elder", "DelegationMandates", {}),
        ("elder", "DelegationLog", {"mandate": ids["mandate"]}),
        ("teacher", "StaffMine", {}), ("guard", "StaffShift", {}),
        ("manager", "StaffOffices", {}), ("manager", "StaffPosts", PROPERTY),
        ("manager", "StaffInvitations", {"organisation": str(demo_id("organisation:district"))}),
        ("manager", "StaffBursts", {}),
        ("parent", "FactorsMine", {}), ("parent", "FactorsVouched", {}),
        ("developer", "OauthMine", {}), ("developer", "OauthScopes", {}), ("manager", "OauthWaiting", {}),
        ("manager", "OauthClients", {}),
        ("parent", "ConsentTerms", {}), ("parent", "OauthRequest", {"request": "0" * 26}),
        ("parent", "ConsentTerms", {"version": 1}), ("parent", "ConsentTermsVersions", {}),
        ("parent", "ConsentTermsStanding", {}), ("desk", "ConsentTermsProposals", {}),
        ("parent", "ConsentMyData", {}), ("parent", "ConsentQuestions", {}),
        ("parent", "ConsentQuestionsAbout", {"things": [str(demo_id("scan:0"))]}), ("manager", "ConsentDeskQuestions", {}),
        ("parent", "ConsentGiven", {}), ("parent", "ConsentGiven", {"child": str(demo_id("citizen:toddler"))}),
        ("parent", "ConsentLedger", {}), ("parent", "ConsentLedger", {"kind": "OFFICIAL"}),
        ("parent", "ConsentLedger", {"child": str(demo_id("citizen:child")), "since": "2027-01-01T00:00:00+08:00"}),
        ("resident", "CertificatesMine", {}), ("desk", "CertificatesCorrections", {}),
        ("resident", "CertificatesScenes", {}), ("manager", "CertificatesMyScenes", {}),
        ("resident", "CertificatesRequest", {"token": "none"}),
        ("manager", "CertificatesAnswer", {"id": str(uuid4())}),
        ("resident", "CertificatesCertificate", {"id": ids["certificate"]}),
        ("parent", "EducationSchools", {}), ("parent", "EducationSchool", {"id": str(demo_id("organisation:school"))}),
        ("parent", "EducationNotices", {}), ("parent", "EducationNotice", {"id": ids["notice"]}),
        ("teacher", "EducationClasses", {}), ("teacher", "EducationClass", {"id": ids["class"], "first": 20}),
        ("teacher", "EducationWritten", {"id": ids["notice"]}), ("teacher", "EducationGuardians", {"pupil": ids["pupil"]}),
        ("parent", "HealthcareHospitals", {}),
        ("parent", "HealthcareHospital", {"id": str(demo_id("organisation:hospital"))}),
        ("parent", "HealthcareDepartment", {"id": ids["department"]}), ("parent", "HealthcareDoctor", {"id": ids["doctor"]}),
        ("parent", "HealthcareSlot", {"id": ids["slot"]}), ("parent", "HealthcarePatients", {}),
        ("parent", "HealthcareComing", {}), ("parent", "HealthcarePast", {}),
        ("resident", "HealthcareAppointment", {"id": ids["appointment"]}),
        ("registrar", "HealthcareDesk", {"day": "2027-03-02"}),
        ("registrar", "HealthcareDeskAppointments", {"day": "2027-03-02"}),
        ("manager", "HomeDesks", {}), ("desk", "HomeDesks", {}),
        ("resident", "HomeThings", {}), ("parent", "HomeThings", {}), ("parent", "IdentityViewer", {}),
        ("parent", "IdentityDevices", {}), ("parent", "IdentityNaming", {}), ("parent", "IdentityPhone", {}),
        ("desk", "IdentityDisputes", {}), ("desk", "IdentityDispute", {"id": ids["dispute"]}),
        ("parent", "IdentityStreets", {}),
        ("parent", "IdentityCommunities", {"street": "370211005"}), ("parent", "MessagesInbox", {}),
        ("parent", "MessagesUnread", {}), ("parent", "MessagesNews", {}),
        ("parent", "MessagesNews", {"street": "370211005"}),
        ("parent", "MessagesOneNews", {"id": ids["news"]}), ("resident", "OnecodeScans", {}),
        ("resident", "OnecodeAsks", {}), ("guard", "OnecodePost", {}),
        ("guard", "OnecodePostScans", {}),
        ("resident", "OnecodeMine", {}), ("resident", "OnecodePasses", {}),
        ("guard", "OnecodeOfflineKit", {}), ("guard", "OnecodeKeptKey", {}), ("nobody", "OnecodeScenes", {}),
        ("guard", "OnecodeDuties", {}),
        ("manager", "OnecodeVerifierOffices", {}), ("desk", "OnecodeAllVerifiers", {}),
        ("manager", "OnecodeVerifierScenes", PROPERTY), ("manager", "OnecodeVerifiers", PROPERTY),
        ("manager", "OnecodeDesks", {}), ("manager", "OnecodePlaces", PROPERTY), ("manager", "OnecodeFlow", PROPERTY),
        ("manager", "OnecodeEntries", PROPERTY), ("desk", "OnecodeSceneDesk", {}),
        ("parent", "ParkingCommunities", {}),
        ("parent", "ParkingFree", {"community": "370211005001", **HOUR}), ("parent", "ParkingOffer", {"id": ids["offer"]}),
        ("parent", "ParkingBookings", {}), ("parent", "ParkingBooking", {"id": ids["booking"]}),
        ("resident", "ParkingMySpaces", {}), ("clerk", "ParkingDeskSpaces", {}), ("clerk", "ParkingDeskBookings", HOUR),
        ("guard", "ParkingDeskBookings", HOUR), ("parent", "SearchFind", {"text": "儿科"}),
        ("parent", "SearchFind", {"text": "王", "kinds": ["doctor"]}), ("parent", "SearchKinds", {"text": "停车"}),
        ("parent", "SearchHints", {}),
    ]


async def read_everything(ask: Ask, ids: dict[str, str]) -> set[str]:
    """Ask all of it, with the next page where there is one, which has a statement of its own; returns the documents."""
    for who, document, variables in reads(ids):
        answer = await ask(who, document, **variables)
        pages = [value["pageInfo"] for value in answer.values() if isinstance(value, dict) and "pageInfo" in value]
        if pages and pages[0]["endCursor"]:
            await ask(who, document, **variables, after=pages[0]["endCursor"])
    return {document for _, document, _ in reads(ids)}


async def change_everything(ask: Ask, platform: Platform, known: dict[str, Viewer], ids: dict[str, str]) -> None:
    """Every mutation of the client, once with each of its results that a page shows."""
    await a_booking_at_the_doctor(ask, known, ids)
    await a_space_is_lent(ask)
    await a_notice_to_a_class(ask, ids)
    news = await ask("editor", "MessagesPublishNews", topic="NOTICE", title="停水通知", body="明天停水。")
    await ask("editor", "MessagesWithdrawNews", id=news["messagesPublishNews"]["id"])
    await ask("parent", "MessagesMarkRead", id=str(uuid4()))
    await ask("parent", "MessagesMarkRead")
    await at_a_gate(ask)
    await a_visitor_and_a_carried_code(ask, platform, known["resident"])
    await scenes(ask)
    await terms(ask, platform)
    await posts(ask)
    await a_burst(ask, platform)
    await a_gate(ask)
    await questions(ask)
    await ask("resident", "ConsentExport")
    await ask("resident", "ConsentClose")
    await ask("resident", "ConsentKeep")
    await beyond_the_base(ask)
    await a_child_asks(ask)
    await ask("parent", "IdentityChooseCommunity", code="370211005001")
    await mini_apps(ask, platform)
    await mandates(ask, platform, known)
    await a_child_is_added(ask, platform)
    await second_factors(ask, platform, known)
    await real_names(ask, platform, known)
    await devices(ask, platform, known)
    await certificates(ask, platform)


async def scanned(ask: Ask, verifier: str, holder: str = "resident") -> str:
    """A code that was made for it is read; the scan."""
    code = (await ask(holder, "OnecodeIssue"))["onecodeIssue"]["text"]
    return str((await ask(verifier, "OnecodeScan", code=code, nonce=str(uuid4())))["onecodeScan"]["id"])


async def at_a_gate(ask: Ask) -> None:
    """A scan is taken back, the code stopped for a while, an ambulance let in; the manager looks to it all."""
    await ask("guard", "OnecodeUndo", scan=await scanned(ask, "guard"), why="WRONG_PERSON")
    await ask("resident", "OnecodeSuspend")
    await ask("resident", "OnecodeResume")
    entry = await ask("guard", "OnecodeLetIn", cause="AMBULANCE", people=2)
    await ask("manager", "OnecodeReview", entry=entry["onecodeLetIn"]["id"], justified=True)
    await ask("manager", "OnecodeAssign", **PROPERTY, place="西门", scenes=["residential_gate"])
    await ask("manager", "OnecodeExport", **PROPERTY, since="2027-03-01")
    await ask("guard", "OnecodeServe", duty=(await ask("guard", "OnecodeDuties"))["onecodeDuties"][0]["id"])


async def a_visitor_and_a_carried_code(ask: Ask, platform: Platform, holder: Viewer) -> None:
    """A visitor shows a code by a link; codes that a phone carried are read with the server and settled without."""
    secret, now = new_token(), platform.clock.now()
    invited = await ask("resident", "OnecodeInvite", link=hashlib.sha256(secret.encode()).hexdigest(), visitor="客人",
                        entries=2, startsAt=now.isoformat(), endsAt=(now + timedelta(hours=1)).isoformat())
    visit = await ask("nobody", "OnecodeVisit", secret=secret)
    await ask("guard", "OnecodeScan", code=visit["onecodeVisit"]["code"]["text"], nonce=str(uuid4()))
    await ask("resident", "OnecodeEndPass", id=invited["onecodeInvite"]["id"])
    device = Device()
    await begin_device(platform.redis, holder.id or UUID(int=0), UUID(holder.session))
    carried = (await ask("resident", "OnecodeCarry", deviceKeys=device.said))["onecodeCarry"]["kinds"][0]["codes"]
    shown = [device.show(code, platform.clock.epoch()) for code in carried]
    await ask("guard", "OnecodeScan", code=shown[0], nonce=str(uuid4()))
    await ask("guard", "OnecodeSettle", code=shown[1])
    kept = {"code": shown[2], "verdict": "ACCEPTED", "key": str(uuid4())}
    left = sealed((await ask("guard", "OnecodeKeptKey"))["onecodeKeptKey"], kept)
    await ask("registrar", "OnecodeHandIn", who=str(demo_id("citizen:guard")), sealed=[left])


async def beyond_the_base(ask: Ask) -> None:
    """What a hospital asks beyond is denied, then given from the next scan on, then taken back."""
    scan = await scanned(ask, "registrar")
    await ask("resident", "OnecodeAnswer", scan=scan, reply="DENIED")
    await ask("resident", "OnecodeAllow", scan=scan, fact="phone", term="MONTH")
    await scanned(ask, "registrar")
    await ask("resident", "ConsentEnd", id=(await ask("resident", "ConsentGiven"))["consentGiven"]["edges"][0]["node"]["id"])


async def questions(ask: Ask) -> None:
    """A line of the ledger is questioned and answered; a scan is questioned beside it."""
    lines = (await ask("resident", "ConsentLedger", kind="SCAN"))["consentLedger"]["edges"]
    line = next(edge["node"]["id"] for edge in lines if edge["node"]["question"] is None)
    question = (await ask("resident", "ConsentAsk", entry=line, text="为什么扫我的码？"))["consentAsk"]["id"]
    await ask("manager", "ConsentAnswer", id=question, text="进门核验。")
    await ask("resident", "ConsentAskAbout", thing=await scanned(ask, "guard"), text="我没有进门。")


async def terms(ask: Ask, platform: Platform) -> None:
    """Agreed to; a new version is proposed, and a second official declines it."""
    await ask("parent", "ConsentAccept", version=1)
    made = await ask("manager", "ConsentProposeTerms", zh="新的服务协议。" * 4, en="The new terms of use. ",
                     changesZh="新的一条。", changesEn="A new rule.",
                     since=(platform.clock.now() + timedelta(days=30)).isoformat())
    await ask("desk", "ConsentDecideTerms", id=made["consentProposeTerms"]["id"], agree=False)


async def mini_apps(ask: Ask, platform: Platform) -> None:
    """One asks twice: the citizen consents, and refuses. Another is registered, approved and ended; a third is refused."""
    studio = (await ask("developer", "OauthMine"))["oauthOffices"][0]["id"]
    for agree in (True, False):
        made = (await ask("developer", "OauthRegister", organisation=studio, nameZh="看海", nameEn="Sea view",
                          redirects=["https://sea.example/back"], scopes=["parking.bookings.read"]))["oauthRegister"]["id"]
        await ask("manager", "OauthDecide", id=made, agree=agree, reason="名称不符")
    ids = [edge["node"]["id"] for edge in (await ask("developer", "OauthMine"))["oauthMine"]["edges"]
           if edge["node"]["standing"] == "LIVE" and edge["node"]["nameZh"] == "看海"]
    await ask("manager", "OauthEnd", id=ids[0], reason="不再使用")
    given = {"client_id": str(demo_id("client:parking")), "redirect_uri": "https://parking.example/callback",
             "response_type": "code", "code_challenge": "x" * 43, "code_challenge_method": "S256"}
    for document, more in (("OauthAllow", {"scopes": ["parking.bookings.read"], "term": "MONTH"}), ("OauthRefuse", {})):
        page = await oauth.ask(platform, given | {"scope": "parking.bookings.read"})
        request = page.partition("request=")[2]
        assert (await ask("resident", "OauthRequest", request=request))["oauthRequest"]["client"]["name"] == "停车小助手"
        await ask("resident", document, request=request, **more)


async def scenes(ask: Ask) -> None:
    """A scene begins and ends, each time by two officials."""
    scene = f"of_turn_{'abcdefghijklmnop'[next(ORDERS) % 16]}"
    made = await ask("manager", "OnecodeProposeScene", id=scene, nameZh="游泳馆", nameEn="Pool", facts=["adult"],
                     post="property property_guard", groundZh="确认成年", groundEn="To see who is of age",
                     source="《个人信息保护法》第十三条", retentionDays=7, reason="新开的游泳馆")
    await ask("desk", "OnecodeDecideScene", id=made["onecodeProposeScene"]["id"], agree=True)
    made = await ask("desk", "OnecodeProposeEnd", scene=scene, reason="停业")
    await ask("manager", "OnecodeDecideScene", id=made["onecodeProposeEnd"]["id"], agree=True)


async def mandates(ask: Ask, platform: Platform, known: dict[str, Viewer]) -> None:
    await ask("grandson", "DelegationAsk", phone="13800000002", scopes=["healthcare.appointments.read"], days=7)
    family = {"guardian": "13800000001", "child": number(date(2017, 6, 1), 112), "seen": "HOUSEHOLD_BOOK"}
    await ask("desk", "DelegationAttest", **family, kin="OTHER", limits=[])
    await ask("desk", "DelegationEndGuardian", **family)
    wish = {"called": "孙子小军", "scopes": ["healthcare.appointments.write"], "days": 30}
    made = (await ask("elder", "DelegationGive", phone="13800000012", **wish))["delegationGive"]
    await ask("elder", "DelegationSendCode", id=made["id"])
    code = await OutboxSender(platform.redis).last("13800000002")
    await ask("elder", "DelegationConfirm", id=made["id"], code=code)
    await ask("grandson", "DelegationAccept", id=made["id"])
    await ask("elder", "DelegationEnd", id=made["id"])
    await ask("desk", "DelegationDeskPerson", person="13800000002")
    await ask("desk", "DelegationGiveAtDesk", principal="13800000002", delegate="13800000012", seen="ID_CARD", **wish)


async def a_child_is_added(ask: Ask, platform: Platform) -> None:
    """By a parent, as the register says."""
    with authority() as url:
        platform.services["family_registry"] = HttpRegistry(url.replace("verify", "family"), TOKEN)
        await ask("editor", "DelegationLinkChild", name="陈小舟", number=number(date(2020, 5, 1), 300))


async def second_factors(ask: Ask, platform: Platform, known: dict[str, Viewer]) -> None:
    """A newcomer makes two passkeys and recovery codes, shows one of each, and removes a passkey."""
    known["factors"], origin, key = await newcomer(ask, platform), platform.settings.public_origin, Passkey()
    for each in (key, Passkey()):
        options = (await ask("factors", "FactorsRegisterOptions"))["factorsRegisterOptions"]
        await ask("factors", "FactorsRegister", answer=each.made(options, origin), name="我的手机")
    codes = (await ask("factors", "FactorsRecoveryCodes"))["factorsRecoveryCodes"]
    options = (await ask("factors", "FactorsStepUpOptions"))["factorsStepUpOptions"]
    await ask("factors", "FactorsStepUp", answer=key.shown(options, origin))
    await ask("factors", "FactorsStepUp", code=codes[0])
    passkey = (await ask("factors", "FactorsMine"))["factorsMine"][0]["id"]
    await ask("factors", "FactorsRename", id=passkey, name="旧手机")
    await signed_in_with_them(ask, platform, known, key, codes)
    await ask("factors", "FactorsRemove", id=passkey)


async def signed_in_with_them(ask: Ask, platform: Platform, known: dict[str, Viewer], key: Passkey,
                              codes: list[str]) -> None:
    """The newcomer is real-named meanwhile, and signs in on new devices: by a passkey, by a code, and by a desk's help."""
    card, origin = number(date(1991, 1, 1), 300 + next(ORDERS)), platform.settings.public_origin
    async with platform.db.writing_as("identity") as connection:
        phone = await connection.fetchval("UPDATE identity.citizen SET level = 'VERIFIED' WHERE id = $1 RETURNING phone",
                                          known["factors"].id)
        await connection.execute("SELECT identity.add_number($1, '', $2, '')", known["factors"].id,
                                 index(card, platform.settings))
    call = Call(platform, ANONYMOUS)
    options = (await ask("nobody", "FactorsSignInOptions", call))["factorsSignInOptions"]
    browser = ANONYMOUS._replace(browser=call.cookies["asked"])
    await ask("nobody", "FactorsSignIn", Call(platform, browser), answer=key.shown(options, origin))
    for way in ("code", "desk"):
        call = Call(platform, ANONYMOUS)
        await ask("nobody", "IdentityRequestCode", call, phone=phone)
        sent = await OutboxSender(platform.redis).last(phone)
        call = Call(platform, ANONYMOUS._replace(browser=call.cookies["asked"]))
        held = (await ask("nobody", "IdentitySignIn", call, phone=phone, code=sent))["identitySignIn"]
        browser = ANONYMOUS._replace(browser=call.cookies["asked"])
        assert held["__typename"] == "IdentityFactorNeeded"
        if way == "code":
            await ask("nobody", "FactorsComplete", Call(platform, browser), code=codes[1])
            continue
        said = (await ask("nobody", "FactorsAskHelp", Call(platform, browser)))["factorsAskHelp"]
        await vouched(ask, platform, known, said)
        said = (await ask("nobody", "FactorsAskHelp", Call(platform, browser)))["factorsAskHelp"]
        await ask("desk", "FactorsGiveHelp", said=said, number=card)
        await ask("nobody", "FactorsHelped", Call(platform, browser))


async def vouched(ask: Ask, platform: Platform, known: dict[str, Viewer], said: str) -> None:
    """Somebody of the family says that it is them, which an old device of theirs stops."""
    known["helper"], now = await newcomer(ask, platform), platform.clock.now()
    async with platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET level = 'VERIFIED' WHERE id = $1", known["helper"].id)
    async with platform.db.writing_as("factors") as connection:
        await connection.execute("INSERT INTO factors.recovery_code VALUES ($1, sha256($2), $3)", known["helper"].id,
                                 said.encode(), now - timedelta(days=2))
    async with platform.db.writing_as("delegation") as connection:
        await connection.execute(
            """INSERT INTO delegation.mandate (principal_id, helper_id, scopes, since, until, asked_at, confirmed_at,
                                               accepted_at, confirmed_how, confirmed_by)
               VALUES ($1, $2, '{parking.bookings.read}', $3, $4, $3, $3, $3, 'PHONE', $1)""",
            known["factors"].id, known["helper"].id, now - timedelta(days=8), now + timedelta(days=8))
    await ask("helper", "FactorsVouch", number=said)
    [found] = (await ask("factors", "FactorsVouched"))["factorsVouched"]
    await ask("factors", "FactorsStopHelp", id=found["id"])


async def a_child_asks(ask: Ask) -> None:
    """What was withheld of a child's at the hospital, its guardian is asked to agree to."""
    await ask("child", "OnecodeAskGuardian", scan=await scanned(ask, "registrar", "child"), fact="phone", term="MONTH")
    await ask("child", "ConsentAskTerms")
    request = (await ask("parent", "ConsentRequests"))["consentRequests"][0]["id"]
    await ask("parent", "ConsentAnswerRequest", id=request, agree=False)


async def a_booking_at_the_doctor(ask: Ask, known: dict[str, Viewer], ids: dict[str, str]) -> None:
    patient = str(known["parent"].id)
    booked = (await ask("parent", "HealthcareBook", slot=ids["slot"], patient=patient))["healthcareBook"]
    again = (await ask("parent", "HealthcareBook", slot=ids["slot"], patient=patient))["healthcareBook"]
    full = (await ask("parent", "HealthcareBook", slot=ids["full slot"], patient=patient))["healthcareBook"]
    assert [each["__typename"] for each in (booked, again, full)] == [
        "HealthcareAppointment", "HealthcareAlreadyBooked", "HealthcareSoldOut"]
    await ask("parent", "HealthcareCancel", id=booked["id"])
    await ask("registrar", "HealthcareMark", id=ids["appointment today"], status="ARRIVED")
    await ask("registrar", "HealthcareMark", id=ids["appointment today"], status="BOOKED")
    await ask("registrar", "HealthcareCloseSchedule", id=ids["schedule"], reason="医生生病")
    await ask("registrar", "HealthcareOpenSchedule", id=ids["schedule"])


async def a_space_is_lent(ask: Ask) -> None:
    label = str(uuid4())[:8]
    space = (await ask("parent", "ParkingRegisterSpace", community="370211005001", lot="地下停车场", label=label,
                       priceCents=100))["parkingRegisterSpace"]["id"]
    await ask("clerk", "ParkingDecideSpace", id=space, approve=True)
    offer = (await ask("parent", "ParkingOfferSpace", space=space, startsAt="2027-03-03T08:00:00+08:00",
                       endsAt="2027-03-03T20:00:00+08:00"))["parkingOfferSpace"]["id"]
    hours = {"offer": offer, "startsAt": "2027-03-03T09:00:00+08:00", "endsAt": "2027-03-03T10:00:00+08:00"}
    booked = (await ask("resident", "ParkingBookSpace", plate="鲁B77777", **hours))["parkingBookSpace"]
    taken = (await ask("elder", "ParkingBookSpace", plate="鲁B88888", **hours))["parkingBookSpace"]
    assert [booked["__typename"], taken["__typename"]] == ["ParkingBooking", "ParkingTaken"]
    await ask("resident", "ParkingCancelBooking", id=booked["id"])
    await ask("parent", "ParkingWithdrawOffer", id=offer)


async def certificates(ask: Ask, platform: Platform) -> None:
    """Claimed, shown, corrected by its office."""
    with authority() as url:
        platform.services["issuer"] = HttpIssuer(url.replace("/verify", "/certificates"), TOKEN)
        made = (await ask("teacher", "CertificatesClaim", kind="id_card"))["certificatesClaim"]["id"]
        await ask("teacher", "CertificatesUnmask", id=made)
        asked = await ask("teacher", "CertificatesAskCorrection", id=made, claim="ethnicity", says="满", words="写错了")
        await ask("desk", "CertificatesAnswerCorrection", id=asked["certificatesAskCorrection"]["id"], outcome="CORRECTED",
                  words="已核对")
        for answer in ("CertificatesPresent", "CertificatesDecline"):
            request = (await ask("manager", "CertificatesAsk", scene="alcohol_sale"))["certificatesAsk"]
            token = request["link"].rsplit("=", 1)[1]
            await ask("teacher", "CertificatesRequest", token=token)
            await ask("teacher", answer, token=token)
            await ask("manager", "CertificatesAnswer", id=request["id"])
        for turn in ("CertificatesSuspend", "CertificatesResume"):
            await ask("teacher", turn, id=made)
        await ask("teacher", "CertificatesOffer", id=made)
        card = (await ask("teacher", "CertificatesCertificate", id=made))["certificatesCertificate"]
        await ask("desk", "CertificatesRevoke", identifier=card["identifier"], reason="冒名办理")


async def a_notice_to_a_class(ask: Ask, ids: dict[str, str]) -> None:
    notice = (await ask("teacher", "EducationPublish", classId=ids["class"], title="研学活动", body="请确认。",
                        deadline="2027-03-04T20:00:00+08:00"))["educationPublish"]["id"]
    await ask("teacher", "EducationRemind", id=notice)
    await ask("parent", "EducationConfirm", id=notice)
    await ask("teacher", "EducationWithdraw", id=notice, reason="改期了")


async def posts(ask: Ask) -> None:
    """Invited, approved, accepted, handed over, taken over, ended; one is refused, one taken back."""
    property_, district = [str(demo_id(f"organisation:{which}")) for which in ("property", "district")]
    whom = ACCOUNTS[next(TURNS) % 3]
    who = whom.key

    async def invite(organisation: str, role: str) -> str:
        given = {"organisation": organisation, "role": role, "name": whom.name, "phone": whom.phone}
        return str((await ask("manager", "StaffInvite", **given))["staffInvite"]["id"])
    guard = await invite(property_, "property_guard")
    mine = (await ask(who, "StaffAnswer", id=guard, accept=True))["staffAnswer"][-1]["id"]
    other = next(each for each in (await ask("guard", "StaffShift"))["staffColleagues"] if each["id"] == mine)
    shift = (await ask("guard", "StaffHandOver", post=other["post"], to=mine, note="明天停水"))["staffHandOver"]
    await ask(who, "StaffTakeOver", id=shift[0]["id"])
    await ask("manager", "StaffEnd", post=mine, reason="调岗")
    editor = await invite(district, "news_editor")
    await ask("desk", "StaffApprove", id=editor, agree=True)
    await ask(who, "StaffAnswer", id=editor, accept=False)
    await ask("manager", "StaffWithdraw", id=await invite(property_, "property_clerk"))


async def a_burst(ask: Ask, platform: Platform) -> None:
    """Somebody looked at very many people."""
    async with platform.db.writing_as("staff") as connection:
        made = await connection.fetchval("""
            INSERT INTO staff.burst (citizen_id, organisation_id, roles, people, looks, since, until, raised_at, quiet_until)
            VALUES ($1, $2, '{property_guard}', 200, 230, $3, $3, $3, $3) RETURNING id""",
            demo_id("citizen:guard"), demo_id("organisation:property"), platform.clock.now())
    await ask("manager", "StaffAnswerBurst", id=str(made), outcome="IN_ORDER", note="大型活动入场核验")


async def a_gate(ask: Ask) -> None:
    """Registered, approved, given a code for its key, looked into, revoked."""
    gate = (await ask("manager", "OnecodeRegisterVerifier", **PROPERTY, kind="GATE", scene="residential_gate",
                      place=f"闸机 {uuid4().hex[:8]}"))["onecodeRegisterVerifier"]["id"]
    await ask("desk", "OnecodeDecideVerifier", id=gate, agree=True)
    await ask("manager", "OnecodeEnrolVerifier", id=gate)
    await ask("desk", "OnecodeShowScanned", id=gate, reason="例行检查")
    await ask("desk", "OnecodeRevokeVerifier", id=gate, reason="试用结束")


async def newcomer(ask: Ask, platform: Platform) -> Viewer:
    """Somebody signs in for the first time."""
    phone, call = new_number(), Call(platform, ANONYMOUS)
    await ask("nobody", "IdentityRequestCode", call, phone=phone)
    code = await OutboxSender(platform.redis).last(phone)
    begun = Call(platform, ANONYMOUS._replace(browser=call.cookies["asked"]))
    made = await ask("nobody", "IdentitySignIn", begun, phone=phone, code=code)
    return ANONYMOUS._replace(id=UUID(made["identitySignIn"]["id"]), session=str(uuid4()))


async def real_names(ask: Ask, platform: Platform, known: dict[str, Viewer]) -> None:
    """A verifier disagrees, agrees, agrees with a second one, and is away."""
    mine, found = number_of(700 + next(ORDERS)), []
    for each in ("one", "two", "three"):
        known.pop(each, None)
    with authority() as url:
        known_to(platform, url)
        for who, said in (("one", number_of(901)), ("one", mine), ("two", mine), ("three", number_of(903))):
            known[who] = known.get(who) or await newcomer(ask, platform)
            answer = await ask(who, "IdentityVerify", name="陈小北", number=said)
            found.append(answer["identityVerify"]["__typename"])
    dispute = (await ask("desk", "IdentityDisputes", first=1))["identityDisputes"]["edges"][0]["node"]["id"]
    await ask("desk", "IdentityDispute", id=dispute)
    await ask("one", "IdentityShowNumber")
    await ask("desk", "IdentitySettleDispute", id=dispute, outcome="HOLDER", reason="当面核对了身份证")
    assert found == ["IdentityDisagrees", "Citizen", "IdentityDisputed", "IdentityVerifierAway"]
    await change_of_number(ask, platform)
    await a_number_at_the_desk(ask, platform)


async def a_number_at_the_desk(ask: Ask, platform: Platform) -> None:
    """Somebody else's account has it still."""
    phone = (await ask("one", "IdentityPhone"))["identityPhone"]["phone"]
    await ask("desk", "IdentityDeskAskPhone", phone=phone)
    code = await OutboxSender(platform.redis).last(phone)
    await ask("desk", "IdentityDeskPhone", phone=phone, code=code, card=number(date(1991, 1, 1), 900 + next(ORDERS)))


async def change_of_number(ask: Ask, platform: Platform) -> None:
    """Another one to sign in with, by its code and that of the old."""
    old, new = (await ask("one", "IdentityPhone"))["identityPhone"]["phone"], new_number()
    await ask("one", "IdentityAskPhone", phone=new)
    code, old_code = [await OutboxSender(platform.redis).last(each) for each in (new, old)]
    await ask("one", "IdentityChangePhone", phone=new, code=code, oldCode=old_code)


async def devices(ask: Ask, platform: Platform, known: dict[str, Viewer]) -> None:
    """Sign in three times where one is known, end the newest device, all others, and the own."""
    async with platform.db.writing_as("identity") as connection:
        await connection.execute("INSERT INTO identity.browser (citizen_id, hash, since) VALUES ($1, sha256('mine'), $2) "
                                 "ON CONFLICT DO NOTHING", known["parent"].id, platform.clock.now())
    for _ in range(3):
        call = Call(platform, ANONYMOUS)
        await ask("nobody", "IdentityRequestCode", call, phone="13800000003")
        code = await OutboxSender(platform.redis).last("13800000003")
        browser = ANONYMOUS._replace(browser=call.cookies["asked"], known="mine")
        await ask("nobody", "IdentitySignIn", Call(platform, browser), phone="13800000003", code=code)
    newest, own = [device["id"] for device in (await ask("parent", "IdentityDevices"))["identityDevices"]][:2]
    known["parent"] = known["parent"]._replace(session=own)
    await ask("parent", "IdentityNameDevice", id=own, name="我的手机")
    await ask("parent", "IdentityEndDevice", id=newest)
    await ask("parent", "IdentityEndOtherDevices")
    await ask("parent", "IdentitySignOut")
