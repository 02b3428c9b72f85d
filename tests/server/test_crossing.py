"""Whoever takes hold of several rows does so in one order, so that no two wait for each other; and where two do after all,
the one that is undone hears to try again, and has done nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.crossing import begun, goes_by_id, holding, meet, of
from tests.identity.authority import number_of
from tests.waiting import somebody_waits, until_async

from consent import giving
from consent.models import Asked, Receiver, Term
from delegation import store as delegation
from gateway.masking import as_public, said
from haian.call import Platform
from haian.errors import TryAgain
from haian.ids import new_id
from healthcare import service as healthcare
from healthcare import store as appointments
from identity import devices, disputes, naming, numbers, service, store, store_browsers, store_numbers
from identity.models import Outcome
from identity.numbers import FieldKeys
from messages import service as messages
from onecode import store_desk
from parking import service as parking
from parking.models import WRITE
from server.housekeeping import drop_months, forget_batch, prepare_months
from staff import service as staff

COMMUNITY = "370211001001"
DESK = UUID(int=0xDE5C)
SHOWN = b"\1" * 32


@dataclass
class Town:
    """Some citizens in an empty product; rows are put there by their owner."""

    platform: Platform
    owner: asyncpg.Connection

    @property
    def now(self) -> datetime:
        return self.platform.clock.now()

    async def citizen(self, level: str = "VERIFIED") -> UUID:
        made: UUID = await self.owner.fetchval(
            """INSERT INTO identity.citizen (name, born, level, community, created_at)
               VALUES ('陈小北', '1990-01-01', $1, $2, $3) RETURNING id""", level, COMMUNITY, self.now)
        return made

    async def rows(self, many: int, statement: str, *values: Any) -> list[UUID]:
        """The ids of rows that were put there."""
        return [await self.owner.fetchval(statement, *values) for _ in range(many)]


@pytest.fixture
async def town(kernel: Platform) -> AsyncIterator[Town]:
    owner = await asyncpg.connect(kernel.settings.database_migration_url)
    await owner.execute("INSERT INTO identity.organisation (id, kind, name, division) "
                        "VALUES ($1, 'property', '物业', '370211')", DESK)
    yield Town(kernel, owner)
    await owner.close()


# -- one order ---------------------------------------------------------------------------------------------------------


async def test_two_who_hand_their_places_to_each_other_take_over_at_once(town: Town) -> None:
    people = [await town.citizen() for _ in range(2)]
    posts = [await town.owner.fetchval(
        """INSERT INTO staff.membership (citizen_id, organisation_id, role, place, during)
           VALUES ($1, $2, 'property_guard', $3, tstzrange($4, NULL)) RETURNING id""",
        citizen, DESK, place, town.now - timedelta(days=1)) for citizen, place in zip(people, ("东门", "西门"), strict=True)]
    handed = [await town.owner.fetchval(
        """INSERT INTO staff.hand_over (organisation_id, role, place, from_post, to_post, from_id, to_id, note, at)
           VALUES ($1, 'property_guard', $2, $3, $4, $5, $6, '', $7) RETURNING id""",
        DESK, place, posts[n], posts[1 - n], people[n], people[1 - n], town.now) for n, place in enumerate(("东门", "西门"))]
    await meet(town.platform, "SELECT FROM staff.membership FOR UPDATE",
               *(partial(staff.take_over, of(town.platform, people[1 - n]), handed[n]) for n in range(2)))
    assert await town.owner.fetchval("SELECT count(*) FROM staff.hand_over WHERE taken_at IS NOT NULL") == 2


async def claimed(town: Town, holder: UUID, number: str, *claimants: UUID) -> list[UUID]:
    """Disputes of a number that this citizen has."""
    settings = town.platform.settings
    index, shown = numbers.index(number, settings), numbers.mask(number)
    async with town.platform.writing("identity") as tx:
        assert await store_numbers.add_citizen_number(
            tx, holder, numbers.seal(number, FieldKeys.of(settings), holder.bytes), index, shown)
        for claimant in claimants:
            assert await store.open_dispute(tx, claimant, "陈小北",
                                            numbers.seal(number, FieldKeys.of(settings), claimant.bytes), index, shown)
    return [await town.owner.fetchval("SELECT id FROM identity.dispute WHERE claimant_id = $1 AND holder_id = $2",
                                      each, holder) for each in claimants]


def settling(town: Town, officer: UUID, dispute: UUID, outcome: Outcome) -> Callable[[], Any]:
    return partial(disputes.settle, of(town.platform, officer), dispute, outcome, "当面核对了身份证")


async def test_two_officers_settle_what_two_claim_of_one_number(town: Town) -> None:
    officer, holder, one, other = [await town.citizen("UNVERIFIED") for _ in range(4)]
    first, second = await claimed(town, holder, number_of(601), one, other)
    await meet(town.platform, f"SELECT FROM identity.citizen WHERE id = '{holder}' FOR UPDATE",
               settling(town, officer, first, Outcome.CLAIMANT), settling(town, officer, second, Outcome.HOLDER))
    handed_to = await town.owner.fetchval("SELECT holder_id FROM identity.dispute WHERE id = $1", second)
    assert handed_to == one
    assert await town.owner.fetchval("SELECT citizen_id FROM identity.citizen_number") == one


async def test_two_officers_settle_what_two_claim_of_each_other(town: Town) -> None:
    officer, one, other = [await town.citizen("UNVERIFIED") for _ in range(3)]
    [first], [second] = await claimed(town, one, number_of(601), other), await claimed(town, other, number_of(602), one)
    async def is_taken() -> bool:
        return not await town.owner.fetch("SELECT FROM identity.citizen WHERE id = $1 FOR UPDATE SKIP LOCKED", one)
    async with holding(town.platform, f"SELECT FROM identity.citizen WHERE id = '{other}' FOR UPDATE"):
        async with holding(town.platform, f"SELECT FROM identity.citizen WHERE id = '{one}' FOR UPDATE"):
            acting = await begun(town.platform, settling(town, officer, first, Outcome.HOLDER),
                                 settling(town, officer, second, Outcome.HOLDER))
        await until_async(is_taken, 60)  # by who wants the other next
    await asyncio.gather(*acting)
    assert await town.owner.fetchval("SELECT count(*) FROM identity.dispute WHERE outcome = 'HOLDER'") == 2


async def test_who_claims_a_number_for_a_child_and_who_forgets_its_holder(town: Town) -> None:
    officer, holder = await town.citizen(), await town.citizen()
    await claimed(town, holder, number_of(603))
    await town.owner.execute("""INSERT INTO staff.membership (citizen_id, organisation_id, role, during)
                                VALUES ($1, $2, 'desk_officer', tstzrange($3, NULL))""", officer, DESK,
                             town.now - timedelta(days=1))
    index = numbers.index(number_of(603), town.platform.settings)

    async def forget() -> None:
        async with town.platform.db.writing_as("identity") as connection:
            await store.forget(connection, holder)
    async with of(town.platform, officer).writing("delegation") as tx:
        assert await store_numbers.child_claimed(tx, index, "陈小海") is None
        [forgetting] = await begun(town.platform, forget)
        assert await asyncio.wait_for(store_numbers.claim(tx, new_id(), "陈小海", b" ", index, " "), 60) == holder
    await forgetting


async def test_who_signs_in_where_another_is_known_and_who_ends_that_device(town: Town) -> None:
    known, new = await town.citizen(), await town.citizen()
    device = await town.owner.fetchval(
        """INSERT INTO identity.device (citizen_id, session, name, signed_in_at, browser) VALUES ($1, 's', 'test', $2, $3)
           RETURNING id""", known, town.now, SHOWN)
    await town.owner.execute("INSERT INTO identity.browser (citizen_id, hash, since) VALUES ($1, $2, $3)", known, SHOWN,
                             town.now)

    async def sign_in() -> None:
        async with town.platform.writing("identity") as tx:
            await store_browsers.add_browser(tx, new, SHOWN, bytes(32))
    async with holding(town.platform, "SELECT FROM identity.device FOR UPDATE", "SELECT FROM identity.browser FOR UPDATE"):
        acting = await begun(town.platform, sign_in, partial(service.end_device, of(town.platform, known), device))
    await asyncio.gather(*acting)
    assert await town.owner.fetchval("SELECT ended_at IS NOT NULL FROM identity.device")


async def test_two_managers_who_each_keep_another_scene_at_a_gate(town: Town) -> None:
    scenes = [row["id"] for row in await town.owner.fetch("SELECT id FROM onecode.scene ORDER BY id LIMIT 2")]
    await town.owner.execute("""INSERT INTO onecode.assignment (organisation_id, place, scene_id, since)
                                SELECT $1, '东门', unnest($2::text[]), $3""", DESK, scenes, town.now)

    async def keep(scene: str) -> None:
        async with town.platform.writing("onecode") as tx:
            await store_desk.assign(tx, DESK, "东门", [scene])
    await meet(town.platform, "SELECT FROM onecode.assignment FOR UPDATE", *(partial(keep, scene) for scene in scenes))
    left = await town.owner.fetch("SELECT scene_id FROM onecode.assignment WHERE until IS NULL")
    assert [row["scene_id"] for row in left] == scenes[1:], "who came last has said what runs"


async def test_who_confirms_a_mandate_and_who_forgets_its_principal(town: Town) -> None:
    principal, helper = await town.citizen(), await town.citizen()
    async with of(town.platform, principal).writing("delegation") as tx:
        mandate = await delegation.give(tx, principal, "", "孙子", [WRITE], tx.now + timedelta(days=9), helper)
        assert await delegation.keep_code(tx, mandate, bytes(32), tx.now + timedelta(minutes=9))

    async def confirm() -> bool:
        async with of(town.platform, principal).writing("delegation") as tx:
            right = await delegation.take_code(tx, mandate, [bytes(32)], 5)
            return right and await delegation.confirm(tx, mandate, "PHONE", None, tx.now, None) is not None

    async def forget() -> None:
        async with town.platform.db.writing_as("delegation") as connection:
            await delegation.forget(connection, principal)
    async with holding(town.platform, "SELECT FROM delegation.code FOR UPDATE",
                       "SELECT FROM delegation.mandate FOR UPDATE"):
        acting = await begun(town.platform, confirm, forget)
    assert (await asyncio.gather(*acting))[0]


async def test_who_uses_what_was_given_once_holds_up_nobody_who_uses_something_else(town: Town) -> None:
    """They waited for one turn of the citizen's while they held what stood: of two verifiers at once one was undone."""
    citizen = await town.citizen()
    once, stands, other = (Asked(fact, Receiver.ORGANISATION, str(DESK), "物业", "onecode.gate", {"zh": "门", "en": "Gate"})
                           for fact in ("adult", "name", "phone"))
    async with of(town.platform, citizen).writing("onecode") as tx:
        for asked, term in ((once, Term.ONCE), (stands, Term.MONTH), (other, Term.ONCE)):
            await giving.give(tx, citizen, asked, term)

    async def use(*wanted: Asked) -> list[UUID | None]:
        async with town.platform.writing("onecode") as tx:
            return await giving.use_all(tx, [(citizen, asked) for asked in wanted])
    async with holding(town.platform, "SELECT FROM consent.consent WHERE fact = 'adult' FOR UPDATE"):
        [waits] = await begun(town.platform, partial(use, once, stands))
        assert None not in await asyncio.wait_for(use(stands, other), 60)
        assert not waits.done()
    assert None not in await waits


async def test_who_drops_a_month_of_the_ledger_waits_for_who_has_read_it_and_writes(town: Town) -> None:
    clock = town.platform.clock
    clock.move(datetime(2027, 1, 28, 12, tzinfo=UTC) - clock.now())
    await prepare_months(town.platform)
    clock.move(datetime(2030, 2, 1, 12, tzinfo=UTC) - clock.now())
    async with town.owner.transaction():
        await town.owner.execute("SELECT FROM haian.audit")
        dropping = asyncio.create_task(drop_months(town.platform))
        await until_async(lambda: somebody_waits(town.platform.db), 60)
        await asyncio.wait_for(town.owner.execute(
            "SELECT haian.record(NULL, 'citizen', NULL, 'WRITTEN', NULL, '{}', '', $1)", clock.now()), 60)
    await dropping
    assert await town.owner.fetchval("SELECT to_regclass('haian.audit_202701')") is None


# -- the worker --------------------------------------------------------------------------------------------------------


async def test_what_is_old_and_held_is_forgotten_the_next_time(town: Town) -> None:
    citizen = await town.citizen()
    old = await town.rows(3, """INSERT INTO messages.message (id, citizen_id, type, payload, at)
                                VALUES (uuidv7(), $1, 'x.y', '{}', $2) RETURNING id""",
                          citizen, town.now - timedelta(days=400))
    [each] = next(app.providers.retains for app in town.platform.registry.apps if app.noun == "messages")
    async with holding(town.platform, f"SELECT FROM messages.message WHERE id = '{old[0]}' FOR UPDATE"):
        assert await asyncio.wait_for(forget_batch(town.platform, "messages", each), 60) == 2
    assert await forget_batch(town.platform, "messages", each) == 1


async def test_devices_are_taken_in_one_order(town: Town) -> None:
    citizen, platform = await town.citizen(), town.platform
    ids = [await town.owner.fetchval(
        """INSERT INTO identity.device (citizen_id, session, name, signed_in_at) VALUES ($1, $2, 'test', $3)
           RETURNING id""", citizen, str(n), town.now - timedelta(days=400) + timedelta(days=n)) for n in range(4)]

    async def see() -> None:
        async with platform.writing("identity") as tx:
            await store.note_seen(tx, ids[::-1])
    for act in (see, partial(devices.end_unused, platform)):
        await goes_by_id(platform, "identity.device", ids, act)
        await town.owner.execute("UPDATE identity.device SET ended_at = NULL, seen_at = NULL")
    await goes_by_id(platform, "identity.device", ids, partial(service.end_all, platform, citizen))


async def test_real_name_requests_lapse_in_one_order(town: Town) -> None:
    people = sorted([await town.citizen("UNVERIFIED") for _ in range(3)], reverse=True)
    ids = [await town.owner.fetchval(
        """INSERT INTO identity.verification (citizen_id, name, sealed, asked_at, tried_at)
           VALUES ($1, '陈小北', ' ', $2, $2) RETURNING id""", citizen, town.now - timedelta(days=2)) for citizen in people]
    await goes_by_id(town.platform, "identity.verification", ids, partial(naming.ask_again, town.platform),
                     moved=("asked_at = asked_at + interval '1 hour'",))


async def test_messages_are_marked_in_one_order(town: Town) -> None:
    citizen = await town.citizen()
    ids = await town.rows(3, """INSERT INTO messages.message (id, citizen_id, type, payload, at)
                                VALUES (uuidv7(), $1, 'x.y', '{}', $2) RETURNING id""", citizen, town.now)
    await goes_by_id(town.platform, "messages.message", ids, partial(messages.mark_read, of(town.platform, citizen), None),
                     moved=("read_at = at", "read_at = NULL"))


async def test_who_is_reminded_and_whose_session_is_closed_is_taken_in_one_order(town: Town) -> None:
    """At nine the worker reminds of tomorrow's appointments, while a registrar closes tomorrow's session."""
    at, end, before = (town.now + timedelta(hours=hours) for hours in (24, 25, -48))
    hospital, department, doctor, schedule, slot = [new_id() for _ in range(5)]
    for statement, values in (
            ("hospital (id, grade, address, phone, pinyin) VALUES ($1, 'TERTIARY', '', '', '')", (hospital,)),
            ("department (id, hospital_id, name, place, pinyin) VALUES ($1, $2, '儿科', '', '')", (department, hospital)),
            ("doctor (id, department_id, name, title, specialty, pinyin) VALUES ($1, $2, '海试', 'CHIEF', '', '')",
             (doctor, department)),
            ("""schedule (id, doctor_id, department_id, hospital_id, starts_at, ends_at, fee_cents)
                VALUES ($1, $2, $3, $4, $5, $6, 0)""", (schedule, doctor, department, hospital, at, end)),
            ("""slot (id, schedule_id, doctor_id, department_id, starts_at, ends_at, fee_cents, first_number, capacity,
                      remaining) VALUES ($1, $2, $3, $4, $5, $6, 0, 1, 9, 9)""",
             (slot, schedule, doctor, department, at, end))):
        await town.owner.execute(f"INSERT INTO healthcare.{statement}", *values)
    booked = [await town.owner.fetchval(
        """INSERT INTO healthcare.appointment (slot_id, schedule_id, doctor_id, department_id, hospital_id, patient_id,
                                               starts_at, ends_at, fee_cents, number, booked_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10) RETURNING id""",
        slot, schedule, doctor, department, hospital, await town.citizen(), at, end, n, before) for n in (1, 2, 3)]
    day = await town.owner.fetchval("SELECT day FROM healthcare.appointment LIMIT 1")

    async def remind() -> None:
        async with town.platform.writing("healthcare") as tx:
            assert len(await appointments.due_reminders(tx, day, tx.now)) == 3

    async def close() -> None:
        async with town.platform.writing("healthcare") as tx:
            assert len(await appointments.close(tx, schedule, "停诊")) == 3
    for act in (remind, close):
        await goes_by_id(town.platform, "healthcare.appointment", booked, act,
                         moved=("reminded_at = booked_at", "reminded_at = NULL"))
    await town.owner.execute("""UPDATE healthcare.appointment
        SET status = 'arrived', arrived_at = $1, cancelled_at = NULL, cancelled_by = NULL, reason = ''""", at)
    town.platform.clock.move(timedelta(days=3))
    await goes_by_id(town.platform, "healthcare.appointment", booked, partial(healthcare.finish, town.platform))


# -- who is undone -----------------------------------------------------------------------------------------------------


async def test_who_is_undone_hears_to_try_again_has_done_nothing_and_the_same_key_is_good(town: Town) -> None:
    owner, booker = await town.citizen(), await town.citizen()
    at = town.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    space = await town.owner.fetchval(
        """INSERT INTO parking.space (owner_id, community, lot, label, price_cents, status, registered_at)
           VALUES ($1, $2, 'B1', '1', 100, 'APPROVED', $3) RETURNING id""", owner, COMMUNITY, town.now)
    offer = await town.owner.fetchval(
        """INSERT INTO parking.offer (space_id, community, during) VALUES ($1, $2, tstzrange($3, $4)) RETURNING id""",
        space, COMMUNITY, at, at + timedelta(hours=5))
    key, call = str(uuid4()), of(town.platform, booker)
    book = partial(parking.book_space, call, offer, at, at + timedelta(hours=1), "鲁B12345", key)
    async with holding(town.platform, "SELECT FROM parking.offer FOR UPDATE") as other:
        [booking] = await begun(town.platform, book)
        claim = """INSERT INTO haian.idempotency (citizen_id, operation, key, input, at)
                   VALUES ($1, 'parking.book_space', $2, '', now())"""
        await other.execute(claim, booker, key)  # who books holds this key: a circle
        with pytest.raises(TryAgain) as undone:
            await booking
    told = said(as_public(undone.value), town.platform.registry.catalogue, "en")
    assert (told["extensions"], "try again" in told["message"]) == ({"code": "TRY_AGAIN"}, True)
    for table in ("parking.booking", "haian.idempotency", "haian.outbox"):
        assert await town.owner.fetchval(f"SELECT count(*) FROM {table}") == 0
    await book()
    await book()
    assert await town.owner.fetchval("SELECT count(*) FROM parking.booking") == 1
