"""Every trusted document asked once, as its page asks it: what is read, and a day of changes by those who may make them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from tests.gateway.test_permissions import GATEWAY, viewers

from haian.call import Call, Platform
from haian.demo import demo_id
from haian.viewer import ANONYMOUS, Viewer
from identity.sms import OutboxSender

TAUGHT = "md5('haian demo class 9')::uuid"  # by the demo's teacher; the demo's parent has a child in it
HOSPITAL = f"hospital_id = '{demo_id('organisation:hospital')}'"  # where the demo's registrar works
EXAMPLES = {
    "class": f"SELECT {TAUGHT}",
    "notice": f"SELECT id FROM education.notice WHERE class_id = {TAUGHT} ORDER BY published_at DESC LIMIT 1",
    "pupil": f"SELECT id FROM education.pupil WHERE class_id = {TAUGHT} LIMIT 1",
    "department": "SELECT id FROM healthcare.department ORDER BY id LIMIT 1",
    "doctor": "SELECT id FROM healthcare.doctor WHERE demo ORDER BY id LIMIT 1",
    "slot": "SELECT id FROM healthcare.slot WHERE remaining > 0 ORDER BY id LIMIT 1",
    "appointment": "SELECT id FROM healthcare.appointment ORDER BY id LIMIT 1",
    "full slot": "SELECT id FROM healthcare.slot WHERE remaining = 0 AND day > '2027-03-03' ORDER BY id LIMIT 1",
    "schedule": f"SELECT id FROM healthcare.schedule WHERE {HOSPITAL} AND day > '2027-03-03' ORDER BY id LIMIT 1",
    "appointment today": f"""SELECT id FROM healthcare.appointment WHERE {HOSPITAL} AND day = '2027-03-01'
                             AND status = 'booked' ORDER BY id LIMIT 1""",
    "news": "SELECT id FROM messages.news ORDER BY id LIMIT 1",
    "offer": "SELECT id FROM parking.offer ORDER BY id LIMIT 1",
    "booking": "SELECT id FROM parking.booking ORDER BY id LIMIT 1",
}
HOUR = {"startsAt": "2027-03-02T09:00:00+08:00", "endsAt": "2027-03-02T10:00:00+08:00"}

Ask = Callable[..., Awaitable[Any]]


def asking(platform: Platform, known: dict[str, Viewer], done: set[str] | None = None) -> Ask:
    """Ask as one of the viewers; what was asked is noted in `done`."""
    async def ask(who: str, document: str, call: Call | None = None, **variables: Any) -> Any:
        """The data of an answer without errors. A mutation that takes a key gets a new one."""
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
        ("resident", "HomeThings", {}), ("parent", "HomeThings", {}), ("parent", "IdentityViewer", {}),
        ("parent", "IdentityDevices", {}), ("parent", "IdentityLedger", {}), ("parent", "IdentityStreets", {}),
        ("parent", "IdentityCommunities", {"street": "370211005"}), ("parent", "MessagesInbox", {}),
        ("parent", "MessagesUnread", {}), ("parent", "MessagesNews", {}),
        ("parent", "MessagesNews", {"street": "370211005"}),
        ("parent", "MessagesOneNews", {"id": ids["news"]}), ("resident", "OnecodeScans", {}), ("guard", "OnecodePost", {}),
        ("guard", "OnecodePostScans", {}), ("parent", "ParkingCommunities", {}),
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
    code = (await ask("resident", "OnecodeIssue"))["onecodeIssue"]["text"]
    await ask("guard", "OnecodeScan", code=code, nonce=str(uuid4()))
    await ask("parent", "IdentityChooseCommunity", code="370211005001")
    await devices(ask, platform, known)


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


async def a_notice_to_a_class(ask: Ask, ids: dict[str, str]) -> None:
    notice = (await ask("teacher", "EducationPublish", classId=ids["class"], title="研学活动", body="请确认。",
                        deadline="2027-03-04T20:00:00+08:00"))["educationPublish"]["id"]
    await ask("teacher", "EducationRemind", id=notice)
    await ask("parent", "EducationConfirm", id=notice)
    await ask("teacher", "EducationWithdraw", id=notice, reason="改期了")


async def devices(ask: Ask, platform: Platform, known: dict[str, Viewer]) -> None:
    """Sign in three times, end the newest device, all others, and the own."""
    for _ in range(3):
        call = Call(platform, ANONYMOUS)
        await ask("nobody", "IdentityRequestCode", call, phone="13800000003")
        code = await OutboxSender(platform.redis).last("13800000003")
        browser = replace(ANONYMOUS, browser=call.cookies["asked"])
        await ask("nobody", "IdentitySignIn", Call(platform, browser), phone="13800000003", code=code)
    newest, own = [device["id"] for device in (await ask("parent", "IdentityDevices"))["identityDevices"]][:2]
    known["parent"] = replace(known["parent"], session=own)
    await ask("parent", "IdentityEndDevice", id=newest)
    await ask("parent", "IdentityEndOtherDevices")
    await ask("parent", "IdentitySignOut")
