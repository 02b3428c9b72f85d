"""A post is offered, accepted and ended; it counts between those and no longer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from tests.clients import PHONES, Served, new_number
from tests.staff.office import NAMES, PROPERTY, appointed, invitation, invited, lines, offers, people, posts

from consent.my_data import held as held_of
from haian import steps
from haian.call import Call
from haian.demo import demo_id
from staff.providers import forget
from staff.service import lapse

DESK = "ParkingDeskSpaces"


async def test_a_teacher_sees_her_post(served: Served) -> None:
    found = (await (await served.signed_in("teacher")).ask("StaffMine"))["staffMine"]
    assert [(post["role"], post["organisation"], post["until"]) for post in found] == [("teacher", "演示实验小学", None)]


async def test_whoever_has_no_post_sees_none(served: Served) -> None:
    assert await (await served.signed_in("resident")).ask("StaffMine") == {"staffMine": [], "staffOffers": []}
    assert await served.phone().refused("StaffMine") == "UNAUTHENTICATED"


async def test_whoever_is_invited_accepts_and_works_at_once(served: Served) -> None:
    manager, resident = await served.signed_in("manager"), await served.signed_in("resident")
    assert await resident.refused(DESK) == "FORBIDDEN"
    await invited(manager, "resident", "property_clerk", place="南门")
    [offer] = await offers(resident)
    assert (offer["organisation"], offer["place"], offer["inviter"]) == ("海岸物业服务中心（演示）", "南门", "郭建华")
    assert await resident.refused(DESK) == "FORBIDDEN"
    await resident.ask("StaffAnswer", id=offer["id"], accept=True)
    assert await resident.ask(DESK) is not None
    assert (await offers(resident), await posts(resident)) == ([], ["property_clerk"])
    assert await lines(served, resident.id, "POST_OFFERED") == [(manager.id, "manager")]
    assert await lines(served, resident.id, "POST_ACCEPTED") == [(resident.id, "citizen")]


async def test_an_ended_post_gives_nothing_from_that_moment_and_its_holder_reads_why(served: Served) -> None:
    manager = await served.signed_in("manager")
    clerk = await appointed(served, manager, "resident", "property_clerk")
    served.platform.clock.move(timedelta(seconds=1))
    post = (await people(manager))["王海燕 property_clerk"]["id"]
    assert await clerk.ask(DESK) is not None
    assert await manager.ask("StaffEnd", post=post, reason="离职") is True
    assert await clerk.refused(DESK) == "FORBIDDEN"
    assert (await posts(clerk), await manager.refused("StaffEnd", post=post, reason="离职")) == ([], "NOT_FOUND")
    [[ended_by, reason]] = await served.platform.db.fetch(
        "SELECT ended_by, ended_reason FROM staff.membership WHERE id = $1", UUID(post))
    assert (str(ended_by), reason) == (manager.id, "离职")
    assert await lines(served, clerk.id, "POST_ENDED") == [(manager.id, "manager")]


async def test_who_refuses_holds_nothing_and_may_be_asked_again(served: Served) -> None:
    manager, resident = await served.signed_in("manager"), await served.signed_in("resident")
    id_ = await invited(manager, "resident", "property_guard")
    await resident.ask("StaffAnswer", id=id_, accept=False)
    assert (await posts(resident), await offers(resident)) == ([], [])
    assert await resident.refused("StaffAnswer", id=id_, accept=True) == "NOT_FOUND"
    assert await posts(await appointed(served, manager, "resident", "property_guard")) == ["property_guard"]


async def test_a_post_has_its_dates(served: Served) -> None:
    manager, clock = await served.signed_in("manager"), served.platform.clock
    since, until = clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=2)
    clerk = await appointed(served, manager, "resident", "property_clerk", since=since.isoformat(), until=until.isoformat())
    found = []
    for _ in range(3):
        clerk.http.headers["X-Haian-Address"] = served.signed("10.9.9.9")
        answer = (await clerk.send(DESK)).json()
        found.append(answer["errors"][0]["extensions"]["code"] if answer.get("errors") else "")
        clock.move(timedelta(hours=1))
    assert found == ["FORBIDDEN", "", "FORBIDDEN"]


@pytest.mark.parametrize(("given", "code"), [
    ({"role": "registrar"}, "STAFF_ROLE_UNKNOWN"), ({"role": "king"}, "STAFF_ROLE_UNKNOWN"),
    ({"phone": "12345"}, "IDENTITY_PHONE_INVALID"), ({"name": "A1"}, "IDENTITY_NAME_INVALID"),
    ({"place": "门" * 41}, "STAFF_PLACE_INVALID"), ({"place": "门\x07"}, "STAFF_PLACE_INVALID"),
    ({"until": "2020-01-01T00:00:00Z"}, "STAFF_DATES_INVALID"), ({"since": "2040-01-01T00:00:00Z"}, "STAFF_DATES_INVALID"),
    ({"phone": PHONES["manager"]}, "STAFF_YOURSELF"),
    ({"organisation": str(demo_id("organisation:hospital"))}, "STAFF_NOT_MANAGER"),
    ({"organisation": str(uuid4())}, "STAFF_NOT_MANAGER"),
])
async def test_what_makes_no_invitation(served: Served, given: dict[str, str], code: str) -> None:
    manager = await served.signed_in("manager")
    assert await manager.refused("StaffInvite", **{**invitation("resident", "property_guard"), **given}) == code
    assert await served.platform.db.fetch("SELECT id FROM staff.invitation") == []


async def test_no_answer_tells_whether_a_number_is_known_or_whose_it_is(served: Served) -> None:
    manager = await served.signed_in("manager")
    known = await manager.ask("StaffInvite", **invitation("resident", "property_guard"))
    foreign = await manager.ask("StaffInvite", **invitation("elder", "property_guard", name="王小明"))
    unknown = await manager.ask("StaffInvite", **invitation("elder", "property_guard", phone=new_number(), name="王小明"))
    assert known.keys() == foreign.keys() == unknown.keys()
    assert {each["standing"] for each in (known, foreign, unknown)} == {"OPEN"}
    shown = await manager.ask("StaffInvitations", organisation=PROPERTY)
    assert {each["phone"][3:7] for each in shown} == {"****"}


async def test_a_number_that_is_somebody_elses_by_now_invites_nobody(served: Served) -> None:
    """The manager wrote another name than the one that is proven."""
    manager, elder = await served.signed_in("manager"), await served.signed_in("elder")
    id_ = await invited(manager, "elder", "property_clerk", name="王小明")
    assert await offers(elder) == []
    assert await elder.refused("StaffAnswer", id=id_, accept=True) == "NOT_FOUND"


async def test_nobody_answers_anothers_invitation(served: Served) -> None:
    manager, elder = await served.signed_in("manager"), await served.signed_in("elder")
    id_ = await invited(manager, "resident", "property_clerk")
    assert await elder.refused("StaffAnswer", id=id_, accept=True) == "NOT_FOUND"
    assert await elder.refused("StaffAnswer", id=id_, accept=False) == "NOT_FOUND"
    assert len(await offers(await served.signed_in("resident"))) == 1


async def test_whoever_is_new_proves_their_name_before_they_accept(served: Served) -> None:
    manager, number = await served.signed_in("manager"), new_number()
    id_ = await invited(manager, "resident", "property_guard", phone=number)
    newcomer = await served.signed_in(number)
    [offer] = await offers(newcomer)
    assert offer["named"] is False
    assert await newcomer.refused("StaffAnswer", id=id_, accept=True) == "STAFF_NAME_FIRST"
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET level = 'VERIFIED', name = $2 WHERE id = $1",
                                 UUID(newcomer.id), NAMES["resident"])
    await newcomer.ask("StaffAnswer", id=id_, accept=True)
    assert await posts(newcomer) == ["property_guard"]


async def test_an_invitation_is_over_when_its_giver_is_no_manager_any_more(served: Served) -> None:
    manager, resident = await served.signed_in("manager"), await served.signed_in("resident")
    id_ = await invited(manager, "resident", "property_clerk")
    async with served.platform.db.writing_as("staff") as connection:
        await connection.execute("UPDATE staff.membership SET during = tstzrange(lower(during), $2) WHERE citizen_id = $1",
                                 UUID(manager.id), served.platform.clock.now())
    assert await resident.refused("StaffAnswer", id=id_, accept=True) == "STAFF_INVITATION_OVER"
    assert await posts(resident) == []


async def test_an_invitation_runs_out_after_14_days_and_its_number_is_forgotten(served: Served) -> None:
    manager, clock = await served.signed_in("manager"), served.platform.clock
    id_ = await invited(manager, "resident", "property_clerk")
    clock.move(timedelta(days=14, seconds=1))
    resident = await served.signed_in("resident")
    assert await offers(resident) == []
    assert await resident.refused("StaffAnswer", id=id_, accept=True) == "STAFF_INVITATION_OVER"
    await lapse(served.platform)
    async with served.platform.db.writing_as("staff") as connection:
        assert await connection.fetchval("SELECT count(*) FROM staff.invitation WHERE phone IS NOT NULL") == 0
    await invited(await served.signed_in("manager"), "resident", "property_clerk")


async def test_what_was_taken_back_is_over(served: Served) -> None:
    manager, resident = await served.signed_in("manager"), await served.signed_in("resident")
    id_ = await invited(manager, "resident", "property_clerk")
    assert await manager.refused("StaffInvite", **invitation("resident", "property_clerk")) == "STAFF_INVITED_ALREADY"
    assert (await manager.ask("StaffWithdraw", id=id_))["standing"] == "WITHDRAWN"
    assert await resident.refused("StaffAnswer", id=id_, accept=True) == "NOT_FOUND"
    assert await manager.refused("StaffWithdraw", id=id_) == "STAFF_INVITATION_OVER"


async def test_the_same_key_invites_once(served: Served) -> None:
    manager, given = await served.signed_in("manager"), invitation("resident", "property_clerk")
    first, again = [await manager.ask("StaffInvite", **given) for _ in range(2)]
    assert first["id"] == again["id"]


async def test_two_taps_at_once_accept_once(served: Served) -> None:
    manager, resident = await served.signed_in("manager"), await served.signed_in("resident")
    id_ = await invited(manager, "resident", "property_clerk")
    await asyncio.gather(*(resident.send("StaffAnswer", id=id_, accept=True) for _ in range(6)))
    assert await posts(resident) == ["property_clerk"]
    assert len(await lines(served, resident.id, "POST_ACCEPTED")) == 1


async def test_whoever_holds_the_post_already_need_not_accept(served: Served) -> None:
    manager, clerk = await served.signed_in("manager"), await served.signed_in("clerk")
    id_ = await invited(manager, "clerk", "property_clerk")
    assert await clerk.refused("StaffAnswer", id=id_, accept=True) == "STAFF_HELD_ALREADY"
    assert await posts(clerk) == ["property_clerk"]


async def test_an_organisation_is_never_without_a_manager(served: Served) -> None:
    manager = await served.signed_in("manager")
    mine = (await people(manager))["郭建华 manager"]["id"]
    assert await manager.refused("StaffEnd", post=mine, reason="退休") == "STAFF_LAST_MANAGER"
    second = await appointed(served, manager, "resident", "manager")
    served.platform.clock.move(timedelta(seconds=1))
    theirs = (await people(manager))["王海燕 manager"]["id"]
    await asyncio.gather(manager.send("StaffEnd", post=theirs, reason="换人"),
                         second.send("StaffEnd", post=mine, reason="换人"))
    [[left]] = await served.platform.db.fetch(
        """SELECT count(*) FROM haian.membership WHERE organisation_id = $1 AND role = 'manager'
           AND during @> $2::timestamptz""", UUID(PROPERTY), served.platform.clock.now())
    assert left == 1


async def test_a_post_is_ended_with_a_reason_and_by_its_own_manager(served: Served) -> None:
    manager, clerk = await served.signed_in("manager"), await served.signed_in("clerk")
    post = (await people(manager))["吴志强 property_clerk"]["id"]
    assert await manager.refused("StaffEnd", post=post, reason=" ") == "STAFF_REASON_MISSING"
    assert await clerk.refused("StaffEnd", post=post, reason="不要") == "FORBIDDEN"
    teacher = (await served.platform.db.fetch("SELECT id FROM staff.membership WHERE role = 'teacher' LIMIT 1"))[0][0]
    assert await manager.refused("StaffEnd", post=str(teacher), reason="别的单位") == "NOT_FOUND"


async def test_what_somebody_was_invited_to_is_theirs_to_export_and_forgotten_with_them(served: Served) -> None:
    manager = await served.signed_in("manager")
    clerk = await appointed(served, manager, "resident", "property_clerk")
    await (await served.signed_in("elder")).ask("StaffAnswer", id=await invited(manager, "elder", "property_guard"),
                                                accept=False)
    app = next(app for app in served.platform.registry.apps if app.noun == "staff")
    [held] = (await held_of(Call(served.platform), app, UUID(clerk.id)))["invitations"]
    assert (held["role"], held["name"], held["outcome"]) == ("property_clerk", "王海燕", "ACCEPTED")
    async with served.platform.db.writing_as("staff") as connection:
        await forget(connection, UUID(clerk.id))
    left = await served.platform.db.fetch("SELECT name FROM staff.invitation")
    assert [row["name"] for row in left] == [NAMES["elder"]]


async def test_a_manager_who_looks_at_the_posts_is_in_the_ledger_of_each(served: Served) -> None:
    manager, guard = await served.signed_in("manager"), await served.signed_in("guard")
    await people(manager)
    assert await lines(served, guard.id, "POSTS_SEEN") == [(manager.id, "manager")]
    assert await lines(served, manager.id, "POSTS_SEEN") == []
    assert await people(manager, str(demo_id("organisation:hospital"))) == {}


async def test_a_manager_who_looks_at_invitations_is_in_the_ledger_of_who_answered_one(served: Served) -> None:
    manager = await served.signed_in("manager")
    clerk, elder = await appointed(served, manager, "resident", "property_clerk"), await served.signed_in("elder")
    await invited(manager, "elder", "property_guard")
    assert len(await manager.ask("StaffInvitations", organisation=PROPERTY)) == 2
    assert await lines(served, clerk.id, "POSTS_SEEN") == [(manager.id, "manager")]
    assert await lines(served, elder.id, "POSTS_SEEN") == [], "it tells nobody whose number it is"


async def test_whoever_has_a_second_factor_shows_it_for_posts(served: Served) -> None:
    manager, resident = await served.signed_in("manager"), await served.signed_in("resident")
    id_ = await invited(manager, "resident", "property_clerk")
    async with served.platform.db.writing_as("factors") as connection:
        for phone in (manager, resident):
            await connection.execute("""INSERT INTO factors.passkey (citizen_id, credential_id, public_key, name, made_at)
                                        VALUES ($1, sha256($2), ''::bytea, '手机', $3)""",
                                     UUID(phone.id), phone.id.encode(), served.platform.clock.now())
    assert await manager.refused("StaffInvite", **invitation("elder", "property_clerk")) == "STEP_UP_NEEDED"
    post = (await people(manager))["吴志强 property_clerk"]["id"]
    assert await manager.refused("StaffEnd", post=post, reason="离职") == "STEP_UP_NEEDED"
    assert await resident.refused("StaffAnswer", id=id_, accept=True) == "STEP_UP_NEEDED"
    [device] = [each for each in await resident.ask("IdentityDevices") if each["current"]]
    await steps.confirm(served.platform, device["id"])
    await resident.ask("StaffAnswer", id=id_, accept=True)
    assert await posts(resident) == ["property_clerk"]
