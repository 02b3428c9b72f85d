"""The 18th birthday: guardianship has ended by itself, and both sides are told, once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from tests.birthdays import eve_of_birthday
from tests.clients import Phone, Served
from tests.delegation.test_enrolling import children

from delegation.linking import tell_grown
from haian.demo import demo_id


async def titles(phone: Phone) -> list[str]:
    return [edge["node"]["title"] for edge in (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]]


async def test_at_18_the_account_is_ones_own_and_both_are_told_once(
        served: Served, worker: Callable[[], Awaitable[None]]) -> None:
    born = eve_of_birthday(served, 18)
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET born = $2 WHERE id = $1", demo_id("citizen:child"),
                                 born)
    child, mother = await served.signed_in("child"), await served.signed_in("parent")
    await tell_grown(served.platform)
    await worker()
    assert (await titles(child), await children(mother)) == ([], ["张小海", "张小贝"])
    assert [each["guardian"] for each in await child.ask("DelegationFamily")] == ["张晓梅"]
    served.platform.clock.move(timedelta(days=1))
    for _ in range(2):
        await tell_grown(served.platform)
        await worker()
    child, mother = await served.signed_in("child"), await served.signed_in("parent")
    assert (await titles(child)).count("您满 18 岁了，账号由您自己管") == 1
    assert (await titles(mother)).count("张小海满 18 岁了") == 1
    assert (await children(mother), await child.ask("DelegationFamily")) == (["张小贝"], [])
