"""Identity's SQL of citizen ID numbers: sealed, and found by their HMAC."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from haian.transaction import Transaction


async def citizen_of_number(tx: Transaction, index: list[bytes]) -> UUID | None:
    """Whose citizen ID number this is."""
    found: UUID | None = await tx.value("""SELECT citizen_id FROM identity.citizen_number
                                           WHERE number_id = identity.number_of($1)""", index)
    return found


async def add_citizen_number(tx: Transaction, citizen: UUID, sealed: bytes, index: list[bytes], shown: str) -> bool:
    """Keep a citizen ID number; false where somebody has it already."""
    return bool(await tx.value("SELECT identity.add_number($1, $2, $3, $4)", citizen, sealed, index, shown))


async def hand_number(tx: Transaction, citizen: UUID, sealed: bytes, number: UUID, shown: str) -> bool:
    """Give a citizen the number that was taken from another; false where they have one already."""
    return bool(await tx.value("""INSERT INTO identity.citizen_number (citizen_id, sealed, number_id, shown)
        VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING true""", citizen, sealed, number, shown))


async def account_of(tx: Transaction, phone: str) -> Any:
    """Whose phone this is, and how well they are known."""
    return await tx.row("SELECT id, level FROM haian.citizen WHERE phone = $1", phone)


async def child_claimed(tx: Transaction, index: list[bytes], name: str) -> UUID | None:
    """A child without a phone for whom this number was claimed under this name before; the number is held."""
    found: UUID | None = await tx.value("SELECT haian.child_claimed($1, $2)", index, name)
    return found


async def enrol(tx: Transaction, child: UUID, name: str, born: date | None, sealed: bytes, index: list[bytes],
                shown: str, own: bool = False) -> UUID | None:
    """Who has the number from now on; none where the viewer is at no desk, or the child's account is real-named. `own`: the
    viewer is no desk but a guardian."""
    function = "enrol_own_child" if own else "enrol_child"
    found: UUID | None = await tx.value(f"SELECT haian.{function}($1, $2, $3, $4, $5, $6, $7, $8)", tx.viewer.id, child,
                                        name, born, sealed, index, shown, tx.now)
    return found


async def claim(tx: Transaction, child: UUID, name: str, sealed: bytes, index: list[bytes], shown: str,
                own: bool = False) -> UUID | None:
    """Who has the number that is claimed for a child; none where that is claimed already. `own` as in `enrol`."""
    function = "claim_for_own_child" if own else "claim_for_child"
    holder: UUID | None = await tx.value(f"SELECT haian.{function}($1, $2, $3, $4, $5, $6, $7)", tx.viewer.id, child,
                                         name, sealed, index, shown, tx.now)
    return holder


async def my_sealed_number(tx: Transaction) -> bytes | None:
    found: bytes | None = await tx.value("SELECT sealed FROM identity.citizen_number WHERE citizen_id = $1", tx.viewer.id)
    return found


async def my_name(tx: Transaction) -> str:
    return str(await tx.value("SELECT name FROM haian.citizen WHERE id = $1", tx.viewer.id))


# The tables that hold sealed numbers: the row's own id, and the citizen to whom it is sealed.
SEALED = {"citizen_number": ("citizen_id", "citizen_id"), "verification": ("id", "citizen_id"),
          "dispute": ("id", "claimant_id")}


async def sealed_otherwise(tx: Transaction, table: str, key: bytes, after: UUID, many: int) -> list[Any]:
    """What is not sealed with this key, by the row's id."""
    row, citizen = SEALED[table]
    return list(await tx.rows(f"""SELECT {row} AS id, {citizen} AS citizen, sealed FROM identity.{table}
        WHERE sealed IS NOT NULL AND substring(sealed FROM 1 FOR 4) <> $1 AND {row} > $2 ORDER BY {row} LIMIT $3""",
        key, after, many))


async def seal_again(tx: Transaction, table: str, id_: UUID, before: bytes, sealed: bytes) -> bool:
    """Put the new seal in the place of the old; false where the row has changed or gone meanwhile."""
    return bool(await tx.value(f"""UPDATE identity.{table} SET sealed = $3 WHERE {SEALED[table][0]} = $1 AND sealed = $2
                                   RETURNING true""", id_, before, sealed))


async def indexed_otherwise(tx: Transaction, key: bytes, after: UUID, many: int) -> list[Any]:
    """Numbers that are not found by this key, by their id: sealed to whom has them or claims them, where anybody does."""
    return list(await tx.rows("""SELECT n.id, s.citizen, s.sealed FROM identity.number n LEFT JOIN LATERAL (
            SELECT c.citizen_id AS citizen, c.sealed FROM identity.citizen_number c WHERE c.number_id = n.id
            UNION ALL
            SELECT d.claimant_id, d.sealed FROM identity.dispute d WHERE d.number_id = n.id AND d.sealed IS NOT NULL LIMIT 1
        ) s ON true
        WHERE n.id > $2 AND NOT EXISTS (SELECT FROM identity.number_index i WHERE i.number_id = n.id AND i.key = $1)
        ORDER BY n.id LIMIT $3""", key, after, many))


async def index_again(tx: Transaction, number: UUID, index: list[bytes]) -> bool:
    """Let a number be found by all these; false where it has gone meanwhile, or another is found by the newest."""
    await tx.rows("""INSERT INTO identity.number_index AS i (digest, key, number_id)
        SELECT substring(e FROM 5), substring(e FOR 4), n.id FROM identity.number n, unnest($2::bytea[]) e WHERE n.id = $1
        ORDER BY 1 FOR KEY SHARE OF n
        ON CONFLICT (digest) DO UPDATE SET key = excluded.key WHERE i.number_id = excluded.number_id AND i.key IS NULL""",
        number, index)
    return bool(await tx.value("SELECT EXISTS (SELECT FROM identity.number_index WHERE number_id = $1 AND digest = $2)",
                               number, index[0][4:]))


async def forget_digests(tx: Transaction, keys: list[bytes], after: bytes, many: int) -> list[bytes]:
    """Forget what was made with a key that is none of these, of which the first is the newest, where that finds the number
    too; returns what was forgotten."""
    rows = await tx.rows("""DELETE FROM identity.number_index WHERE digest IN (
            SELECT o.digest FROM identity.number_index o WHERE o.digest > $2 AND (o.key IS NULL OR o.key <> ALL($1))
              AND EXISTS (SELECT FROM identity.number_index i WHERE i.number_id = o.number_id AND i.key = $1[1])
            ORDER BY o.digest LIMIT $3 FOR UPDATE OF o) RETURNING digest""", keys, after, many)
    return [row["digest"] for row in rows]


async def need_key(tx: Transaction, key: bytes) -> None:
    """From now on who claims a number knows this key, and each other by which alone a number is found; all, as long as one
    that a citizen has is not found by this. Whoever is claiming one at this moment is waited for, unless all that is so
    already: then the rest would change nothing, and those who claim one wait for nobody either."""
    if await tx.value("""SELECT EXISTS (SELECT FROM identity.index_key WHERE needed AND key = $1)
            AND NOT EXISTS (SELECT FROM identity.index_key WHERE needed AND key <> $1)
            AND NOT EXISTS (SELECT FROM identity.number_index o WHERE o.key <> $1 AND NOT EXISTS (
                SELECT FROM identity.number_index i WHERE i.number_id = o.number_id AND i.key = $1))""", key):
        return
    await tx.rows("""INSERT INTO identity.index_key (key) SELECT $1::bytea UNION SELECT o.key FROM identity.number_index o
        WHERE o.key <> $1 AND NOT EXISTS (SELECT FROM identity.number_index i WHERE i.number_id = o.number_id AND i.key = $1)
        ORDER BY 1 ON CONFLICT DO NOTHING""", key)
    await tx.rows("SELECT FROM identity.index_key ORDER BY key FOR UPDATE")  # in the order of who claims
    await tx.rows("UPDATE identity.index_key SET needed = true WHERE key = $1 AND NOT needed", key)
    await tx.rows("""UPDATE identity.index_key k SET needed = false WHERE k.needed AND k.key <> $1 AND NOT EXISTS (
            SELECT FROM identity.citizen_number c WHERE NOT EXISTS (
                SELECT FROM identity.number_index i WHERE i.number_id = c.number_id AND i.key = $1))
        AND NOT EXISTS (SELECT FROM identity.number_index o WHERE o.key = k.key AND NOT EXISTS (
                SELECT FROM identity.number_index i WHERE i.number_id = o.number_id AND i.key = $1))""", key)


async def give_up(tx: Transaction, keys: list[bytes]) -> list[bytes]:
    """Need no key any more but these; returns which are given up. What is found by one of those alone is found no more."""
    rows = await tx.rows("UPDATE identity.index_key SET needed = false WHERE needed AND key <> ALL($1) RETURNING key", keys)
    return [row["key"] for row in rows]


async def needs_another(connection: Any, keys: list[bytes]) -> bool:
    """Whether a key is needed that is none of these."""
    return bool(await connection.fetchval(
        "SELECT EXISTS (SELECT FROM identity.index_key WHERE needed AND key <> ALL($1))", keys))


async def unnamed(connection: Any, keys: list[bytes], many: int) -> list[Any]:
    """Some numbers, sealed, that somebody has and that what was made before keys had names finds, and none of these."""
    return list(await connection.fetch("""SELECT o.digest, c.citizen_id AS citizen, c.sealed FROM identity.number_index o
        JOIN identity.citizen_number c ON c.number_id = o.number_id
        WHERE o.key IS NULL AND NOT EXISTS (
            SELECT FROM identity.number_index i WHERE i.number_id = o.number_id AND i.key = ANY($1))
        ORDER BY o.digest LIMIT $2""", keys, many))


async def name_unnamed(tx: Transaction, key: bytes, many: int) -> int:
    """Say of what was made before keys had names which key it was: there was one. Returns of how many."""
    return len(await tx.rows("""UPDATE identity.number_index SET key = $1 WHERE digest IN (
        SELECT digest FROM identity.number_index WHERE key IS NULL ORDER BY digest LIMIT $2) RETURNING true""", key, many))
