"""The product on many servers answers what the plain one answers: every trusted document, for those whom it concerns and for
those whom it does not, subscriptions and refusals included."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from graphql import NonNullTypeNode, type_from_ast
from redis.asyncio import Redis
from tests.clients import DOCUMENTS, PHONES, Phone, Served, serving
from tests.gateway.arguments import least
from tests.infra.twins import Twins, Two
from tests.processes import started, until_gone
from tests.product import NO_LOCK, START_SECONDS, Product, clock_variables, free_ports, looking_into
from tests.servers import NOW, temporary_state
from tests.waiting import until_async

from gateway.composition import compose
from haian.clock import SHANGHAI
from haian.demo import demo_id
from haian.outbox import deliver
from haian.settings import Settings
from identity.sms import OutboxSender
from server.apps import registry
from server.console import SAY
from server.embedded.cluster import Node, url_of
from server.embedded.postgres import Postgres, program_folder
from server.embedded.standby import Standby
from server.reach import DATABASE, LOGIN
from server.scale.launch import cluster_of

COMMUNITY, STREET, SPACE = "370211005001", "370211005", str(demo_id("space:resident"))
CHILD = str(demo_id("citizen:child"))
EVERYBODY = ("nobody", *PHONES)
NEWCOMER = "19912345678"


@dataclass(frozen=True)
class Scaled(Product):
    """A product on many servers."""

    @property
    def nodes(self) -> list[Node]:
        return cluster_of(Settings(env="test", state=self.state, port=int(self.url.rpartition(":")[2])), NO_LOCK)

    @property
    def redis_url(self) -> str:
        return url_of(self.nodes)


@pytest.fixture(scope="module")
def topology() -> Iterator[Scaled]:
    """The product on many servers of this machine, all of which end with it."""
    with temporary_state() as state:
        port = free_ports(20)
        since = time.time()
        variables = {"HAIAN_STATE": str(state), "HAIAN_PORT": str(port), "HAIAN_ENV": "test", **clock_variables(NOW, since)}
        with started(["-m", "server", "scale"], state / "output", **variables) as launcher:
            launcher.until_said(SAY("how_to_stop"), START_SECONDS)
            below = launcher.descendants()
            yield Scaled(f"http://127.0.0.1:{port}", state, launcher, NOW, since)
            assert launcher.stop() == 0
            until_gone(below)


@pytest_asyncio.fixture
async def plain(topology: Scaled, redis_url: str) -> AsyncIterator[Served]:
    """The plain product on a copy of the topology's database, by the same clock."""
    copy = Postgres(topology.state, NO_LOCK)
    owner = await asyncpg.connect(copy.url("postgres", "postgres"))
    await owner.execute("DROP DATABASE IF EXISTS plain WITH (FORCE)")
    await owner.execute("CREATE DATABASE plain")
    await owner.close()
    programs = program_folder(topology.state)
    subprocess.run(f"{programs}/pg_dump {shlex.quote(topology.migration_url)} | "
                   f"{programs}/psql -q -o /dev/null {shlex.quote(copy.url('postgres', 'plain'))}", shell=True, check=True)
    settings = Settings(env="test", now=NOW, now_since=topology.since, state=topology.state, redis_url=redis_url,
                        database_url=copy.url(LOGIN, "plain"), database_migration_url=copy.url("postgres", "plain"))
    async with serving(settings.with_keys()) as served:
        yield served


@pytest_asyncio.fixture
async def twins(topology: Scaled, plain: Served) -> AsyncIterator[Twins]:
    """Both, and what tells of all that happened: by the worker of one, and here for the other."""
    async with looking_into(topology) as scaled:
        owner = await asyncpg.connect(topology.migration_url)

        async def is_told() -> bool:
            return not await owner.fetchval("SELECT count(*) FROM haian.outbox")

        async def settle() -> None:
            while await deliver(plain.platform):
                pass
            await until_async(is_told)
        yield Twins(plain, scaled, settle)
        await owner.close()


def key() -> str:
    return str(uuid4())


def at(hours: float) -> str:
    return (NOW + timedelta(hours=hours)).isoformat()


def day(days: int) -> str:
    return str((NOW.astimezone(SHANGHAI) + timedelta(days=days)).date())


def nodes(connection: Any) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]


async def parking(twins: Twins) -> dict[str, dict[str, Any]]:
    """Lend, find, book, lose, cancel; register and check a space."""
    times = {"startsAt": at(27), "endsAt": at(29)}
    offer = await twins.ask("resident", "ParkingOfferSpace", space=SPACE, key=key(), startsAt=at(26), endsAt=at(34))
    await twins.ask("resident", "ParkingOfferSpace", space=SPACE, key=key(), startsAt=at(26), endsAt=at(34))
    id_ = offer.each(lambda made: made["id"])
    booked = await twins.ask("elder", "ParkingBookSpace", offer=id_, plate="鲁B12345", key=key(), **times)
    await twins.ask("parent", "ParkingBookSpace", offer=id_, plate="鲁B54321", key=key(), **times)
    booking = booked.each(lambda made: made["id"])
    space = await twins.ask("teacher", "ParkingRegisterSpace", community=COMMUNITY, lot="地下", label="T-1", priceCents=300,
                            key="one and the same")
    await twins.ask("teacher", "ParkingRegisterSpace", community=COMMUNITY, lot="地下", label="T-2", priceCents=300,
                    key="one and the same")
    await twins.ask("clerk", "ParkingDeskSpaces")
    await twins.ask("clerk", "ParkingDecideSpace", id=space.each(lambda made: made["id"]), approve=True)
    for who, what in (("parent", booking), ("elder", booking), ("elder", booking)):
        await twins.ask(who, "ParkingCancelBooking", id=what)
    again = await twins.ask("resident", "ParkingOfferSpace", space=SPACE, key=key(), startsAt=at(50), endsAt=at(60))
    await twins.ask("resident", "ParkingWithdrawOffer", id=again.each(lambda made: made["id"]))
    return {"ParkingOffer": {"id": id_}, "ParkingBooking": {"id": booking}, "ParkingFree": {"community": COMMUNITY, **times},
            "ParkingDeskBookings": {"startsAt": at(0), "endsAt": at(48)}}


async def healthcare(twins: Twins) -> dict[str, dict[str, Any]]:
    """Book for a child, twice; come, be marked; a schedule is closed and opened again."""
    hospital = str(demo_id("organisation:hospital"))
    found = await twins.ask("nobody", "HealthcareHospital", id=hospital)
    department = found.plain["departments"][0]["id"]
    doctor = nodes((await twins.ask("nobody", "HealthcareDepartment", id=department)).plain["doctors"])[0]["id"]
    days = (await twins.ask("nobody", "HealthcareDoctor", id=doctor)).plain["days"]
    slot = next(slot["id"] for each in reversed(days) for slot in each["slots"] if slot["status"] == "FREE")
    made = await twins.ask("parent", "HealthcareBook", slot=slot, patient=CHILD, key=key())
    await twins.ask("parent", "HealthcareBook", slot=slot, patient=CHILD, key=key())
    await twins.ask("elder", "HealthcareBook", slot=slot, patient=CHILD, key=key())
    appointment = made.each(lambda given: given["id"])
    desk = await twins.ask("registrar", "HealthcareDesk", day=days[-1]["day"])
    schedule = nodes(desk.plain["healthcareDeskSchedules"])[0]["id"]
    await twins.ask("registrar", "HealthcareMark", id=appointment, status="ARRIVED")
    today = nodes((await twins.ask("registrar", "HealthcareDeskAppointments", day=day(0))).plain)[0]["id"]
    await twins.ask("registrar", "HealthcareMark", id=today, status="ARRIVED")
    await twins.ask("parent", "HealthcareCancel", id=appointment)
    await twins.ask("registrar", "HealthcareCloseSchedule", id=schedule, reason="医生外出会诊")
    await twins.ask("registrar", "HealthcareOpenSchedule", id=schedule)
    return {"HealthcareHospital": {"id": hospital}, "HealthcareDepartment": {"id": department},
            "HealthcareSlot": {"id": slot}, "HealthcareDoctor": {"id": doctor}, "HealthcareAppointment": {"id": appointment},
            "HealthcareDesk": {"day": days[-1]["day"]}, "HealthcareDeskAppointments": {"day": days[-1]["day"]}}


async def education(twins: Twins) -> dict[str, dict[str, Any]]:
    """Publish, remind, confirm, withdraw."""
    await twins.ask("teacher", "EducationClasses")
    class_ = nodes((await twins.ask("parent", "EducationNotices")).plain["educationNotices"])[0]["class"]["id"]
    text = {"classId": class_, "title": "周五研学", "body": "八点校门口集合。", "deadline": at(48)}
    made = await twins.ask("teacher", "EducationPublish", key=key(), **text)
    notice = made.each(lambda given: given["id"])
    await twins.ask("teacher", "EducationRemind", id=notice, key=key())
    await twins.ask("parent", "EducationConfirm", id=notice, key=key())
    await twins.ask("resident", "EducationConfirm", id=notice, key=key())
    written = await twins.ask("teacher", "EducationWritten", id=notice)
    pupil = written.each(lambda given: given["confirmations"][0]["pupilId"])
    other = await twins.ask("teacher", "EducationPublish", key=key(), **text)
    await twins.ask("teacher", "EducationWithdraw", id=other.each(lambda given: given["id"]), reason="改期")
    school = nodes((await twins.ask("nobody", "EducationSchools")).plain)[0]["id"]
    return {"EducationClass": {"id": class_}, "EducationNotice": {"id": notice}, "EducationWritten": {"id": notice},
            "EducationGuardians": {"pupil": pupil}, "EducationSchool": {"id": school}}


async def posts(twins: Twins) -> dict[str, dict[str, Any]]:
    """Invited, approved by a second official, accepted, handed over, taken over, ended."""
    property_, district = [str(demo_id(f"organisation:{which}")) for which in ("property", "district")]
    resident = {"name": "王海燕", "phone": PHONES["resident"]}
    made = await twins.ask("manager", "StaffInvite", organisation=property_, role="property_guard", key=key(), **resident)
    await twins.ask("resident", "StaffMine")
    mine = await twins.ask("resident", "StaffAnswer", id=made.each(lambda given: given["id"]), accept=True)
    shift = await twins.ask("guard", "StaffShift")
    handed = await twins.ask("guard", "StaffHandOver", key=key(), note="明天停水",
                             post=shift.each(lambda given: given["staffColleagues"][0]["post"]),
                             to=shift.each(lambda given: given["staffColleagues"][0]["id"]))
    await twins.ask("resident", "StaffTakeOver", id=handed.each(lambda given: given[0]["id"]))
    await twins.ask("manager", "StaffEnd", post=mine.each(lambda given: given[0]["id"]), reason="调岗")
    news = await twins.ask("manager", "StaffInvite", organisation=district, role="news_editor", key=key(), **resident)
    id_ = news.each(lambda given: given["id"])
    await twins.ask("manager", "StaffApprove", id=id_, agree=True)
    await twins.ask("desk", "StaffApprove", id=id_, agree=True)
    await twins.ask("manager", "StaffWithdraw", id=id_)
    return {"StaffPosts": {"organisation": property_}, "StaffInvitations": {"organisation": district}}


async def people(twins: Twins) -> dict[str, dict[str, Any]]:
    """News, messages, a code that is read twice, my community and my devices."""
    news = await twins.ask("editor", "MessagesPublishNews", topic="NOTICE", title="步道夜间维护", body="请绕行。", key=key(),
                           street=STREET)
    id_ = news.each(lambda made: made["id"])
    code = (await twins.ask("resident", "OnecodeIssue")).each(lambda made: made["text"])
    for who in ("guard", "guard", "elder"):
        await twins.ask(who, "OnecodeScan", code=code, nonce=key())
    await twins.ask("resident", "IdentityChooseCommunity", code=COMMUNITY)
    await twins.ask("resident", "IdentityChooseCommunity", code="nowhere")
    await twins.ask("resident", "MessagesMarkRead")
    await twins.ask("resident", "ConsentAccept", version=1)
    await twins.ask("resident", "ConsentAccept", version=99)
    terms = {"zh": "新的服务协议。" * 4, "en": "The new terms of use. ", "changesZh": "新。新。", "changesEn": "A new rule."}
    proposed = await twins.ask("manager", "ConsentProposeTerms", **terms, since=(NOW + timedelta(days=30)).isoformat(),
                               key=key())
    await twins.ask("desk", "ConsentDecideTerms", id=proposed.each(lambda made: made["id"]), agree=False)
    other = await twins.ask("editor", "MessagesPublishNews", topic="NOTICE", title="撤回", body="无。", key=key())
    await twins.ask("editor", "MessagesWithdrawNews", id=other.each(lambda made: made["id"]))
    return {"MessagesOneNews": {"id": id_}, "MessagesNews": {"street": STREET}, "IdentityCommunities": {"street": STREET},
            "SearchFind": {"text": "停车"}, "SearchKinds": {"text": "医院"}}


async def others(twins: Twins) -> set[str]:
    """Documents that none of the stories tells: with the least that they take. Returns which."""
    told = {"IdentitySignIn", "IdentityRequestCode", "IdentityEndDevice", "IdentityEndOtherDevices", "IdentitySignOut"}
    core = compose(registry())._schema
    untold = set(DOCUMENTS) - twins.asked - told
    for name in sorted(untold):
        given = {each.variable.name.value: least(type_from_ast(core, each.type))
                 for each in DOCUMENTS[name].node.variable_definitions or () if each.default_value is None}
        for who in ("nobody", "resident"):
            variables = {variable: value for variable, value in given.items() if value is not None}
            if DOCUMENTS[name].type.value != "subscription":
                await twins.ask(who, name, **variables)
                continue
            phones = await twins.of(who)
            first = [await begin(phone, name, variables) for phone in (phones.plain, phones.scaled)]
            twins.compare(f"{who}: {name}", *({"data": each} for each in first))
            twins.asked.add(name)
    return untold


async def begin(phone: Phone, document: str, variables: dict[str, Any]) -> Any:
    """What a subscription says first; None where it ends at once or is refused."""
    async with phone.live(document, **variables) as answers, asyncio.timeout(60):
        return await anext(answers, None)


async def leave(twins: Twins) -> None:
    """What ends a session comes last."""
    await twins.ask("nobody", "IdentityRequestCode", phone="123")
    await twins.ask("nobody", "IdentitySignIn", phone="13800000001", code="000000")
    await twins.ask("clerk", "IdentityEndDevice", id=key())
    await twins.ask("clerk", "IdentityNameDevice", id=key(), name="柜台")
    await twins.ask("clerk", "IdentityShowNumber")
    await twins.ask("clerk", "IdentityNaming")
    for who in ("clerk", "desk"):
        await twins.ask(who, "IdentityDisputes")
        await twins.ask(who, "IdentityDispute", id=key())
        await twins.ask(who, "IdentitySettleDispute", id=key(), outcome="HOLDER", reason="当面核对")
    await twins.ask("clerk", "IdentityVerify", name="吴志强", number="370211197912190070")
    mine = await twins.ask("editor", "IdentityDevices")
    await twins.ask("editor", "IdentityEndDevice", id=mine.each(lambda devices: devices[0]["id"]))
    await twins.ask("editor", "IdentityDevices")
    await twins.ask("clerk", "IdentityEndOtherDevices")
    for who in ("clerk", "clerk"):
        await twins.ask(who, "IdentitySignOut")
    await twins.ask("clerk", "IdentityDevices")
    await twins.ask("nobody", "IdentityRequestCode", phone=NEWCOMER)
    code = Two(*[await OutboxSender(each.platform.redis).last(NEWCOMER) for each in (twins.plain, twins.scaled)])
    await twins.ask("nobody", "IdentitySignIn", phone=NEWCOMER, code=code)
    await twins.ask("nobody", "IdentityViewer")


async def test_every_trusted_document_is_answered_alike(twins: Twins, topology: Scaled) -> None:
    for who in EVERYBODY:
        await twins.of(who)
    variables = await parking(twins) | await healthcare(twins) | await education(twins) | await people(twins)
    variables |= await posts(twins)
    for name, document in DOCUMENTS.items():
        if document.type.value == "query":
            needed = {each.variable.name.value for each in document.node.variable_definitions or ()
                      if isinstance(each.type, NonNullTypeNode) and each.default_value is None}
            for who in EVERYBODY if needed <= set(variables.get(name, {})) else ():
                await twins.ask(who, name, **variables.get(name, {}))
    await live(twins)
    untold = await others(twins)
    await leave(twins)
    assert not twins.differences, "\n".join(twins.differences)
    assert twins.asked == set(DOCUMENTS)
    assert twins.asked - twins.answered <= untold | {"MessagesLive", "MessagesNewsChanges"}
    await until_async(lambda: has_read_from_the_standby(topology, 1000))
    for node in topology.nodes:
        async with Redis.from_url(node.url()) as redis:
            assert await redis.dbsize() > 0


async def has_read_from_the_standby(topology: Scaled, several: int) -> bool:
    """Whether so many rows were: what a server counts it tells a little later."""
    standby = await asyncpg.connect(Standby(topology.state, NO_LOCK).url("postgres", DATABASE))
    rows: int = await standby.fetchval("SELECT tup_fetched FROM pg_stat_database WHERE datname = $1", DATABASE)
    await standby.close()
    return rows > several


async def live(twins: Twins) -> None:
    """What happens to me, and to everybody, arrives on both, in order."""
    await hear(twins, "elder", "MessagesLive", lambda phone: phone.ask("MessagesMarkRead"))
    await hear(twins, "nobody", "MessagesNewsChanges", publish(twins))


def publish(twins: Twins) -> Callable[[Phone], Awaitable[Any]]:
    async def act(phone: Phone) -> Any:
        editors = await twins.of("editor")
        editor = editors.plain if phone.served is twins.plain else editors.scaled
        return await editor.ask("MessagesPublishNews", topic="NOTICE", title="新的公告", body="见正文。", key=key())
    return act


async def hear(twins: Twins, who: str, document: str, act: Callable[[Phone], Awaitable[Any]]) -> None:
    """The first two answers of a subscription: that it is ready, and what `act` brings about."""
    phones, heard = await twins.of(who), {}
    for side in ("plain", "scaled"):
        phone = getattr(phones, side)
        async with phone.live(document) as answers:
            async with asyncio.timeout(60):
                heard[side] = [await anext(answers)]
                await act(phone)
                await twins.settle()
                heard[side].append(await anext(answers))
    twins.compare(document, {"data": heard["plain"]}, {"data": heard["scaled"]})
    twins.asked.add(document)


async def test_a_page_reads_by_get_as_it_does_from_the_plain_product(twins: Twins) -> None:
    """Without an Origin, which browsers leave out there; a mutation is refused by both."""
    def asked(document: str, **variables: Any) -> dict[str, str]:
        return {"documentId": DOCUMENTS[document].id, "variables": json.dumps(variables)}

    for who in ("nobody", "teacher"):
        phones = await twins.of(who)
        for params in (asked("ParkingCommunities"), asked("HomeThings"), asked("IdentityCommunities", street=STREET),
                       asked("ParkingMySpaces", first=2)):
            answers = [await get(phone, params) for phone in (phones.plain, phones.scaled)]
            twins.compare(f"{who}: GET {params}", *(answer.json() for answer in answers))
        refused = [await get(phone, asked("MessagesMarkRead")) for phone in (phones.plain, phones.scaled)]
        assert {answer.status_code for answer in refused} == {405}
    assert not twins.differences, "\n".join(twins.differences)


async def get(phone: Phone, params: dict[str, str]) -> httpx.Response:
    request = phone.http.build_request("GET", "/graphql", params=params)
    del request.headers["origin"]
    return await phone.http.send(request)


async def test_a_subgraph_that_is_killed_is_said_to_be_away_and_comes_back(topology: Scaled) -> None:
    async with looking_into(topology) as scaled:
        phone = scaled.phone()
        assert await phone.ask("ParkingCommunities")
        os.kill(topology.launcher.child("subgraph parking"), signal.SIGKILL)

        async def code() -> str:
            found = (await phone.send("ParkingCommunities")).json()
            return str(found["errors"][0]["extensions"]["code"]) if found.get("errors") else "none"

        async def is_away() -> bool:
            return await code() == "UNAVAILABLE"

        async def is_back() -> bool:
            found = await code()
            assert found in ("UNAVAILABLE", "none")
            return found == "none"
        await until_async(is_away)
        await until_async(is_back)
