"""For whom I may act, as I see it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tests.clients import Served, new_number

from haian.demo import demo_id
from haian.ids import new_id


async def test_a_parent_may_act_for_her_children(served: Served) -> None:
    mine = await (await served.signed_in("parent")).ask("DelegationPrincipals")
    assert [(each["name"], each["ground"], each["relation"]) for each in mine] == [
        ("张小海", "GUARDIAN", "MOTHER"), ("张小贝", "GUARDIAN", "MOTHER")]
    assert mine[0]["until"].startswith("2035-05-31T16:00:00"), "the 18th birthday begins in Shanghai"


async def test_whoever_was_given_nothing_acts_for_nobody(served: Served) -> None:
    assert await (await served.signed_in("resident")).ask("DelegationPrincipals") == []
    assert await served.phone().refused("DelegationPrincipals") == "UNAUTHENTICATED"


async def test_a_mandate_counts_once_it_is_confirmed_and_until_it_ends(served: Served) -> None:
    phone, now, mandate = await served.signed_in(new_number()), served.platform.clock.now(), new_id()
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute(
            """INSERT INTO delegation.mandate (id, principal_id, helper_id, scopes, since, until, asked_at)
               VALUES ($1, $2, $3, '{healthcare.appointments.write}', $4, $5, $4)""",
            mandate, demo_id("citizen:elder"), UUID(phone.id), now, now + timedelta(days=30))
    assert await phone.ask("DelegationPrincipals") == []
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("""UPDATE delegation.mandate SET confirmed_at = $2, confirmed_how = 'PHONE',
                                    confirmed_by = principal_id WHERE id = $1""", mandate, now)
    assert [(each["name"], each["ground"], each["scopes"]) for each in await phone.ask("DelegationPrincipals")] == [
        ("李德福", "MANDATE", ["healthcare.appointments.write"])]
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.mandate SET ended_at = $2 WHERE id = $1", mandate, now)
    assert await phone.ask("DelegationPrincipals") == []
