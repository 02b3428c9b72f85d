"""The SQL of second factors."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from factors.passkeys import Made
from haian.reads import sql
from haian.transaction import Transaction


@sql
def mine() -> Any:
    """SELECT 'PASSKEY' AS kind, id, name, made_at AS since, used_at, 1 AS left, suspended_at IS NOT NULL AS suspended
       FROM factors.passkey WHERE citizen_id = {viewer} AND ended_at IS NULL
       UNION ALL
       SELECT 'RECOVERY_CODE', NULL, '', min(made_at), max(used_at), count(*) FILTER (WHERE used_at IS NULL)::int, false
       FROM factors.recovery_code WHERE citizen_id = {viewer} HAVING count(*) > 0
       ORDER BY kind, since, id"""


@sql
def me() -> Any:
    "SELECT id, masked_name, masked_phone FROM haian.citizen WHERE id = {viewer}"


@sql
def vouched() -> Any:
    """SELECT h.id, h.device, c.name AS helper, h.ready_at FROM factors.help h JOIN haian.citizen c ON c.id = h.vouched_by
       WHERE h.citizen_id = {viewer} AND h.used_at IS NULL AND h.stopped_at IS NULL AND h.until > {now}
       ORDER BY h.ready_at"""


async def add_help(tx: Transaction, citizen: UUID, number: str, device: str, until: datetime) -> UUID | None:
    """Ask for help; what this citizen asked for before and nobody gave is over. None where the number is somebody's."""
    await tx.rows("DELETE FROM factors.help WHERE citizen_id = $1 AND given_at IS NULL AND vouched_at IS NULL", citizen)
    made: UUID | None = await tx.value(
        """INSERT INTO factors.help (citizen_id, number, device, asked_at, until) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (number) DO NOTHING RETURNING id""", citizen, number, device, tx.now, until)
    return made


async def asks_help(tx: Transaction, number: str) -> tuple[UUID, UUID] | None:
    """Who asks for help with this number, unless it is the viewer: (help, citizen)."""
    row = await tx.row("""SELECT id, citizen_id FROM factors.help WHERE number = $1 AND given_at IS NULL
                          AND stopped_at IS NULL AND until > $2 AND citizen_id <> $3""", number, tx.now, tx.viewer.id)
    return (row["id"], row["citizen_id"]) if row else None


async def give_help(tx: Transaction, help_: UUID) -> bool:
    return bool(await tx.value("""UPDATE factors.help SET given_at = $2, given_by = $3 WHERE id = $1 AND given_at IS NULL
                                  AND until > $2 RETURNING true""", help_, tx.now, tx.viewer.id))


async def gave_phone(tx: Transaction, citizen: UUID, since: datetime) -> bool:
    """Whether the viewer, at a desk, gave this account a number since then."""
    return bool(await tx.value("SELECT haian.gave_phone($1, $2, $3)", tx.viewer.id, citizen, since))


async def tie(tx: Transaction, citizen: UUID, old: timedelta) -> Any:
    """What the viewer is to a citizen, None for nothing; `is_fit`: for so long, real-named, of age, and with a factor that
    was there a day ago."""
    return await tx.row("""
        SELECT t.kind, c.name, t.since <= $3 - $4::interval AND c.level <> 'UNVERIFIED'
               AND coalesce(c.born <= ($3::timestamptz AT TIME ZONE 'Asia/Shanghai')::date - interval '18 years', true)
               AND EXISTS (SELECT FROM haian.factor f WHERE f.citizen_id = c.id AND f.since <= $3 - interval '1 day')
                   AS is_fit
        FROM haian.citizen c, haian.tie(c.id, $2, $3) t WHERE c.id = $1 AND t.kind IS NOT NULL""",
        tx.viewer.id, citizen, tx.now, old)


async def vouch(tx: Transaction, help_: UUID, kind: str, ready_at: datetime, until: datetime) -> bool:
    """The viewer says that it is them; false where somebody did so before."""
    return bool(await tx.value("""
        UPDATE factors.help SET vouched_by = $2, vouched_as = $3, vouched_at = $4, ready_at = $5, until = $6
        WHERE id = $1 AND vouched_at IS NULL AND given_at IS NULL AND until > $4 RETURNING true""",
        help_, tx.viewer.id, kind, tx.now, ready_at, until))


async def stop_help(tx: Transaction, help_: UUID) -> bool:
    """The viewer, at a device of theirs, says that it is not them."""
    return bool(await tx.value("""
        UPDATE factors.help SET stopped_at = $3 WHERE id = $1 AND citizen_id = $2 AND used_at IS NULL AND stopped_at IS NULL
        RETURNING true""", help_, tx.viewer.id, tx.now))


async def help_of(tx: Transaction, citizen: UUID, number: str) -> Any:
    """A help of this citizen by its number, as far as it is: `is_stopped`, `waits` for its day to go by."""
    return await tx.row("""
        SELECT id, stopped_at IS NOT NULL AS is_stopped, given_at IS NULL AND ready_at > $3 AS waits FROM factors.help
        WHERE citizen_id = $1 AND number = $2 AND used_at IS NULL AND until > $3""", citizen, number, tx.now)


async def use_help(tx: Transaction, help_: UUID) -> str | None:
    """What was given is used, once, in its time: DESK, or FAMILY as long as who vouched is still what they were."""
    how: str | None = await tx.value("""
        UPDATE factors.help SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND until > $2 AND stopped_at IS NULL
        AND (given_at IS NOT NULL OR ready_at <= $2 AND (haian.tie(vouched_by, citizen_id, $2)).kind = vouched_as)
        RETURNING CASE WHEN given_at IS NOT NULL THEN 'DESK' ELSE 'FAMILY' END""", help_, tx.now)
    return how


async def my_credentials(tx: Transaction) -> list[bytes]:
    """The names by which authenticators know my passkeys; none that is suspended."""
    return [row["credential_id"] for row in await tx.rows(
        """SELECT credential_id FROM factors.passkey WHERE citizen_id = $1 AND ended_at IS NULL AND suspended_at IS NULL
           ORDER BY made_at, id""", tx.viewer.id)]


async def add_passkey(tx: Transaction, made: Made, name: str, most: int) -> UUID | None:
    """Keep a passkey of mine; None where it is known already, or I have `most`."""
    added: UUID | None = await tx.value(
        """INSERT INTO factors.passkey
             (citizen_id, credential_id, public_key, sign_count, name, transports, backed_up, made_at)
           SELECT $1, $2, $3, $4, $5, $6, $7, $8
           WHERE (SELECT count(*) FROM factors.passkey WHERE citizen_id = $1 AND ended_at IS NULL) < $9
           ON CONFLICT (credential_id) DO NOTHING RETURNING id""",
        tx.viewer.id, made.id, made.public_key, made.sign_count, name, made.transports, made.backed_up, tx.now, most)
    return added


async def held_passkey(tx: Transaction, credential: bytes) -> Any:
    """A passkey that may be used, held until this transaction ends: of two who show it at once one waits."""
    return await tx.row("""SELECT id, citizen_id, public_key, sign_count, name FROM factors.passkey
                           WHERE credential_id = $1 AND ended_at IS NULL AND suspended_at IS NULL FOR UPDATE""", credential)


async def note_use(tx: Transaction, passkey: UUID, count: int) -> None:
    await tx.rows("UPDATE factors.passkey SET sign_count = $2, used_at = $3 WHERE id = $1", passkey, count, tx.now)


async def suspend(tx: Transaction, passkey: UUID) -> None:
    await tx.rows("UPDATE factors.passkey SET suspended_at = $2 WHERE id = $1", passkey, tx.now)


async def rename(tx: Transaction, passkey: UUID, name: str) -> bool:
    return bool(await tx.value("""UPDATE factors.passkey SET name = $3 WHERE id = $1 AND citizen_id = $2 AND ended_at IS NULL
                                  RETURNING true""", passkey, tx.viewer.id, name))


async def remove(tx: Transaction, passkey: UUID) -> str | None:
    """End a passkey of mine; returns its name, None where there is none."""
    name: str | None = await tx.value("""UPDATE factors.passkey SET ended_at = $3 WHERE id = $1 AND citizen_id = $2
                                         AND ended_at IS NULL RETURNING name""", passkey, tx.viewer.id, tx.now)
    return name


async def set_recovery_codes(tx: Transaction, hashes: list[bytes], key: bytes) -> None:
    """These are my recovery codes, and no others. `key`: the name of that which made the hashes."""
    await tx.rows("""DELETE FROM factors.recovery_code WHERE citizen_id = $1 AND hash IN (
        SELECT hash FROM factors.recovery_code WHERE citizen_id = $1 ORDER BY hash FOR UPDATE)""", tx.viewer.id)
    await tx.rows("""INSERT INTO factors.recovery_code (citizen_id, hash, made_at, key)
                     SELECT $1, unnest($2::bytea[]), $3, $4""", tx.viewer.id, hashes, tx.now, key)


async def with_other_codes(tx: Transaction, key: bytes) -> int:
    """How many citizens have codes that were made with another key."""
    many: int = await tx.value("""SELECT count(DISTINCT citizen_id) FROM factors.recovery_code
                                  WHERE used_at IS NULL AND key IS DISTINCT FROM $1""", key)
    return many


async def needs_another(connection: Any, keys: list[bytes]) -> bool:
    """Whether there are codes by a key that is none of these. It goes from one key to the next by an index."""
    return bool(await connection.fetchval("""
        WITH RECURSIVE k (key) AS (
            (SELECT c.key FROM factors.recovery_code c WHERE c.used_at IS NULL AND c.key IS NOT NULL ORDER BY c.key LIMIT 1)
            UNION ALL
            SELECT (SELECT c.key FROM factors.recovery_code c WHERE c.used_at IS NULL AND c.key > k.key
                    ORDER BY c.key LIMIT 1)
            FROM k WHERE k.key IS NOT NULL)
        SELECT EXISTS (SELECT FROM k WHERE key <> ALL($1))""", keys))


async def forget_codes(tx: Transaction, keys: list[bytes]) -> None:
    """Codes by other keys than these, which nobody can use."""
    await tx.rows("""DELETE FROM factors.recovery_code WHERE (citizen_id, hash) IN (
        SELECT citizen_id, hash FROM factors.recovery_code WHERE key <> ALL($1) ORDER BY citizen_id, hash FOR UPDATE)""",
        keys)


async def burn_recovery_code(tx: Transaction, citizen: UUID, hashes: list[bytes]) -> int | None:
    """Use the recovery code of one of these hashes, once; returns how many are left, None where it is none or was used."""
    if not await tx.value("""UPDATE factors.recovery_code SET used_at = $3 WHERE citizen_id = $1 AND hash = ANY($2)
                             AND used_at IS NULL RETURNING true""", citizen, hashes, tx.now):
        return None
    left: int = await tx.value("""SELECT count(*) FROM factors.recovery_code
                                  WHERE citizen_id = $1 AND used_at IS NULL""", citizen)
    return left


async def forget(connection: Any, citizen: UUID) -> None:
    """Nothing is left with which somebody showed that it was them."""
    await connection.execute("SELECT FROM factors.recovery_code WHERE citizen_id = $1 ORDER BY hash FOR UPDATE", citizen)
    for table in ("passkey", "recovery_code", "help"):
        await connection.execute(f"DELETE FROM factors.{table} WHERE citizen_id = $1", citizen)
    await connection.execute("UPDATE factors.help SET vouched_by = NULL WHERE vouched_by = $1", citizen)
