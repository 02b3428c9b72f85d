"""My data: all of it in one file; an account is closed after 30 days, in which a tap keeps it; then each noun forgets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from structlog.testing import capture_logs
from tests.birthdays import eve_of_birthday
from tests.clients import PHONES, Phone, Served, new_number
from tests.consent.test_questions import manager_of

from consent.my_data import erase_due
from haian import steps
from haian.demo import demo_id
from server.apps import registry


async def stepped(served: Served, number: str = "") -> Phone:
    """Somebody new who has just shown a second factor."""
    return await shown(served, await served.signed_in(number or new_number()))


async def shown(served: Served, phone: Phone) -> Phone:
    """Who has shown a second factor, just now."""
    [device] = [each for each in await phone.ask("IdentityDevices") if each["current"]]
    await steps.confirm(served.platform, device["id"])
    return phone


async def actions(phone: Phone) -> list[str]:
    return [edge["node"]["action"] for edge in (await phone.ask("ConsentLedger"))["edges"]]


async def test_everything_that_is_held_about_me_is_in_one_file_and_nothing_of_others(served: Served) -> None:
    phone, other = await stepped(served), await served.signed_in(new_number())
    await phone.ask("ConsentAccept", version=1)
    made = json.loads(await phone.ask("ConsentExport"))
    assert made["citizen"] == phone.id
    assert set(made["holds"]) == {app.noun for app in registry().apps if app.providers.export}
    assert [row["version"] for row in made["holds"]["consent"]["terms"]] == [1]
    assert {"SIGNED_IN", "DATA_EXPORTED"} <= {row["action"] for row in made["holds"]["consent"]["ledger"]}
    assert [row["ended_at"] for row in made["holds"]["identity"]["devices"]] == [None]
    assert other.id not in json.dumps(made)
    assert "DATA_EXPORTED" in await actions(phone)


async def test_exports_and_closing_want_a_second_factor(served: Served) -> None:
    phone = await served.signed_in(new_number())
    for document in ("ConsentExport", "ConsentClose"):
        assert await phone.refused(document) == "STEP_UP_NEEDED"
    assert (await phone.ask("ConsentMyData"))["consentClosing"] is None
    assert "DATA_EXPORTED" not in await actions(phone)


async def test_closing_waits_thirty_days_and_is_undone(served: Served) -> None:
    phone = await stepped(served)
    made = await phone.ask("ConsentClose")
    assert datetime.fromisoformat(made["dueAt"]) - datetime.fromisoformat(made["askedAt"]) == timedelta(days=30)
    assert await phone.ask("ConsentClose") == made
    found = await phone.ask("ConsentMyData")
    assert found["consentClosing"] == made
    assert ["第 56 条" in each["ground"] for each in found["consentKept"] if "用数账本" in each["what"]] == [True]
    assert await phone.ask("ConsentKeep") is None
    await move(served, 31)
    await erase_due(served.platform)
    assert await exists(served, phone)
    assert (await actions(phone)).count("ACCOUNT_CLOSING") == 1 and "ACCOUNT_KEPT" in await actions(phone)


async def test_then_each_noun_forgets_by_its_own_clock_and_the_number_is_free(served: Served) -> None:
    number = new_number()
    phone = await stepped(served, number)
    await space_of(served, phone)
    await phone.ask("ConsentClose")
    await move(served, 31)
    await erase_due(served.platform)
    assert not await exists(served, phone)
    assert await phone.refused("ConsentLedger") == "UNAUTHENTICATED"
    assert await left(served, phone) == {"parking", "onecode"}
    assert await spaces(served, phone) == 1
    await move(served, 8)
    await erase_due(served.platform)
    assert (await left(served, phone), await spaces(served, phone)) == ({"onecode"}, 0)
    await move(served, 30)
    await erase_due(served.platform)
    await erase_due(served.platform)
    assert await left(served, phone) == set()
    again = await served.signed_in(number)
    assert again.id != phone.id and await actions(again) == ["SIGNED_IN"]


async def test_a_noun_that_cannot_forget_holds_up_no_other_and_is_asked_again(served: Served) -> None:
    phones = [await stepped(served), await stepped(served)]
    for phone in phones:
        await space_of(served, phone)
        await phone.ask("ConsentClose")
    await move(served, 31)
    await erase_due(served.platform)
    await move(served, 31)
    async with stuck(served, phones[0]):
        with capture_logs() as logged:
            await erase_due(served.platform)
    failed = [(line["noun"], line["citizen"]) for line in logged if line["event"] == "erasure.failed"]
    assert failed == [("parking", phones[0].id)]
    assert [await left(served, phone) for phone in phones] == [{"parking"}, set()]
    assert [await spaces(served, phone) for phone in phones] == [1, 0]
    await erase_due(served.platform)
    assert await left(served, phones[0]) == set()
    assert await spaces(served, phones[0]) == 0


@asynccontextmanager
async def stuck(served: Served, phone: Phone) -> AsyncIterator[None]:
    """Within the block PostgreSQL lets nobody delete a space of this citizen."""
    owner = await asyncpg.connect(served.platform.settings.database_migration_url)
    await owner.execute("CREATE FUNCTION parking.stuck() RETURNS trigger LANGUAGE plpgsql AS "
                        "$$ BEGIN RAISE EXCEPTION 'stuck'; END $$")
    await owner.execute("CREATE TRIGGER stuck BEFORE DELETE ON parking.space FOR EACH ROW "
                        f"WHEN (old.owner_id = '{phone.id}') EXECUTE FUNCTION parking.stuck()")
    yield
    await owner.execute("DROP FUNCTION parking.stuck CASCADE")
    await owner.close()


async def test_the_last_manager_stays_whether_asked_for_or_left_alone_meanwhile(served: Served, worker: Any) -> None:
    first, second = [await shown(served, await manager_of(served, "school")) for _ in range(2)]
    assert (await first.ask("ConsentClose"))["dueAt"]
    assert await second.refused("ConsentClose") == "CONSENT_LAST_MANAGER"
    assert (await second.ask("ConsentMyData"))["consentClosing"] is None
    async with served.platform.db.writing_as("staff") as connection:
        await connection.execute("DELETE FROM staff.membership WHERE citizen_id = $1", UUID(second.id))
    await move(served, 31)
    await erase_due(served.platform)
    await worker()
    assert await exists(served, first) and await left(served, first) == set()
    [told] = [edge["node"]["title"] for edge in (await first.ask("MessagesInbox"))["messagesInbox"]["edges"]
              if "账号没有注销" in edge["node"]["title"]]
    assert told
    assert (await first.ask("ConsentMyData"))["consentClosing"] is None


async def move(served: Served, days: int) -> None:
    served.platform.clock.move(timedelta(days=days))


async def exists(served: Served, phone: Phone) -> bool:
    return bool(await served.platform.db.fetch("SELECT FROM haian.citizen WHERE id = $1", UUID(phone.id)))


async def left(served: Served, phone: Phone) -> set[str]:
    rows = await served.platform.db.fetch("SELECT noun FROM consent.erasure WHERE citizen_id = $1 AND done_at IS NULL",
                                          UUID(phone.id))
    return {row[0] for row in rows}


async def space_of(served: Served, phone: Phone) -> Any:
    return await phone.ask("ParkingRegisterSpace", community="370211005001", lot="地面", label=str(uuid4())[:8],
                           priceCents=1, key=str(uuid4()))


async def spaces(served: Served, phone: Phone) -> int:
    rows = await served.platform.db.fetch("SELECT count(*) FROM parking.space WHERE owner_id = $1", UUID(phone.id))
    return int(rows[0][0])


async def test_a_guardian_closes_a_childs_account_and_any_guardian_keeps_it(served: Served, worker: Any) -> None:
    parent, stranger = await stepped(served, PHONES["parent"]), await stepped(served)
    toddler = str(demo_id("citizen:toddler"))
    assert (await children(parent))[toddler] is None
    assert await children(stranger) == {}
    for document in ("ConsentClose", "ConsentKeep"):
        assert await stranger.refused(document, child=toddler) == "NOT_FOUND"
    await parent.ask("ConsentClose", child=toddler)
    assert (await children(parent))[toddler] is not None
    assert (await parent.ask("ConsentMyData"))["consentClosing"] is None, "mine stays"
    await worker()
    inbox = (await parent.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert "孩子的账号将要注销" in [edge["node"]["title"] for edge in inbox]
    await parent.ask("ConsentKeep", child=toddler)
    assert (await children(parent))[toddler] is None
    closing = await parent.ask("ConsentClose", child=toddler)
    served.platform.clock.move(datetime.fromisoformat(closing["dueAt"]) - served.platform.clock.now() + timedelta(minutes=1))
    await erase_due(served.platform)
    assert not await served.platform.db.fetch("SELECT FROM haian.citizen WHERE id = $1", UUID(toddler))
    assert await served.platform.db.fetch("SELECT FROM haian.citizen WHERE id = $1", UUID(parent.id))


async def test_at_fourteen_closing_wants_the_childs_own_word(served: Served, worker: Any) -> None:
    child = await served.signed_in("child")
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET born = $2 WHERE id = $1", UUID(child.id),
                                 eve_of_birthday(served, 14))
    parent = await stepped(served, PHONES["parent"])
    its = await parent.ask("ConsentClose", child=child.id)
    await erase_due(served.platform)
    assert (await children(parent))[child.id] is not None
    await move(served, 1)
    own = await (await stepped(served, PHONES["child"])).ask("ConsentClose")
    assert own["dueAt"] > its["dueAt"], "30 days of its own"
    await erase_due(served.platform)
    child = await stepped(served, PHONES["child"])
    assert (await child.ask("ConsentMyData"))["consentClosing"] == own
    await child.ask("ConsentKeep")
    async with served.platform.db.writing_as("consent") as connection:
        await connection.execute("""INSERT INTO consent.closing (citizen_id, asked_at, due_at, asked_by)
            VALUES ($1, $2, $2, $3)""", UUID(child.id), served.platform.clock.now(), UUID(parent.id))
    await erase_due(served.platform)
    await worker()
    assert await exists(served, child) and await left(served, child) == set()
    inbox = (await child.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert [edge["node"]["title"] for edge in inbox].count("账号没有注销") == 1


async def children(phone: Phone) -> dict[str, Any]:
    """The children for whom somebody consents, and when the account of each is to be closed."""
    return {each["id"]: each["dueAt"] for each in (await phone.ask("ConsentMyData"))["consentChildren"]}


async def test_a_guardian_exports_what_is_held_about_a_child_and_the_family_hears_of_it(served: Served, worker: Any) -> None:
    parent, other = await stepped(served, PHONES["parent"]), await served.signed_in("resident")
    child = await served.signed_in("child")
    await guard(served, other, child)
    made = json.loads(await parent.ask("ConsentExport", child=child.id))
    assert (made["citizen"], made["holds"]["identity"]["citizen"][0]["name"]) == (child.id, "张小海")
    assert len(made["holds"]["identity"]["number"][0]["number"]) == 18
    assert set(made["holds"]) == {app.noun for app in registry().apps if app.providers.export}
    assert parent.id not in json.dumps(made) and other.id not in json.dumps(made)
    rows = await exports(served)
    assert rows == [(UUID(child.id), UUID(parent.id), "guardian", "guardian", ["number", "certificates"])]
    await worker()
    for phone, heard in ((child, 1), (other, 1), (parent, 0)):
        inbox = (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]
        assert [edge["node"]["title"] for edge in inbox].count("孩子的数据被下载了") == heard


async def test_nobody_else_exports_a_child(served: Served, worker: Any) -> None:
    """A stranger; who has shown no factor; whom custody limits in anything; and from 14 on the child alone."""
    child, limited = await served.signed_in("child"), await stepped(served, PHONES["resident"])
    await guard(served, limited, child, "parking")
    stranger, parent = await stepped(served), await served.signed_in("parent")
    assert [each["mayExport"] for each in (await limited.ask("ConsentMyData"))["consentChildren"]] == [False]
    assert await parent.refused("ConsentExport", child=child.id) == "STEP_UP_NEEDED"
    for phone in (stranger, limited, await shown(served, await served.signed_in("elder"))):
        assert await phone.refused("ConsentExport", child=child.id) == "NOT_FOUND"
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET born = $2 WHERE id = $1", UUID(child.id),
                                 eve_of_birthday(served, 14))
    await move(served, 1)
    assert await (await stepped(served, PHONES["parent"])).refused("ConsentExport", child=child.id) == "NOT_FOUND"
    assert await exports(served) == []
    await worker()
    inbox = (await (await served.signed_in("child")).ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert "孩子的数据被下载了" not in [edge["node"]["title"] for edge in inbox]


async def guard(served: Served, guardian: Phone, child: Phone, *limits: str) -> None:
    now = served.platform.clock.now()
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute(
            """INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until, limits)
               VALUES ($1, $2, 'GRANDPARENT', $3, $4, $5)""", UUID(guardian.id), UUID(child.id), now,
            now + timedelta(days=3000), list(limits))


async def exports(served: Served) -> list[Any]:
    rows = await served.platform.db.fetch("""SELECT subject_id, actor_id, actor_role, ground, fields FROM haian.audit
                                             WHERE action = 'DATA_EXPORTED' ORDER BY id""")
    return [tuple(row) for row in rows]
