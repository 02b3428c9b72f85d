"""Numbers outlive the key they are found by: of two who claim one, one has it, at every moment of the change."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.clients import Served, new_number
from tests.identity.authority import authority, known_to, number_of
from tests.waiting import PATIENCE, somebody_waits, until_async

from factors.service import forget_lost_codes, make_recovery_codes, show_code, with_old_codes
from haian import macs
from haian.call import Call, Platform
from haian.demo import demo_id
from haian.ids import new_id
from haian.viewer import Viewer
from identity import indexing, naming, numbers, service, store_numbers
from identity.demo import BORN, number
from identity.indexing import Indexed, keep_up, reindex
from oauth import families
from oauth.families import Found
from oauth.models import Family
from server.console import SAY, LaunchError
from server.keys_given import check_keys

NEW = b"i" * 32
TAKEN = number(BORN["resident"], 100)


def with_keys(platform: Platform, newest: bytes, *older: bytes) -> Platform:
    return replace(platform, settings=platform.settings.model_copy(update={"index_key": newest, "index_keys_old": older}))


def of_each_moment(platform: Platform, new: bytes = NEW) -> list[Platform]:
    """What processes know before the change, at its two steps, and after it."""
    old = platform.settings.index_key
    return [with_keys(platform, old), with_keys(platform, old, new), with_keys(platform, new, old), with_keys(platform, new)]


def another(old: bytes, comes_later: bool) -> bytes:
    """A key whose name comes after the old one's, which is made by chance, or before it."""
    keys = (number.to_bytes(32) for number in itertools.count())
    return next(key for key in keys if (macs.name_of(key) > macs.name_of(old)) is comes_later)


async def people(served: Served, many: int) -> list[UUID]:
    return [UUID((await served.signed_in(new_number())).id) for _ in range(many)]


async def claim(platform: Platform, citizen: UUID, number: str) -> str:
    """What comes of a claim."""
    await naming.verify(Call(platform, Viewer(citizen)), "陈小北", number)
    async with platform.db.writing_as("identity") as connection:
        return str(await connection.fetchval("SELECT answer FROM identity.verification WHERE citizen_id = $1", citizen))


async def digests(platform: Platform) -> list[int]:
    """By how many keys each number is found."""
    async with platform.db.writing_as("identity") as connection:
        return [row[0] for row in await connection.fetch("""SELECT DISTINCT count(i) FROM identity.number n
            LEFT JOIN identity.number_index i ON i.number_id = n.id GROUP BY n.id""")]


@pytest.mark.parametrize("comes_later", [True, False])
async def test_of_two_who_claim_a_number_by_different_keys_one_has_it(
        served: Served, monkeypatch: pytest.MonkeyPatch, comes_later: bool) -> None:
    monkeypatch.setattr(indexing, "A_TURN", 2)
    new = another(served.platform.settings.index_key, comes_later)
    with authority() as url:
        known_to(served.platform, url)
        before, first, second, after = of_each_moment(served.platform, new)
        pairs = [(before, first), (first, second), (second, first), (second, after)]
        citizens = await people(served, 12)
        assert await claim(before, citizens[8], TAKEN) == "DISPUTED"
        for turn, (one, other) in enumerate(pairs):
            meanwhile = reindex(second) if turn == 2 else asyncio.sleep(0)
            *found, _ = await asyncio.gather(claim(one, citizens[turn * 2], number_of(600 + turn)),
                                             claim(other, citizens[turn * 2 + 1], number_of(600 + turn)), meanwhile)
            assert sorted(found) == ["AGREED", "DISPUTED"], turn
        assert (await reindex(second)).left == 0
        assert await claim(second, citizens[9], TAKEN) == "DISPUTED"
        assert await claim(after, citizens[10], TAKEN) == "DISPUTED"
        assert await claim(after, citizens[11], number_of(600)) == "DISPUTED"


async def test_who_was_not_given_a_key_that_is_needed_claims_nothing(served: Served) -> None:
    """A step that is left out is refused: the new key alone too early, the old alone beside it or too late."""
    before, first, second, after = of_each_moment(served.platform)
    [citizen] = await people(served, 1)

    async def taken(platform: Platform) -> bool:
        async with platform.writing("identity") as tx:
            return await store_numbers.add_citizen_number(tx, citizen, b" ", numbers.index(TAKEN, platform.settings), " ")
    assert [await taken(each) for each in (before, first, before)] == [False] * 3, "it is another's"
    for some, wrong in ((second, after), (first, before), (second, with_keys(served.platform, b"w" * 32))):
        assert await taken(some) is False
        with pytest.raises(asyncpg.RaiseError, match="HAIAN_INDEX_KEYS_OLD"):
            await taken(wrong)
    await reindex(second)
    assert [await taken(each) for each in (after, first, second)] == [False] * 3
    with pytest.raises(asyncpg.RaiseError):
        await taken(before)


async def test_a_look_that_finds_nothing_to_do_waits_for_nobody_who_claims_a_number(served: Served) -> None:
    before, _, second, _ = of_each_moment(served.platform)
    [citizen] = await people(served, 1)
    await keep_up(before)
    async with before.writing("identity") as tx:
        assert not await store_numbers.add_citizen_number(tx, citizen, b" ", numbers.index(TAKEN, before.settings), " ")
        assert await asyncio.wait_for(reindex(before), PATIENCE) == Indexed()
        changing = asyncio.create_task(reindex(second))
        await until_async(lambda: somebody_waits(served.platform.db))
    assert (await changing).done > 5, "where another key comes, it waits"


async def test_who_claims_a_number_and_who_changes_the_key_wait_in_one_order(served: Served) -> None:
    """They could wait for each other where the old key's name comes before the new one's."""
    old = served.platform.settings.index_key
    both = with_keys(served.platform, another(old, comes_later=True), old)
    known = numbers.index(TAKEN, both.settings)
    [citizen] = await people(served, 1)
    async with both.writing("identity") as tx:
        assert not await store_numbers.add_citizen_number(tx, citizen, b" ", known, " ")
    async with both.writing("identity") as tx:
        await tx.rows("SELECT FROM identity.index_key WHERE key = $1 FOR SHARE", macs.name_of(old))
        changing = asyncio.create_task(reindex(both))
        await until_async(lambda: somebody_waits(served.platform.db))
        async with both.writing("identity") as other:
            assert not await asyncio.wait_for(store_numbers.add_citizen_number(other, citizen, b" ", known, " "), PATIENCE)
        assert not changing.done()
    assert (await changing).left == 0


async def test_the_old_key_finds_nothing_any_more_and_all_are_found_by_the_new(served: Served) -> None:
    before, _, second, after = of_each_moment(served.platform)
    resident = demo_id("citizen:resident")
    assert await naming.citizen_of_number(Call(after), TAKEN) is None
    made = await reindex(second)
    assert made.done > 5 and made == Indexed(made.done) and await digests(second) == [2]
    assert (await reindex(second)) == Indexed()
    assert await naming.citizen_of_number(Call(before), TAKEN) == resident
    assert await reindex(after) == Indexed(gone=made.done)
    assert await digests(after) == [1]
    assert await naming.citizen_of_number(Call(after), TAKEN) == resident
    assert await naming.citizen_of_number(Call(before), TAKEN) is None


async def test_what_nobody_can_make_anew_stays_under_its_key(served: Served) -> None:
    _, _, second, after = of_each_moment(served.platform)
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.number SET kept_until = '2040-01-01'")
        await connection.execute("DELETE FROM identity.citizen_number WHERE citizen_id = $1", demo_id("citizen:resident"))
    assert (await reindex(second)).left == 1
    assert (await reindex(after)).left == 1
    async with served.platform.db.writing_as("identity") as connection:
        assert await connection.fetchval("SELECT count(*) FROM identity.number_index WHERE key IS NOT NULL") == len(
            await connection.fetch("SELECT FROM identity.number"))
        await connection.execute("UPDATE identity.number SET kept_until = NULL")
        await connection.execute("DELETE FROM identity.citizen_number")
        assert await connection.fetchval("SELECT count(*) FROM identity.number") == 1, "the rest is forgotten"


def refused(platform: Platform) -> bool:
    """Whether a process with these keys does not start."""
    try:
        check_keys(platform.settings)
    except LaunchError as error:
        assert str(error) == SAY("index_key_missing")
        return True
    return False


async def starts(platform: Platform) -> bool:
    return not await asyncio.to_thread(refused, platform)


async def test_nothing_starts_without_a_key_that_is_needed_until_the_worker_is_done(served: Served) -> None:
    """Of what was found before keys had names too: who upgrades and changes the key at once is refused."""
    before, first, second, after = of_each_moment(served.platform)
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.number_index SET key = NULL")
        await connection.execute("DELETE FROM identity.index_key")
    assert [await starts(each) for each in (before, first, second, after)] == [True, True, True, False]
    await keep_up(second)
    assert [await starts(each) for each in (first, second, after, before)] == [True, True, True, False]
    await keep_up(after)
    assert await digests(after) == [1] and await starts(after)


async def test_what_only_a_lost_key_finds_is_let_go_by_a_command_alone(served: Served) -> None:
    _, _, second, after = of_each_moment(served.platform)
    [citizen] = await people(served, 1)
    await make_recovery_codes(Call(served.platform, Viewer(citizen)))
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.number SET kept_until = '2040-01-01'")
        await connection.execute("DELETE FROM identity.citizen_number WHERE citizen_id = $1", demo_id("citizen:resident"))
    await keep_up(second)
    assert [await starts(each) for each in (second, after)] == [True, False]
    await forget_lost_codes(after)
    assert not await starts(after), "the number rests on it too"
    assert (await reindex(after, give_up=True)).left == 1
    await keep_up(after)
    assert await starts(after)


async def test_of_an_erased_account_no_hash_is_left(served: Served) -> None:
    [citizen] = await people(served, 1)
    async with served.platform.db.writing_as("identity") as connection:
        before = await connection.fetchval("SELECT count(*) FROM identity.number_index")
        assert await connection.fetchval("SELECT identity.add_number($1, ' ', $2, ' ')", citizen,
                                         numbers.index(number_of(650), served.platform.settings))
        assert not await connection.fetchval("SELECT identity.add_number($1, ' ', $2, ' ')", citizen,
                                             numbers.index(number_of(651), served.platform.settings)), "one each"
        await connection.execute("DELETE FROM identity.citizen WHERE id = $1", citizen)
        assert await connection.fetchval("SELECT count(*) FROM identity.number_index") == before


async def test_codes_and_refresh_tokens_of_the_old_key_are_good_while_it_is_known(served: Served) -> None:
    before, _, second, after = of_each_moment(served.platform)
    [citizen] = await people(served, 1)
    codes = await make_recovery_codes(Call(before, Viewer(citizen)))
    assert (await with_old_codes(second), await with_old_codes(before)) == (1, 0)
    await show_code(Call(second), codes[0], citizen)
    await make_recovery_codes(Call(second, Viewer(citizen)))
    assert await with_old_codes(second) == 0
    await service.keep_code(before, "haian:test:code", "138:123456")
    tried = [await service.tried(platform, "haian:test:code", "138:123456") for platform in (after, second, second)]
    assert tried == [False, True, False], "good once, while its key is known"
    handle, session = families.new_session()
    family = Family(citizen, new_id(), uuid4(), session, "jkt", frozenset({"parking"}))
    token = await families.begin(before, handle, family) or ""
    found, made, _ = await families.rotate(before, token, family.client, "jkt")
    again = await families.rotate(second, token, family.client, "jkt")
    assert found is Found.GOOD and again[:2] == (Found.GOOD, made)
