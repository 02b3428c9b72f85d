"""What a mini-app may with a citizen's token, what its citizen reads of it, and how it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
from tests.clients import Phone, Served, new_number
from tests.oauth.program import HEALTH, READ, WRITE, Program, asked, went_on
from tests.parking.test_booking import offered, window

CLOSED = ("IdentityViewer", "IdentityDevices", "IdentityNaming", "FactorsMine", "ConsentLedger", "ConsentGiven",
          "ConsentMyData", "DelegationMandates", "DelegationPrincipals", "StaffMine",
          "MessagesInbox", "MessagesUnread", "HomeThings", "HomeDesks",
          "HealthcareComing", "OnecodeScans", "EducationNotices", "ParkingMySpaces")


async def met(served: Served, *scopes: str) -> tuple[Phone, Program, Phone]:
    """A citizen's phone, a mini-app that they let in, and that mini-app at the gateway."""
    phone, program = await served.signed_in(new_number()), Program(served)
    await program.connect(phone, *scopes)
    return phone, program, program.by_access()


async def lines(phone: Phone, action: str) -> list[dict[str, object]]:
    found = await phone.ask("ConsentLedger", kind="MINI_APP")
    return [edge["node"] for edge in found["edges"] if edge["node"]["action"] == action]


async def test_it_sees_what_its_scope_opens_and_its_citizen_reads_that(shared: Served) -> None:
    phone, _, mini_app = await met(shared)
    assert (await mini_app.ask("ParkingBookings"))["edges"] == []
    [line] = await lines(phone, "CLIENT_SEEN")
    assert line["actorName"] == "停车小助手" and line["organisation"] == "海风小程序工作室（演示）"
    assert (line["actorRole"], line["ground"], line["acting"], line["byMyself"]) == ("mini_app", "consent", READ, False)
    assert {"plate", "startsAt"} <= set(line["fields"])  # type: ignore[call-overload]
    assert line["question"] is None, "it can be questioned"
    question = await phone.ask("ConsentAsk", entry=line["id"], text="为什么看我的预约？", key=str(uuid4()))
    assert question["organisation"] == line["organisation"]


@pytest.mark.parametrize("document", CLOSED)
async def test_everything_else_is_closed_to_it(shared: Served, document: str) -> None:
    mini_app = await the_one(shared)
    assert await mini_app.refused(document) == "ACTING_NOT_COVERED"


ONE: dict[str, Phone] = {}


async def the_one(shared: Served) -> Phone:
    """A mini-app with one scope, let in once for all that ask what is closed to it."""
    if "at" not in ONE:
        ONE["at"] = (await met(shared))[2]
    return ONE["at"]


async def test_what_is_the_viewers_own_among_public_things_needs_a_scope(shared: Served) -> None:
    """A free space says whether it is mine, or near what is mine."""
    near = {"community": "370211005001", "startsAt": "2027-03-02T09:00:00+08:00", "endsAt": "2027-03-02T10:00:00+08:00"}
    _, _, with_it = await met(shared, READ)
    _, _, without = await met(shared, HEALTH)
    assert "edges" in await with_it.ask("ParkingFree", **near)
    assert await without.refused("ParkingFree", **near) == "ACTING_NOT_COVERED"
    assert await with_it.ask("ParkingCommunities"), "what is everybody's is everybody's"


async def test_it_acts_for_nobody_else_and_takes_no_way_round(shared: Served) -> None:
    phone, _, mini_app = await met(shared)
    mini_app.http.headers["X-Haian-For"] = str(uuid4())
    assert await mini_app.refused("ParkingBookings") == "ACTING_NOT_COVERED"
    del mini_app.http.headers["X-Haian-For"]
    raw = await mini_app.http.post("/graphql", json={"query": "{ identityViewer { id } }"})
    assert raw.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_REQUIRED"
    for document, variables in (("IdentityEndOtherDevices", {}), ("ConsentExport", {}), ("ConsentClose", {}),
                                ("FactorsRecoveryCodes", {}),
                                ("DelegationGive", {"phone": "13800000012", "called": "x", "scopes": [READ], "days": 7,
                                                    "key": str(uuid4())})):
        assert await mini_app.refused(document, **variables) == "ACTING_NOT_COVERED", document
    assert await mini_app.refused("OauthAllow", request="0" * 26, scopes=[WRITE], term="YEAR") == "ACTING_NOT_COVERED"
    went = await mini_app.http.get(f"/oauth/continue?request={'0' * 26}")
    assert went.headers["location"] == "/authorize?over=1"
    assert [each["isClient"] for each in await phone.ask("IdentityDevices")].count(True) == 1


async def test_a_developers_mini_app_has_not_its_developers_posts(shared: Served) -> None:
    """Nor what a raw query would reach."""
    phone, program = await shared.signed_in("developer"), Program(shared)
    await program.connect(phone)
    raw = {"query": "{ parkingCommunities { name } }"}
    assert "data" in (await phone.http.post("/graphql", json=raw)).json()
    refused = (await program.by_access().http.post("/graphql", json=raw)).json()
    assert refused["errors"][0]["extensions"]["code"] == "DOCUMENT_REQUIRED"


async def test_what_is_taken_back_is_refused_at_once_and_the_mini_app_is_gone_from_my_devices(
        served: Served, worker: Callable[[], Awaitable[None]]) -> None:
    phone, program, mini_app = await met(served, READ, HEALTH)
    assert "edges" in await mini_app.ask("ParkingBookings")
    given = {edge["node"]["label"]: edge["node"] for edge in (await phone.ask("ConsentGiven"))["edges"]}
    assert {(each["receiverName"], each["receiverKind"]) for each in given.values()} == {("停车小助手", "MINI_APP")}
    await phone.ask("ConsentEnd", id=given["看车位预约"]["id"])
    assert await mini_app.refused("ParkingBookings") == "ACTING_NOT_COVERED"
    assert "edges" in await mini_app.ask("HealthcareComing")
    program.token = (await program.refresh()).json()
    assert program.token["scope"] == HEALTH
    await phone.ask("ConsentEnd", id=given["看就诊预约"]["id"])
    assert await mini_app.refused("HealthcareComing") == "ACTING_NOT_COVERED"
    await worker()
    assert [each["isClient"] for each in await phone.ask("IdentityDevices")] == [False]
    assert (await program.refresh()).json()["error"] == "invalid_grant"


async def test_a_client_that_is_ended_is_nobody(served: Served) -> None:
    phone, program, mini_app = await met(served)
    decided = await asked(phone, program.request())
    await phone.ask("OauthAllow", request=decided, scopes=[READ], term="MONTH")
    async with served.platform.db.writing_as("oauth") as connection:
        await connection.execute("UPDATE oauth.client SET ended_at = approved_at")
    assert await went_on(phone, decided) == "/authorize?over=1", "nobody is sent there any more"
    assert await mini_app.refused("ParkingBookings") == "UNAUTHENTICATED"
    assert (await program.refresh()).json()["error"] == "invalid_client"
    assert (await program.http.get(program.request(), headers={"accept-language": "zh"})).headers["location"] == (
        "/authorize?wrong=1")


async def test_what_it_does_stands_in_the_ledger_as_its_doing(served: Served) -> None:
    phone, _, mini_app = await met(served, READ, WRITE)
    offer, times = (await offered(served))["id"], window(served, 27)
    booked = await mini_app.ask("ParkingBookSpace", offer=offer, plate="鲁B12345", key=str(uuid4()), **times)
    assert booked["__typename"] == "ParkingBooking"
    [line] = await lines(phone, "SPACE_BOOKED")
    assert (line["actorName"], line["acting"], line["ground"]) == ("停车小助手", WRITE, "consent")
    only_reads = (await met(served))[2]
    refused = await only_reads.refused("ParkingBookSpace", offer=offer, plate="鲁B12346", key=str(uuid4()), **times)
    assert refused == "ACTING_NOT_COVERED"


async def test_what_it_changes_wants_the_terms_that_its_citizen_agreed_to(served: Served) -> None:
    """Asked of the database, as a process does that has not seen them agree within the hour."""
    phone, _, mini_app = await met(served, READ, WRITE)
    offer, times, known = (await offered(served))["id"], window(served, 27), served.platform.agreed.until
    known.clear()
    booked = await mini_app.ask("ParkingBookSpace", offer=offer, plate="鲁B12345", key=str(uuid4()), **times)
    assert booked["__typename"] == "ParkingBooking"
    async with served.platform.db.writing_as("consent") as connection:
        await connection.execute("DELETE FROM consent.acceptance WHERE citizen_id = $1", UUID(phone.id))
    known.clear()
    refused = await mini_app.refused("ParkingBookSpace", offer=offer, plate="鲁B12346", key=str(uuid4()), **times)
    assert refused == "TERMS_NEEDED"
    assert "edges" in await mini_app.ask("ParkingBookings"), "to read needs no terms"


async def test_it_sees_nothing_of_its_citizens_children(served: Served) -> None:
    """What a citizen consents to is theirs; for a child it would take a consent of its own."""
    phone, program = await served.signed_in("parent"), Program(served)
    await program.connect(phone, HEALTH)
    hers = await phone.ask("HealthcarePatients")
    child = next(each["id"] for each in hers if each["id"] != phone.id)
    slot = await served.platform.db.fetch(
        "SELECT id FROM healthcare.slot WHERE remaining > 0 ORDER BY starts_at DESC LIMIT 1")
    made = await phone.ask("HealthcareBook", slot=str(slot[0][0]), patient=child, key=str(uuid4()))
    assert made["__typename"] == "HealthcareAppointment"
    seen = {edge["node"]["id"] for edge in (await phone.ask("HealthcareComing"))["edges"]}
    assert made["id"] in seen
    assert (await program.by_access().ask("HealthcareComing"))["edges"] == []
    assert await program.by_access().ask("HealthcareAppointment", id=made["id"]) is None
