"""添加孩子: a real-named parent links a child by name and number, where the register of certificates says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from uuid import UUID

import pytest
from tests.clients import Phone, Served, new_number
from tests.consent.test_my_data import move, shown
from tests.delegation.family import BOOKING, acting
from tests.delegation.test_enrolling import children, lines, papers, rows
from tests.identity.authority import PATIENCE, SHORT, TOKEN, authority
from tests.waiting import somebody_waits, until_async

from consent.my_data import erase_due
from delegation.registers import HttpRegistry
from haian.demo import demo_id
from identity.demo import number
from identity.numbers import FieldKeys, index, mask, seal

BORN = date(2020, 5, 1)
TODDLERS = {"name": "张小贝", "number": number(date(2022, 2, 14), 113)}
Worker = Callable[[], Awaitable[None]]


def child(order: int, name: str = "陈小舟") -> dict[str, str]:
    return {"name": name, "number": number(BORN, order)}


@pytest.fixture
def register(served: Served) -> Iterator[HttpRegistry]:
    """The demo's register: what it says is in the order places of the child's number."""
    with authority() as url:
        made = HttpRegistry(url.replace("verify", "family"), TOKEN, PATIENCE)
        served.platform.services["family_registry"] = made
        yield made


async def titles(worker: Worker, phone: Phone) -> list[str]:
    await worker()
    return [edge["node"]["title"] for edge in (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]]


async def grown(served: Served, phone: Phone, order: int) -> None:
    """A man with a number of his own."""
    keys, made = served.platform.settings, number(date(1988, 1, 1), order)
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("""UPDATE identity.citizen SET level = 'VERIFIED', name = '陈父', born = '1988-01-01'
                                    WHERE id = $1""", UUID(phone.id))
        await connection.execute("SELECT identity.add_number($1, $2, $3, $4)", UUID(phone.id),
                                 seal(made, FieldKeys.of(keys), UUID(phone.id).bytes), index(made, keys),
                                 mask(made))


async def test_a_parent_adds_a_child_and_acts_for_it_and_the_other_parent_hears_of_the_second(
        served: Served, register: HttpRegistry, worker: Worker) -> None:
    mother, father = await served.signed_in("resident"), await served.signed_in(new_number())
    await grown(served, father, 501)
    made = await mother.ask("DelegationLinkChild", **child(300))
    assert (made["child"], made["relation"]) == ("陈小舟", "MOTHER")
    assert await mother.ask("DelegationLinkChild", **child(300)) == made, "again, it stays"
    assert (await father.ask("DelegationLinkChild", **child(300)))["relation"] == "FATHER"
    assert await children(mother) == await children(father) == ["陈小舟"]
    id_ = made["id"].split(":")[0]
    assert (await acting(mother, id_).ask("HealthcareComing"))["edges"] == []
    assert (await lines(served, id_))["GUARDIAN_LINKED"] == ("guardian", "REGISTER", "kin")
    assert (await lines(served, father.id))["GUARDIAN_LINKED"] == ("citizen", "REGISTER", "")
    assert {"多了一位监护人", "监护关系已登记"} <= set(await titles(worker, acting(mother, None)))


@pytest.mark.parametrize("given, code", [
    (child(901), "DELEGATION_KIN_DISAGREES"), (child(902), "DELEGATION_KIN_AWAY"), (child(903), "DELEGATION_KIN_AWAY"),
    (child(300, "陈"), "IDENTITY_NAME_INVALID"), ({"name": "陈小舟", "number": "1"}, "IDENTITY_NUMBER_INVALID"),
    ({"name": "陈小舟", "number": number(date(1999, 1, 1), 300)}, "DELEGATION_OF_AGE"),
])
async def test_what_is_refused_links_nobody(
        shared: Served, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], code: str) -> None:
    patience = SHORT if code == "DELEGATION_KIN_AWAY" else PATIENCE
    with authority() as url:
        register = HttpRegistry(url.replace("verify", "family"), TOKEN, patience)
        monkeypatch.setitem(shared.platform.services, "family_registry", register)
        mother = await shared.signed_in("clerk")
        assert await mother.refused("DelegationLinkChild", **given) == code
    assert await children(mother) == []


async def test_who_is_not_real_named_is_told_so_before_anybody_is_asked(shared: Served) -> None:
    assert await (await shared.signed_in(new_number())).refused("DelegationLinkChild", **child(300)) \
        == "DELEGATION_GUARDIAN_UNFIT"


async def test_a_second_mother_is_sent_to_the_desk_and_the_first_hears_of_it(
        served: Served, register: HttpRegistry, worker: Worker) -> None:
    other, mother = await served.signed_in("resident"), await served.signed_in("parent")
    assert await other.refused("DelegationLinkChild", **TODDLERS) == "DELEGATION_KIN_CONTRADICTED"
    assert await children(other) == []
    assert "有人想登记为监护人，没有通过" in await titles(worker, mother)
    kept = await served.platform.db.fetch("SELECT payload FROM messages.message WHERE type = 'delegation.contradicted'")
    assert [set(row["payload"]) for row in kept] == [{"child"}], "who it was is in no export of hers"
    assert await other.refused("DelegationLinkChild", **TODDLERS | {"name": "陈小贝"}) == "IDENTITY_CHILD_DISPUTED"
    assert "监护关系还没登记" in await titles(worker, other)


async def test_of_two_mothers_at_once_one_is_and_what_a_desk_ended_stays_ended(
        served: Served, register: HttpRegistry) -> None:
    both = [await served.signed_in(who) for who in ("resident", "guard")]  # by their numbers, both women
    answers = [answer.json() for answer in await asyncio.gather(*(
        who.send("DelegationLinkChild", **child(302)) for who in both))]
    codes = [[error["extensions"]["code"] for error in answer.get("errors", ())] for answer in answers]
    assert sorted(codes) == [[], ["DELEGATION_KIN_CONTRADICTED"]]
    first = both[codes.index([])]
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.guardianship SET ended_at = $2 WHERE guardian_id = $1",
                                 UUID(first.id), served.platform.clock.now())
    assert await first.refused("DelegationLinkChild", **child(302)) == "DELEGATION_LINK_ENDED"
    assert await children(first) == []


async def test_a_register_waits_for_the_desk_that_attests_a_mother_at_this_moment(
        served: Served, register: HttpRegistry) -> None:
    first, second = await served.signed_in("resident"), await served.signed_in("guard")
    id_ = (await first.ask("DelegationLinkChild", **child(302)))["id"].split(":")[0]
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.guardianship SET relation = 'OTHER' WHERE child_id = $1", UUID(id_))
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("""INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until)
            VALUES ($1, $2, 'MOTHER', $3, $3::timestamptz + interval '9 years')""", demo_id("citizen:parent"), UUID(id_),
            served.platform.clock.now())
        asked = asyncio.ensure_future(second.refused("DelegationLinkChild", **child(302)))
        await until_async(lambda: somebody_waits(connection))
    assert await asked == "DELEGATION_KIN_CONTRADICTED"


async def leaves(served: Served, father: Phone, phone: str, order: int) -> Phone:
    """He closes his account, waits his 30 days, and comes back with the same phone and the same number."""
    await (await shown(served, father)).ask("ConsentClose")
    await move(served, 31)
    await erase_due(served.platform)
    again = await served.signed_in(phone)
    assert again.id != father.id
    await grown(served, again, order)
    return again


async def test_what_a_desk_ended_or_limited_outlives_the_accounts_of_both(served: Served, register: HttpRegistry) -> None:
    phone = new_number()
    father = await served.signed_in(phone)
    await grown(served, father, 501)
    said = papers(guardian=phone, child=child(300)["number"], childName="陈小舟", kin="FATHER")
    desk = await served.signed_in("desk")
    await desk.ask("DelegationAttest", **said)
    await desk.ask("DelegationEndGuardian", **{name: said[name] for name in ("guardian", "child", "seen")})
    father = await leaves(served, father, phone, 501)
    assert await father.refused("DelegationLinkChild", **child(300)) == "DELEGATION_LINK_ENDED"
    await rows(served, "DELETE FROM identity.citizen WHERE name = '陈小舟'")
    assert await father.refused("DelegationLinkChild", **child(300)) == "DELEGATION_LINK_ENDED"
    assert await rows(served, "SELECT FROM identity.citizen WHERE name = '陈小舟'") == [], "nobody is enrolled"
    await (await served.signed_in("desk")).ask("DelegationAttest", **said | {"limits": [BOOKING]})
    father = await leaves(served, father, phone, 501)
    await father.ask("DelegationLinkChild", **child(300))
    assert [each["limits"] for each in await father.ask("DelegationFamily")] == [["挂号和取消"]]
    await (await served.signed_in("desk")).ask("DelegationAttest", **said)
    async with served.platform.db.writing_as("delegation") as connection:
        assert await connection.fetch("SELECT FROM delegation.settled") == [], "taken up again, whole"
    father = await leaves(served, father, phone, 501)
    await father.ask("DelegationLinkChild", **child(300))
    assert [each["limits"] for each in await father.ask("DelegationFamily")] == [[]]
