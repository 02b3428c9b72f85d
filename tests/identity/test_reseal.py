"""Sealed numbers outlive their key: every row is sealed anew while all runs, and then the old key opens nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tests.clients import Served, new_number
from tests.identity.authority import authority, known_to, number_of
from tests.servers import Servers, environment, run_command

from haian.call import Platform
from haian.demo import demo_id
from haian.ids import new_id
from identity import numbers, sealing
from identity.demo import BORN, number
from identity.numbers import FieldKeys
from identity.sealing import reseal

NEW = b"n" * 32
RESIDENT = demo_id("citizen:resident")


def with_keys(platform: Platform, newest: bytes, *older: bytes) -> Platform:
    return replace(platform, settings=platform.settings.model_copy(update={"field_key": newest, "field_keys_old": older}))


async def rows(platform: Platform, table: str, citizen: str = "citizen_id") -> list[Any]:
    async with platform.db.writing_as("identity") as connection:
        return list(await connection.fetch(
            f"SELECT {citizen} AS citizen, sealed FROM identity.{table} WHERE sealed IS NOT NULL"))


async def opened_by(platform: Platform, keys: FieldKeys) -> list[str]:
    """The numbers in all tables that hold any, as these keys open them. InvalidTag where they do not."""
    kept = [*await rows(platform, "citizen_number"), *await rows(platform, "verification"),
            *await rows(platform, "dispute", "claimant_id")]
    return sorted(numbers.unseal(row["sealed"], keys, row["citizen"].bytes) for row in kept)


async def test_every_row_is_sealed_anew_and_the_old_key_opens_nothing(
        served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of citizens, of one who waits for the verifier, and of one who claims another's."""
    old = served.platform.settings.field_key
    with authority() as url:
        known_to(served.platform, url)
        for given in (number_of(903), number(BORN["resident"], 100)):
            await (await served.signed_in(new_number())).ask("IdentityVerify", name="王海燕", number=given)
    before = await opened_by(served.platform, FieldKeys(old))
    assert number_of(903) in before and before.count(number(BORN["resident"], 100)) == 2
    monkeypatch.setattr(sealing, "A_TURN", 3)
    both = with_keys(served.platform, NEW, old)
    assert await opened_by(both, FieldKeys.of(both.settings)) == before
    assert (await reseal(both)).done == len(before)
    assert await opened_by(served.platform, FieldKeys(NEW)) == before
    with pytest.raises(InvalidTag):
        await opened_by(served.platform, FieldKeys(old))
    assert (await reseal(both)) == sealing.Resealed(0, 0)


async def test_what_was_sealed_before_keys_had_names_is_opened_and_sealed_anew(served: Served) -> None:
    old, made, nonce = served.platform.settings.field_key, number(BORN["resident"], 100), b"\x00" * 12
    bare = nonce + AESGCM(old).encrypt(nonce, made.encode(), RESIDENT.bytes)
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen_number SET sealed = $2 WHERE citizen_id = $1", RESIDENT, bare)
    assert numbers.unseal(bare, FieldKeys(NEW, (old,)), RESIDENT.bytes) == made
    await reseal(with_keys(served.platform, NEW, old))
    assert made in await opened_by(served.platform, FieldKeys(NEW))


async def test_a_row_that_no_key_opens_stays_and_is_counted(served: Served) -> None:
    lost = numbers.seal("370211198805121009", FieldKeys(b"l" * 32), RESIDENT.bytes)
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen_number SET sealed = $2 WHERE citizen_id = $1", RESIDENT, lost)
    found = await reseal(with_keys(served.platform, NEW, served.platform.settings.field_key))
    assert found.shut == 1 and found.done > 5
    assert lost in {row["sealed"] for row in await rows(served.platform, "citizen_number")}


async def test_what_changes_meanwhile_is_not_written_over(served: Served) -> None:
    from identity import store_numbers
    async with served.platform.writing("identity") as tx:
        assert not await store_numbers.seal_again(tx, "citizen_number", RESIDENT, b"what was there before", b"new")
        assert not await store_numbers.seal_again(tx, "citizen_number", new_id(), b"", b"new")


async def test_the_command_does_it_while_the_product_runs(served: Served, servers: Servers) -> None:
    settings = served.platform.settings
    name = settings.database_url.rpartition("/")[2].partition("?")[0]
    before = await opened_by(served.platform, FieldKeys(settings.field_key))
    run_command("reseal", environment(servers, name) | {
        "DATABASE_URL": settings.database_url, "HAIAN_FIELD_KEY": NEW.hex(),
        "HAIAN_FIELD_KEYS_OLD": settings.field_key.hex()})
    assert await opened_by(served.platform, FieldKeys(NEW)) == before
