"""Finding a slot, booking it for oneself or a child, cancelling it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from tests.clients import Phone, Served
from tests.crowd import all_at_once, codes
from tests.healthcare.clinic import (
    CHILD,
    FEE,
    HOSPITAL,
    PAEDIATRICS,
    TODDLER,
    book,
    inbox,
    key,
    ledger,
    live,
    remaining,
    run_job,
    session,
)

from haian.call import Call
from haian.demo import demo_id
from haian.viewer import Viewer
from healthcare import service
from healthcare.errors import NotYourPatient


async def sql(served: Served, noun: str, statement: str, *values: object) -> None:
    async with served.platform.db.writing_as(noun) as connection:
        await connection.execute(statement, *values)


async def test_everybody_finds_the_way_from_hospital_to_slot(served: Served) -> None:
    phone = served.phone()
    hospitals = await phone.ask("HealthcareHospitals")
    assert [each["name"] for each in hospitals][:2] == ["演示第一医院", "演示第二医院"]
    hospital = await phone.ask("HealthcareHospital", id=str(HOSPITAL))
    department = next(each for each in hospital["departments"] if each["name"] == "儿科")
    doctors = (await phone.ask("HealthcareDepartment", id=department["id"]))["doctors"]["edges"]
    assert [edge["node"]["title"] for edge in doctors] == ["CHIEF", "ASSOCIATE_CHIEF", "ATTENDING"]
    doctor = await phone.ask("HealthcareDoctor", id=doctors[0]["node"]["id"])
    assert sum(day["remaining"] for day in doctor["days"]) == doctor["remaining"] > 0
    day = next(day for day in doctor["days"] if day["remaining"])
    assert sum(slot["remaining"] for slot in day["slots"] if slot["status"] == "FREE") == day["remaining"]
    free = next(slot for slot in day["slots"] if slot["status"] == "FREE")
    assert (await phone.ask("HealthcareSlot", id=free["id"]))["doctor"]["department"]["hospital"]["id"] == str(HOSPITAL)
    assert await phone.ask("HealthcareSlot", id=str(uuid4())) is None


async def test_i_book_for_myself_and_see_it(served: Served) -> None:
    _, (early, late) = await session(served, 3, 3)
    phone = await served.signed_in("parent")
    made = await book(phone, late)
    assert (made["__typename"], made["status"]) == ("HealthcareAppointment", "BOOKED")
    assert (made["number"], made["feeCents"]) == (4, FEE)
    assert made["patient"] == {"id": phone.id, "name": "张晓梅", "isMe": True}
    assert (await remaining(served, late), await remaining(served, early)) == (2, 3)
    coming = (await phone.ask("HealthcareComing"))["edges"]
    assert [edge["node"]["id"] for edge in coming] == [made["id"]]
    assert (await phone.ask("HealthcareAppointment", id=made["id"]))["cancellable"] is True
    assert (await ledger(phone))[0] == "APPOINTMENT_BOOKED"


async def test_nobody_books_without_signing_in(served: Served) -> None:
    _, (slot,) = await session(served, 1)
    assert await served.phone().refused("HealthcareBook", slot=slot, patient=CHILD, key=key()) == "UNAUTHENTICATED"
    assert await remaining(served, slot) == 1


async def test_a_guardian_books_for_a_child_and_cancels(served: Served) -> None:
    _, (slot,) = await session(served, 2)
    phone = await served.signed_in("parent")
    made = await book(phone, slot, CHILD)
    assert (made["patient"]["id"], made["patient"]["isMe"], made["number"]) == (CHILD, False, 1)
    assert (await book(phone, slot, TODDLER))["number"] == 2
    gone = await phone.ask("HealthcareCancel", id=made["id"])
    assert (gone["status"], gone["cancelledBy"], gone["cancellable"]) == ("CANCELLED", "PATIENT", False)
    assert await phone.ask("HealthcareCancel", id=made["id"]) == gone
    assert await remaining(served, slot) == 1
    past = (await phone.ask("HealthcarePast"))["edges"]
    assert [edge["node"]["id"] for edge in past] == [made["id"]]
    assert (await book(phone, slot, CHILD))["number"] == 1, "the number that was given back"


async def test_a_child_of_others_is_not_booked_for(served: Served) -> None:
    _, (slot,) = await session(served, 1)
    phone = await served.signed_in("elder")
    for patient in (CHILD, str(demo_id("citizen:resident")), str(uuid4())):
        assert await phone.refused("HealthcareBook", slot=slot, patient=patient, key=key()) == "HEALTHCARE_NOT_YOUR_PATIENT"
    assert await remaining(served, slot) == 1


async def test_a_guardianship_that_ended_gives_no_right(served: Served) -> None:
    _, (slot,) = await session(served, 2)
    phone = await served.signed_in("parent")
    made = await book(phone, slot, CHILD)
    await sql(served, "delegation", "UPDATE delegation.guardianship SET until = $1 WHERE child_id = $2",
              served.platform.clock.now(), UUID(CHILD))
    assert await phone.ask("HealthcareAppointment", id=made["id"]) is None
    assert await phone.refused("HealthcareCancel", id=made["id"]) == "NOT_FOUND"
    assert await phone.refused("HealthcareBook", slot=slot, patient=CHILD, key=key()) == "HEALTHCARE_NOT_YOUR_PATIENT"
    assert (await phone.ask("HealthcareComing"))["edges"] == []
    assert len(await live(served, slot)) == 1


async def test_somebody_else_neither_sees_nor_cancels_mine(served: Served) -> None:
    _, (slot,) = await session(served, 2)
    mine, stranger = await served.signed_in("parent"), await served.signed_in("elder")
    made = await book(mine, slot)
    assert await stranger.ask("HealthcareAppointment", id=made["id"]) is None
    assert await stranger.refused("HealthcareCancel", id=made["id"]) == "NOT_FOUND"
    assert (await stranger.ask("HealthcareComing"))["edges"] == []
    assert len(await live(served, slot)) == 1


async def test_what_is_sold_out_offers_what_is_free_nearby_in_the_department(served: Served) -> None:
    _, (full, free) = await session(served, 1, 1)
    await book(await served.signed_in("parent"), full)
    phone = await served.signed_in("elder")
    late = await book(phone, full)
    assert (late["__typename"], late["slot"]["status"]) == ("HealthcareSoldOut", "BUSY")
    assert all(slot["status"] == "FREE" and slot["doctor"]["department"]["id"] == str(PAEDIATRICS) for slot in late["next"])
    starts = [slot["startsAt"] for slot in late["next"]]
    assert starts == sorted(starts) and len(starts) == 6
    assert free in [slot["id"] for slot in late["next"]], "half an hour later is near"
    assert await remaining(served, full) == 0
    assert "APPOINTMENT_REFUSED" in await ledger(phone)
    assert (await book(phone, free))["__typename"] == "HealthcareAppointment"


async def test_one_appointment_for_a_patient_department_and_day(served: Served) -> None:
    _, (early, late) = await session(served, 3, 3)
    _, (tomorrow,) = await session(served, 3, days=4)
    phone = await served.signed_in("parent")
    made = await book(phone, early, CHILD)
    again = await book(phone, late, CHILD)
    assert (again["__typename"], again["appointment"]["id"]) == ("HealthcareAlreadyBooked", made["id"])
    assert await remaining(served, late) == 3
    assert "APPOINTMENT_REFUSED" in {row["action"] for row in await served.platform.db.fetch(
        "SELECT action FROM haian.audit WHERE subject_id = $1", UUID(CHILD))}
    assert (await book(phone, late, TODDLER))["__typename"] == "HealthcareAppointment"
    assert (await book(phone, tomorrow, CHILD))["__typename"] == "HealthcareAppointment"


async def test_whoever_is_not_real_named_is_told_so(served: Served) -> None:
    _, (slot,) = await session(served, 2)
    phone = await served.signed_in("13912345678")
    refused = await book(phone, slot)
    assert (refused["__typename"], refused["patient"]["id"]) == ("HealthcareNotVerified", phone.id)
    parent = await served.signed_in("parent")
    await sql(served, "identity", "UPDATE identity.citizen SET level = 'UNVERIFIED' WHERE id = $1", UUID(CHILD))
    assert (await book(parent, slot, CHILD))["patient"]["id"] == CHILD
    assert await remaining(served, slot) == 2


async def test_who_has_left_meanwhile_is_booked_nothing(served: Served) -> None:
    _, (slot,) = await session(served, 2)
    gone = uuid4()
    with pytest.raises(NotYourPatient):
        await service.book(Call(served.platform, Viewer(gone, str(uuid4()))), UUID(slot), gone, key())
    assert await remaining(served, slot) == 2


async def test_a_slot_that_began_is_neither_booked_nor_cancelled(served: Served) -> None:
    _, (early, late) = await session(served, 2, 2, days=1)
    phone = await served.signed_in("parent")
    made = await book(phone, early)
    served.platform.clock.move(timedelta(days=1, hours=8) - (served.platform.clock.now() - served.platform.clock.today()))
    assert await phone.refused("HealthcareCancel", id=made["id"]) == "HEALTHCARE_TOO_LATE"
    assert await phone.refused("HealthcareBook", slot=early, patient=TODDLER, key=key()) == "HEALTHCARE_SLOT_BEGAN"
    assert (await phone.ask("HealthcareSlot", id=early))["status"] == "PAST"
    assert await remaining(served, early) == 1
    assert (await book(phone, late, TODDLER))["__typename"] == "HealthcareAppointment"


async def test_what_makes_no_sense_is_refused_by_its_code(served: Served) -> None:
    phone = await served.signed_in("parent")
    assert await phone.refused("HealthcareBook", slot=str(uuid4()), patient=phone.id, key=key()) == "NOT_FOUND"
    assert await phone.refused("HealthcareBook", slot="x", patient=phone.id, key=key()) == "INVALID_ARGUMENT"
    assert await phone.refused("HealthcareCancel", id=str(uuid4())) == "NOT_FOUND"


async def test_two_taps_with_one_key_are_one_appointment(served: Served) -> None:
    _, (slot,) = await session(served, 5)
    phone, same = await served.signed_in("parent"), key()
    results = await all_at_once([phone] * 5, lambda each: book(each, slot, with_key=same))
    assert codes(results) == []
    assert len({result["id"] for result in results if isinstance(result, dict)}) == 1
    assert (await remaining(served, slot), len(await live(served, slot))) == (4, 1)


async def test_one_key_with_another_patient_is_refused(served: Served) -> None:
    _, (slot,) = await session(served, 5)
    phone, same = await served.signed_in("parent"), key()
    await book(phone, slot, with_key=same)
    assert await phone.refused("HealthcareBook", slot=slot, patient=CHILD, key=same) == "IDEMPOTENCY_KEY_REUSED"
    assert len(await live(served, slot)) == 1


async def test_a_family_that_books_and_cancels_at_once_never_loses_a_place(served: Served) -> None:
    _, slots = await session(served, 2, 2)
    phone = await served.signed_in("parent")

    async def to_and_fro(each: Phone) -> None:
        for slot in slots:
            made = await book(each, slot, CHILD)
            if made["__typename"] == "HealthcareAppointment":
                await each.ask("HealthcareCancel", id=made["id"])
    results = await all_at_once([phone] * 12, to_and_fro)
    assert [result for result in results if result is not None] == []
    for slot in slots:
        assert await remaining(served, slot) == 2 - len(await live(served, slot))


async def test_the_family_hears_of_booking_and_cancelling_once_and_is_reminded_the_day_before(
        served: Served, worker: object) -> None:
    _, (slot,) = await session(served, 3, days=3)
    phone = await served.signed_in("parent")
    made = await book(phone, slot, CHILD)
    await worker()  # type: ignore[operator]
    booked = (await inbox(phone))[0]
    assert booked["title"] == "预约成功"
    assert "张小海" in booked["body"] and "演示第一医院儿科 海试，第 1 号" in booked["body"]
    assert booked["link"] == f"/healthcare/appointment?id={made['id']}"
    clock = served.platform.clock
    await run_job(served.platform, "healthcare.remind")
    clock.move(clock.today() + timedelta(days=2, hours=9, minutes=1) - clock.now())
    for _ in range(2):
        await run_job(served.platform, "healthcare.remind")
        await worker()  # type: ignore[operator]
    titles = [message["title"] for message in await inbox(phone)]
    assert titles.count("明天就诊") == 1
    await phone.ask("HealthcareCancel", id=made["id"])
    await worker()  # type: ignore[operator]
    assert (await inbox(phone))[0]["title"] == "预约已取消"
