"""A post of the whole district needs a second official."""

from __future__ import annotations

from tests.clients import Served
from tests.staff.office import DISTRICT, appointed, invited, lines, offers, posts


async def test_a_district_post_is_offered_when_a_second_official_agrees(served: Served) -> None:
    manager, second, resident = [await served.signed_in(who) for who in ("manager", "desk", "resident")]
    id_ = await invited(manager, "resident", "news_editor", DISTRICT)
    assert await offers(resident) == []
    assert await resident.refused("StaffAnswer", id=id_, accept=True) == "NOT_FOUND"
    [waiting] = await second.ask("StaffInvitations", organisation=DISTRICT)
    assert (waiting["standing"], waiting["inviter"], waiting["mine"]) == ("TO_APPROVE", "郭建华", False)
    assert (await second.ask("StaffApprove", id=id_, agree=True))["standing"] == "OPEN"
    await resident.ask("StaffAnswer", id=id_, accept=True)
    assert await posts(resident) == ["news_editor"]
    assert await lines(served, resident.id, "POST_APPROVED") == [(second.id, "identity_officer")]


async def test_nobody_is_both_pairs_of_eyes(served: Served) -> None:
    manager, second = await served.signed_in("manager"), await served.signed_in("desk")
    id_ = await invited(manager, "resident", "news_editor", DISTRICT)
    assert await manager.refused("StaffApprove", id=id_, agree=True) == "STAFF_SECOND_PERSON"
    own = await invited(manager, "desk", "manager", DISTRICT)
    assert await second.refused("StaffApprove", id=own, agree=True) == "STAFF_SECOND_PERSON"
    rows = await served.platform.db.fetch("SELECT id FROM staff.invitation WHERE approved_at IS NOT NULL")
    assert rows == []


async def test_what_was_declined_is_over(served: Served) -> None:
    manager, second, resident = [await served.signed_in(who) for who in ("manager", "desk", "resident")]
    id_ = await invited(manager, "resident", "news_editor", DISTRICT)
    assert (await second.ask("StaffApprove", id=id_, agree=False))["standing"] == "DECLINED"
    assert await second.refused("StaffApprove", id=id_, agree=True) == "STAFF_INVITATION_OVER"
    assert await resident.refused("StaffAnswer", id=id_, accept=True) == "NOT_FOUND"


async def test_officials_of_elsewhere_approve_nothing(served: Served) -> None:
    manager = await served.signed_in("manager")
    elsewhere = await appointed(served, manager, "parent", "manager")  # of the property company
    id_ = await invited(manager, "resident", "news_editor", DISTRICT)
    assert await elsewhere.refused("StaffApprove", id=id_, agree=True) == "NOT_FOUND"
    assert await elsewhere.refused("StaffWithdraw", id=id_) == "NOT_FOUND"
    assert await elsewhere.ask("StaffInvitations", organisation=DISTRICT) == []


async def test_an_approval_ends_with_the_office_of_who_gave_it(served: Served) -> None:
    manager, second, resident = [await served.signed_in(who) for who in ("manager", "desk", "resident")]
    id_ = await invited(manager, "resident", "news_editor", DISTRICT)
    await second.ask("StaffApprove", id=id_, agree=True)
    async with served.platform.db.writing_as("staff") as connection:
        await connection.execute("DELETE FROM staff.membership WHERE role = 'identity_officer'")
    assert await resident.refused("StaffAnswer", id=id_, accept=True) == "STAFF_INVITATION_OVER"
