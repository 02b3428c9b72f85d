"""My second factors, as I see them."""

from __future__ import annotations

from uuid import UUID

from tests.clients import Served, new_number


async def test_i_see_my_passkeys_and_how_many_recovery_codes_are_left(served: Served) -> None:
    phone, now = await served.signed_in(new_number()), served.platform.clock.now()
    assert await phone.ask("FactorsMine") == []
    async with served.platform.db.writing_as("factors") as connection:
        await connection.execute("INSERT INTO factors.passkey (citizen_id, credential_id, public_key, name, made_at) "
                                 "VALUES ($1, '\\x01', '\\x02', '手机', $2)", UUID(phone.id), now)
        await connection.execute("INSERT INTO factors.recovery_code SELECT $1, sha256(i::text::bytea), $2, CASE WHEN i = 1 "
                                 "THEN $2::timestamptz END FROM generate_series(1, 10) i", UUID(phone.id), now)
    assert [(each["kind"], each["name"], each["left"]) for each in await phone.ask("FactorsMine")] == [
        ("PASSKEY", "手机", 1), ("RECOVERY_CODE", "", 9)]


async def test_nobody_elses_factors_are_shown(served: Served) -> None:
    assert await (await served.signed_in(new_number())).ask("FactorsMine") == []
    assert await served.phone().refused("FactorsMine") == "UNAUTHENTICATED"
