"""Everybody that the permission matrix asks as, with what a plain model knows of them; and objects that are somebody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import strawberry
from tests.clients import Served, new_address
from tests.oauth.program import Program

from education.schema import EducationClass, EducationNotice
from gateway.composition import compose, modules
from gateway.documents import Documents
from gateway.execution import Gateway
from haian import fields
from haian.call import Call, Platform
from haian.demo import ACCOUNTS, demo_id
from haian.ids import new_id
from haian.reads import Fragment
from haian.rules import PUBLIC, Rule
from haian.viewer import ANONYMOUS, Viewer
from identity.schema import Citizen
from identity.schema_disputes import IdentityDispute
from parking.schema import ParkingOffer, ParkingSpace
from server.apps import registry
from server.caller import call_of
from server.incoming import Incoming
from staff.demo import POSTS

RESIDENT, ELDER, PARENT, CHILD, TODDLER = (demo_id(f"citizen:{key}") for key in
                                           ("resident", "elder", "parent", "child", "toddler"))
TEACHER, SPACE = demo_id("citizen:teacher"), demo_id("space:resident")
OWNERS = {"self": RESIDENT, "owner": RESIDENT, "owner of the space": RESIDENT, "class teacher": TEACHER,
          "property_clerk here": demo_id("citizen:clerk")}
"""Whose the planted objects are, by the name of the predicate that says so."""
VERIFIERS = {"property_guard", "registrar", "school_guard", "window_clerk", "librarian", "conductor", "ticket_inspector",
             "canteen_clerk"}
"""Posts with a scene, in the migrations of onecode."""
WHERE = {"property": "property", "hospital": "hospital", "school": "school", "district": "district", "studio": "developer",
         "desk": "community"}


@dataclass(frozen=True)
class Person:
    """A viewer; the posts that they hold now; the scopes that cover what they do, where they act for another or are a
    token."""

    viewer: Viewer
    posts: frozenset[str] = frozenset()
    covered: frozenset[str] = frozenset()

    def expected(self, rule: Rule, is_recent: bool = False) -> str:
        """The code with which this person is refused by a rule, or nothing: the plain model of who may."""
        who = self.viewer
        if rule.given or (rule.public and not (rule.own and who.scopes is not None)):
            return ""
        if who.id is None:
            return "UNAUTHENTICATED"
        if who.subject or who.scopes is not None:
            return self._stepped(is_recent) if rule.scope and rule.scope in self.covered else "ACTING_NOT_COVERED"
        own = any(OWNERS.get(name) == who.id or (name == "verifier" and self.posts & VERIFIERS) for name in rule.names)
        return self._stepped(is_recent) if rule.signed_in or rule.roles & self.posts or own else "FORBIDDEN"

    def _stepped(self, is_recent: bool) -> str:
        return "STEP_UP_NEEDED" if is_recent else ""


async def cast_of(served: Served, scopes: frozenset[str]) -> dict[str, Person]:
    """Everybody. `scopes`: all that the schema names."""
    posts: dict[str, set[str]] = {}
    for who, _, role, _ in POSTS:
        posts.setdefault(who, set()).add(role)
    now = served.platform.clock.now()
    async with served.platform.db.writing_as("parking") as connection:
        await connection.execute("""INSERT INTO parking.offer (space_id, community, during)
            SELECT id, community, tstzrange($2::timestamptz, $2 + interval '1 hour') FROM parking.space WHERE id = $1""",
            SPACE, now)
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("""
            WITH n AS (INSERT INTO identity.number DEFAULT VALUES RETURNING id)
            INSERT INTO identity.dispute (number_id, shown, holder_id, claimant_id, claimed_name, sealed, opened_at)
            SELECT id, '370***********1234', $1, $2, '某人', 'x', $3 FROM n""", RESIDENT, ELDER, now)
    people = {"nobody": Person(ANONYMOUS)}
    for account in ACCOUNTS:
        people[account.key] = await person(served.platform, demo_id(f"citizen:{account.key}"), posts.get(account.key, set()))
    people["child"] = await person(served.platform, CHILD, set())
    people |= await acting(served.platform, scopes)
    people |= await strangers(served.platform)
    return people | await mini_apps(served, scopes)


async def mini_apps(served: Served, scopes: frozenset[str]) -> dict[str, Person]:
    """Who comes with a token that a citizen really gave: a mini-app with everything that there is to give, of a resident and
    of its own developer; one with some of it; and one from which all was taken back."""
    scopes = scopes.intersection(served.platform.registry.client_scopes)
    found, some = {}, frozenset(sorted(scopes)[:1])
    async with served.platform.db.writing_as("oauth") as connection:
        await connection.execute("UPDATE oauth.client SET scopes = $1", sorted(scopes))
    for name, who, given in (("all scopes", "resident", scopes), ("all scopes of a developer", "developer", scopes),
                             ("one scope", "elder", some), ("none", "parent", some)):
        phone, program = await served.signed_in(who), Program(served)
        await program.connect(phone, *given)
        if name == "none":
            for edge in (await phone.ask("ConsentGiven"))["edges"]:
                await phone.ask("ConsentEnd", id=edge["node"]["id"])
        headers = [(b"authorization", f"Bearer {program.token['access_token']}".encode())]
        asked = Incoming(headers, "POST", b"", new_address())
        viewer = (await call_of(asked, served.platform)).viewer
        assert viewer.client and viewer.scopes == (frozenset() if name == "none" else given)
        found[f"token with {name}"] = Person(viewer, covered=viewer.scopes)
    return found


async def person(platform: Platform, citizen: UUID, posts: set[str], subject: UUID | None = None,
                 covered: frozenset[str] = frozenset()) -> Person:
    """Whose posts are read as at the door."""
    call = Call(platform, Viewer(citizen, str(new_id()), subject=subject), guessed=True)
    await call.make_sure()
    return Person(call.viewer, frozenset(posts), covered)


async def acting(platform: Platform, scopes: frozenset[str]) -> dict[str, Person]:
    """Guardians and delegates, those who are and those who are not any more, or not yet, or not in this."""
    now, day = platform.clock.now(), timedelta(days=1)
    made = {name: await citizen(platform, name) for name in (
        "ended guardian", "guardian by limits", "delegate in scope", "delegate out of scope", "expired delegate",
        "ended delegate", "unconfirmed delegate", "delegate by a code told today", "delegate of the delegate",
        "guardian of the delegate")}
    scopes_ = sorted(scopes) or ["parking.nothing.read"]
    nouns = sorted({scope.split(".")[0] for scope in scopes_})
    async with platform.db.writing_as("delegation") as connection:
        for who, whom, until, limits in (
                ("ended guardian", TODDLER, now, []), ("guardian by limits", CHILD, now + day, nouns),
                ("guardian of the delegate", made["delegate in scope"], now + day, [])):
            await connection.execute("""
                INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until, limits)
                VALUES ($1, $2, 'OTHER', $3, $4, $5)""", made[who], whom, now - day, until, limits)
        for who, whom, given, until, confirmed, ended in mandates(made, scopes_, now, day):
            told = now + timedelta(hours=1) if who == "delegate by a code told today" else None
            await connection.execute("""
                INSERT INTO delegation.mandate (principal_id, helper_id, scopes, since, until, asked_at, confirmed_at,
                                                confirmed_how, confirmed_by, ended_at, ready_at)
                VALUES ($1, $2, $3, $4, $5, $4, $6::timestamptz,
                        CASE WHEN $8::timestamptz IS NOT NULL THEN 'CALL_BACK' WHEN $6 IS NOT NULL THEN 'PHONE' END,
                        CASE WHEN $6 IS NOT NULL THEN $1::uuid END, $7, $8)""",
                whom, made[who], given, now - day, until, confirmed, ended, told)
    for_whom = {"ended guardian": TODDLER, "guardian by limits": CHILD}
    found = {name: await person(platform, id_, set(), for_whom.get(name, ELDER),
                                scopes if name == "delegate in scope" else frozenset()) for name, id_ in made.items()}
    found["guardian"] = await person(platform, PARENT, set(), CHILD, scopes)
    found["stranger who says for whom"] = await person(platform, RESIDENT, set(), ELDER)
    found["staff who say for whom"] = await person(platform, demo_id("citizen:registrar"), {"registrar"}, ELDER)
    return found


def mandates(made: dict[str, UUID], scopes: list[str], now: datetime, day: timedelta) -> list[tuple[Any, ...]]:
    """Delegate, principal, scopes, until, confirmed, ended."""
    return [
        ("delegate in scope", ELDER, scopes, now + day, now - day, None),
        ("delegate out of scope", ELDER, ["parking.nothing.read"], now + day, now - day, None),
        ("expired delegate", ELDER, scopes, now, now - day, None),
        ("ended delegate", ELDER, scopes, now + day, now - day, now),
        ("unconfirmed delegate", ELDER, scopes, now + day, None, None),
        ("delegate by a code told today", ELDER, scopes, now + day, now - day, None),
        ("delegate of the delegate", made["delegate in scope"], scopes, now + day, now - day, None),
    ]


async def strangers(platform: Platform) -> dict[str, Person]:
    """For each post of the demo, who holds the same elsewhere, and who held it here; of the verifiers two."""
    now, found = platform.clock.now(), {}
    places = {(where, role): place for who, where, role, place in POSTS if who != "verifier"}
    for where, role in sorted(places):
        elsewhere, former = await citizen(platform, f"{role} elsewhere"), await citizen(platform, f"former {role}")
        other = new_id()
        async with platform.db.writing_as("identity") as connection:
            await connection.execute("""INSERT INTO identity.organisation (id, kind, name, division, demo)
                SELECT $1, $2, '别处', code, true FROM haian.division WHERE code LIKE '370211010___' LIMIT 1""",
                other, WHERE[where])
        async with platform.db.writing_as("staff") as connection:
            for who, organisation, until in ((elsewhere, other, None), (former, demo_id(f"organisation:{where}"), now)):
                await connection.execute("""INSERT INTO staff.membership (citizen_id, organisation_id, role, place, during)
                    VALUES ($1, $2, $3, $4, tstzrange($5, $6))""", who, organisation, role, places[where, role],
                    now - timedelta(days=1), until)
        found[f"{role} of {where} elsewhere"] = await person(platform, elsewhere, {role})
        found[f"former {role} of {where}"] = await person(platform, former, set())
    return found


async def citizen(platform: Platform, name: str) -> UUID:
    id_ = new_id()
    async with platform.db.writing_as("identity") as connection:
        await connection.execute("INSERT INTO identity.citizen (id, name, created_at) VALUES ($1, $2, $3)",
                                 id_, name, platform.clock.now())
    return id_


# -- somebody's objects, which everybody is led to, so that their fields' own rules decide ---------------------------------

def planted(text: str) -> Fragment:
    """A read of one object, whoever asks."""
    def read() -> Any:
        ...
    return Fragment(read, text)


OBJECTS: dict[type, Fragment] = {
    Citizen: planted(f"SELECT * FROM haian.citizen WHERE id = '{RESIDENT}'"),
    IdentityDispute: planted("""SELECT id, shown AS masked_number, claimed_name, opened_at, settled_at, outcome, reason,
                                       holder_id, claimant_id FROM identity.dispute ORDER BY id LIMIT 1"""),
    ParkingSpace: planted(f"SELECT *, community AS community_code FROM parking.space WHERE id = '{SPACE}'"),
    ParkingOffer: planted(f"""SELECT id, space_id, lower(during) AS starts_at, upper(during) AS ends_at FROM parking.offer
                              WHERE space_id = '{SPACE}' ORDER BY id LIMIT 1"""),
    EducationClass: planted(f"""SELECT c.* FROM education.class c JOIN education.class_teacher t ON t.class_id = c.id
                                WHERE t.teacher_id = '{TEACHER}' ORDER BY c.id LIMIT 1"""),
    EducationNotice: planted(f"""SELECT n.* FROM education.notice n JOIN education.class_teacher t ON t.class_id = n.class_id
                                 WHERE t.teacher_id = '{TEACHER}' ORDER BY n.id LIMIT 1"""),
}
"""Every type with a rule of its own, or a field that has one."""


def root(type_: type, read: Fragment) -> Any:
    def resolve(self: Any) -> Any:
        return read()
    resolve.__annotations__["return"] = type_
    return fields.field(resolve, allow=PUBLIC)


def planted_name(type_: type) -> str:
    return f"planted{type_.__name__}"


Planted = strawberry.type(type("Query", (), {planted_name(type_): root(type_, read) for type_, read in OBJECTS.items()}))


class PlantedModule:
    Query = Planted


PARTS = [*(module for _, module in modules(registry())), PlantedModule]
MATRIX = Gateway(compose(registry(), PARTS), Documents([]), registry())
