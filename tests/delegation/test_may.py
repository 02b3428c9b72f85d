"""`haian.may`, `haian.may_consent` and `education.children_of` equal the plain model, for any history of
links, mandates, ends and times."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.clients import Served
from tests.delegation import model
from tests.delegation.model import History, Link, Mandate

from haian.steps import COOL_OFF

PEOPLE = range(4)
BEGINNING = datetime(2026, 2, 27, 16, tzinfo=UTC)
ACTIONS = ("healthcare.appointments.read", "healthcare.appointments.write", "parking.bookings.write", "healthcare.desk",
           "identity.devices.write", "factors.passkeys.write", "consent.facts.write", "delegation.mandates.write",
           "staff.posts.write", "healthcareful.things.read")
GIVEN = tuple(action for action in ACTIONS if action.split(".")[0] not in model.NEVER)
LIMITS = ("healthcare", "healthcare.appointments", "healthcare.appointments.write", "parking", "parking.bookings.write",
          "consent")
DAYS = st.integers(0, 8)
TIMES = DAYS.map(lambda day: BEGINNING + timedelta(hours=12 * day))  # few, so that edges meet
MOMENTS = st.tuples(TIMES, st.sampled_from((-1, 0, 1))).map(lambda pair: pair[0] + pair[1] * timedelta(seconds=1))
BORN = st.one_of(st.none(), st.sampled_from((
    date(1954, 3, 8), date(2008, 2, 28), date(2008, 2, 29), date(2008, 3, 1), date(2008, 3, 2),
    date(2012, 2, 29), date(2012, 3, 1), date(2015, 6, 1))))
PAIRS = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)).filter(lambda pair: pair[0] != pair[1])


@st.composite
def spans(draw: st.DrawFn) -> tuple[datetime, datetime]:
    since = draw(TIMES)
    return since, since + timedelta(hours=12 * draw(st.integers(1, 6)))


@st.composite
def histories(draw: st.DrawFn) -> History:
    born = {person: draw(BORN) for person in PEOPLE}
    links = [Link(*pair, *draw(spans()), tuple(draw(st.lists(st.sampled_from(LIMITS), max_size=2))),
                  draw(st.none() | TIMES)) for pair in draw(st.lists(PAIRS, max_size=4, unique=True))]
    mandates = [Mandate(*pair, tuple(draw(st.lists(st.sampled_from(GIVEN), min_size=1, max_size=3, unique=True))),
                        *draw(spans()), draw(st.none() | TIMES), draw(st.none() | TIMES), draw(st.booleans()))
                for pair in draw(st.lists(PAIRS, max_size=4))]
    return History(born, links, mandates)


QUESTIONS = st.lists(st.tuples(st.sampled_from(PEOPLE) | st.none(), st.sampled_from(ACTIONS), st.sampled_from(PEOPLE),
                               MOMENTS), min_size=40, max_size=40)


def at_edges(history: History) -> list[tuple[int | None, str, int, datetime]]:
    """What each mandate covers, asked when it begins and ends, and just before."""
    ready = [each.confirmed and each.confirmed + COOL_OFF for each in history.mandates]
    return [(each.delegate, each.scopes[0], each.principal, edge - before)
            for each, later in zip(history.mandates, ready, strict=True)
            for edge in (each.since, each.until, each.confirmed, each.ended, later) if edge
            for before in (timedelta(0), timedelta(seconds=1))]


def who(person: int | None) -> UUID | None:
    return None if person is None else UUID(int=0xA11CE << 64 | person)


async def keep(connection: Any, history: History) -> None:
    await connection.executemany(
        "INSERT INTO identity.citizen (id, name, born, created_at) VALUES ($1, '某人', $2, $3)",
        [(who(person), born, BEGINNING) for person, born in history.born.items()])
    await connection.executemany(
        """INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until, limits, ended_at)
           VALUES ($1, $2, 'OTHER', $3, $4, $5, $6)""",
        [(who(link.guardian), who(link.child), link.since, link.until, list(link.limits), link.ended)
         for link in history.links])
    await connection.executemany(
        """INSERT INTO delegation.mandate (principal_id, helper_id, scopes, since, until, asked_at, confirmed_at,
               confirmed_how, confirmed_by, ended_at, ready_at)
           VALUES ($1, $2, $3, $4, $5, $4, $6::timestamptz,
                   CASE WHEN $6 IS NOT NULL THEN CASE WHEN $8 THEN 'CALL_BACK' ELSE 'PHONE' END END,
                   CASE WHEN $6 IS NOT NULL THEN $1::uuid END, $7, CASE WHEN $8 THEN $6 + $9::interval END)""",
        [(who(each.principal), who(each.delegate), list(each.scopes), each.since, each.until, each.confirmed, each.ended,
          each.told, COOL_OFF) for each in history.mandates])


@settings(max_examples=150, derandomize=True, suppress_health_check=list(HealthCheck))
@given(history=histories(), questions=QUESTIONS)
async def test_may_is_what_the_model_says(shared: Served, history: History, questions: list[Any]) -> None:
    questions = questions + at_edges(history)
    connection = await asyncpg.connect(shared.platform.settings.database_migration_url)
    try:
        async with Undone(connection):
            await keep(connection, history)
            await connection.execute("SET LOCAL ROLE haian_read")
            found = await connection.fetch(
                """SELECT coalesce(haian.may(actor, action, subject, at), false) AS may,
                          coalesce(haian.may_consent(actor, subject, at), false) AS may_consent,
                          ARRAY(SELECT child_id FROM education.children_of(actor, subject, at, action)
                                WHERE haian.may(actor, action, subject, at) ORDER BY child_id) AS pupils
                   FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[])
                        WITH ORDINALITY q(actor, action, subject, at, n) ORDER BY n""",
                *([who(q[0]) for q in questions], [q[1] for q in questions], [who(q[2]) for q in questions],
                  [q[3] for q in questions]))
    finally:
        await connection.close()
    assert [row["may"] for row in found] == [model.may(history, *question) for question in questions]
    assert [row["pupils"] for row in found] == [list(map(who, model.pupils(history, *question))) for question in questions]
    assert [row["may_consent"] for row in found] == [
        actor is not None and model.may_consent(history, actor, subject, at) for actor, _, subject, at in questions]


class Undone:
    """A transaction that leaves nothing."""

    def __init__(self, connection: Any) -> None:
        self.transaction = connection.transaction()

    async def __aenter__(self) -> None:
        await self.transaction.start()

    async def __aexit__(self, *_: object) -> None:
        await self.transaction.rollback()


async def test_no_row_can_say_that_a_mandate_covers_what_is_nobody_elses(shared: Served) -> None:
    connection = await asyncpg.connect(shared.platform.settings.database_migration_url)
    try:
        for scope in ("identity.devices.write", "factors.passkeys.write", "consent.facts.write",
                      "delegation.mandates.write", "staff.posts.write", "Healthcare", "healthcare. read"):
            history = History({0: None, 1: None}, [], [Mandate(
                0, 1, ("healthcare.appointments.read", scope), BEGINNING, BEGINNING + timedelta(days=1), BEGINNING)])
            refused = False
            async with Undone(connection):
                try:
                    await keep(connection, history)
                except asyncpg.CheckViolationError:
                    refused = True
            assert refused, scope
    finally:
        await connection.close()
