"""授权: what I let others know, once or until a day; who gives it for a child; and that it is taken back at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.clients import Phone, Served, new_number
from tests.consent.test_ledger import lines
from tests.waiting import somebody_waits, until_async, waiting

from consent import giving
from consent.errors import GuardianNeeded
from consent.models import Asked, Receiver, Term
from haian.demo import demo_id
from haian.errors import Forbidden
from haian.transaction import Transaction

HOSPITAL = Asked("phone", Receiver.ORGANISATION, str(demo_id("organisation:hospital")), "演示第一医院",
                 "onecode.hospital_check_in", {"zh": "就医签到", "en": "Hospital check-in"})
MINI_APP = Asked("healthcare.appointments.read", Receiver.MINI_APP, "cn.example.visits", "陪诊小程序", "visits",
                 {"zh": "陪您就诊", "en": "Comes along to the doctor"})


async def give(served: Served, by: Phone, term: Term, asked: Asked = HOSPITAL, citizen: UUID | None = None,
               **more: Any) -> UUID:
    async with served.platform.writing("onecode") as tx:
        return await giving.give(as_(tx, by), citizen or UUID(by.id), asked, term, **more)


async def use(served: Served, citizen: UUID | str, asked: Asked = HOSPITAL, about: UUID | None = None) -> UUID | None:
    async with served.platform.writing("onecode") as tx:
        return await giving.use(tx, UUID(str(citizen)), asked, about)


def as_(tx: Transaction, by: Phone) -> Transaction:
    tx.viewer = tx.viewer._replace(id=UUID(by.id))
    return tx


async def standing(phone: Phone, **asked: Any) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await phone.ask("ConsentGiven", **asked))["edges"]]


async def test_the_demos_consents_are_used_as_often_as_the_ledger_says(shared: Served) -> None:
    parent = await shared.signed_in("parent")
    [mine] = [each for each in await standing(parent) if each["receiverName"] == "演示第一医院"]
    uses = await shared.platform.db.fetch(
        "SELECT FROM haian.audit WHERE action = 'CODE_FACTS_GIVEN' AND subject_id = $1", UUID(parent.id))
    assert mine["used"] == len(uses)


async def test_what_i_gave_stands_in_words_with_its_end_and_its_uses(served: Served) -> None:
    phone = await served.signed_in(new_number())
    assert await standing(phone) == []
    await give(served, phone, Term.MONTH)
    served.platform.clock.move(timedelta(minutes=1))
    await give(served, phone, Term.YEAR, MINI_APP)
    for _ in range(2):
        assert await use(served, phone.id)
    visits, hospital = await standing(phone)
    assert (hospital["label"], hospital["receiverName"], hospital["purpose"]) == ("手机号", "演示第一医院", "就医签到")
    assert (visits["receiverKind"], visits["receiverName"]) == ("MINI_APP", "陪诊小程序")
    assert visits["label"] != MINI_APP.fact, "a scope is said in words"
    assert [(each["once"], each["used"], bool(each["usedAt"])) for each in (hospital, visits)] \
        == [(False, 2, True), (False, 0, False)]
    served.platform.clock.move(timedelta(days=30))
    assert [each["id"] for each in await standing(phone)] == [visits["id"]]
    assert await use(served, phone.id) is None


async def test_what_is_taken_back_is_gone_at_once_and_both_are_in_the_ledger(served: Served) -> None:
    phone, other = await served.signed_in(new_number()), await served.signed_in(new_number())
    id_ = str(await give(served, phone, Term.YEAR))
    assert await other.refused("ConsentEnd", id=id_) == "NOT_FOUND"
    ended = await phone.ask("ConsentEnd", id=id_)
    assert ended["endedAt"]
    assert await use(served, phone.id) is None
    assert await standing(phone) == []
    served.platform.clock.move(timedelta(minutes=1))
    assert await phone.ask("ConsentEnd", id=id_) == ended, "asked again, it stays as it is"
    told = [(line["action"], line["reason"], line["fields"]) for line in await lines(phone, kind="MYSELF")]
    assert told[:2] == [("CONSENT_ENDED", "", ["phone"]), ("CONSENT_GIVEN", "YEAR", ["phone"])]


async def test_what_is_given_again_has_the_end_that_was_said_last_and_is_taken_back_whole(served: Served) -> None:
    phone = await served.signed_in(new_number())
    first = await give(served, phone, Term.YEAR)
    assert await give(served, phone, Term.MONTH) == first
    served.platform.clock.move(timedelta(days=31))
    assert await use(served, phone.id) is None
    second = await give(served, phone, Term.MONTH)
    assert second != first
    await phone.ask("ConsentEnd", id=str(second))
    assert await use(served, phone.id) is None


async def test_consent_is_for_one_fact_one_receiver_and_one_purpose(shared: Served) -> None:
    phone, other = await shared.signed_in(new_number()), await shared.signed_in(new_number())
    await give(shared, phone, Term.YEAR)
    for asked in (MINI_APP, replace(HOSPITAL, fact="name"), replace(HOSPITAL, receiver="another"),
                  replace(HOSPITAL, kind=Receiver.MINI_APP), replace(HOSPITAL, purpose="onecode.library")):
        assert await use(shared, phone.id, asked) is None
    assert await use(shared, other.id) is None


async def test_of_twenty_at_once_one_uses_up_what_was_given_once(shared: Served) -> None:
    phone, about = await shared.signed_in(new_number()), uuid4()
    given = await give(shared, phone, Term.ONCE, about=about)
    assert await use(shared, phone.id, about=uuid4()) is None, "it is for one thing alone"
    assert await use(shared, phone.id) is None
    found = await asyncio.gather(*(use(shared, phone.id, about=about) for _ in range(20)))
    assert sorted(map(str, found)) == sorted([str(given), *["None"] * 19])
    assert await standing(phone) == []


async def test_of_three_given_once_for_the_same_three_who_ask_at_once_get_one_each(shared: Served) -> None:
    phone = await shared.signed_in(new_number())
    for _ in range(10):  # who looks past what is used up never waits for who waits for them
        given = {str(await give(shared, phone, Term.ONCE)) for _ in range(3)}
        found = await asyncio.gather(*(use(shared, phone.id) for _ in range(8)))
        assert sorted(map(str, found)) == sorted([*given, *["None"] * 5])


async def test_who_wants_the_same_two_the_other_way_round_waits_for_nobody_who_waits_for_them(shared: Served) -> None:
    phone = await shared.signed_in(new_number())
    one, other = HOSPITAL, replace(HOSPITAL, fact="name")
    given = [await give(shared, phone, Term.MONTH, asked) for asked in (one, other)]

    async def both(*wanted: Asked) -> list[UUID | None]:
        async with shared.platform.writing("onecode") as tx:
            return await giving.use_all(tx, [(UUID(phone.id), asked) for asked in wanted])

    async def waits(many: int) -> bool:
        return await waiting(shared.platform.db) == many
    for held, free in ((one, other), (other, one)):  # who begins with the free one has that before they wait
        asking = []
        async with shared.platform.writing("onecode") as tx:
            await giving.use(tx, UUID(phone.id), held)
            for wanted in ((held, free), (free, held)):
                asking.append(asyncio.create_task(both(*wanted)))
                await until_async(partial(waits, len(asking)))
        there, back = await asyncio.gather(*asking)
        assert there == back[::-1] and sorted(map(str, there)) == sorted(map(str, given))


async def test_what_was_given_back_while_somebody_waited_for_it_is_theirs(shared: Served) -> None:
    phone = await shared.signed_in(new_number())
    given, other = await give(shared, phone, Term.ONCE), None
    with pytest.raises(Forbidden):
        async with shared.platform.writing("onecode") as tx:
            assert await giving.use(tx, UUID(phone.id), HOSPITAL) == given
            other = asyncio.create_task(use(shared, phone.id))
            await until_async(lambda: somebody_waits(shared.platform.db))
            raise Forbidden
    assert other and await other == given


async def test_what_is_given_once_and_used_by_nobody_lapses(served: Served) -> None:
    phone = await served.signed_in(new_number())
    await give(served, phone, Term.ONCE, lasts=timedelta(minutes=2))
    served.platform.clock.move(timedelta(minutes=2))
    assert await use(served, phone.id) is None


async def test_for_a_child_under_14_a_guardian_alone_gives(served: Served) -> None:
    child, parent, stranger = demo_id("citizen:child"), await served.signed_in("parent"), await served.signed_in("resident")
    with pytest.raises(Forbidden):
        await give(served, stranger, Term.MONTH, citizen=child)
    with pytest.raises(GuardianNeeded):
        await give(served, child_phone(served), Term.MONTH, citizen=child)
    with pytest.raises(Forbidden):
        await give(served, parent, Term.MONTH, citizen=UUID(stranger.id))
    assert await use(served, child) is None
    id_ = str(await give(served, parent, Term.MONTH, citizen=child))
    assert [(each["id"], each["byGuardian"]) for each in await standing(parent, child=str(child))] == [(id_, True)]
    assert await standing(stranger, child=str(child)) == []
    assert await stranger.refused("ConsentEnd", id=id_) == "NOT_FOUND"
    assert [line["actorRole"] for line in await lines(parent, child=str(child))
            if line["action"] == "CONSENT_GIVEN"] == ["guardian"]
    assert await use(served, child)
    await parent.ask("ConsentEnd", id=id_)
    assert await use(served, child) is None


def child_phone(served: Served) -> Phone:
    """What the child itself would do with a phone of its own."""
    phone = served.phone()
    phone.id = str(demo_id("citizen:child"))
    return phone


async def test_what_a_guardian_gave_ends_with_the_guardianship_and_at_14(served: Served) -> None:
    child, parent = demo_id("citizen:toddler"), await served.signed_in("parent")
    await give(served, parent, Term.YEAR, MINI_APP, citizen=child)
    assert await has(served, child)
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.guardianship SET ended_at = $2 WHERE child_id = $1", child,
                                 served.platform.clock.now())
    assert not await has(served, child)
    assert await use(served, child, MINI_APP) is None
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.guardianship SET ended_at = NULL WHERE child_id = $1", child)
    assert await has(served, child)
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET born = $2 WHERE id = $1", child,
                                 served.platform.clock.now().date() - timedelta(days=14 * 366))
    assert not await has(served, child)
    assert await use(served, child, MINI_APP) is None


async def has(served: Served, citizen: UUID, asked: Asked = MINI_APP) -> bool:
    """What a noun asks that may do something as long as consent to it stands."""
    [[found]] = await served.platform.db.fetch(
        "SELECT haian.has_consent($1, $2, $3, $4, $5, $6)", citizen, asked.fact, asked.kind.value, asked.receiver,
        asked.purpose, served.platform.clock.now())
    return bool(found)


async def test_no_scope_covers_a_consent(served: Served) -> None:
    from tests.delegation.family import acting
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    for document, asked in (("ConsentGiven", {}), ("ConsentEnd", {"id": str(uuid4())})):
        assert await acting(grandson, elder).refused(document, **asked) == "ACTING_NOT_COVERED"
