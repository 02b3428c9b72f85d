"""Which answers are the same for everybody: found from the declarations, and true of what is served."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from tests.clients import DOCUMENTS, Served

from gateway.composition import compose
from gateway.documents import Documents, Operation
from gateway.execution import Gateway
from gateway.shared import is_shared
from haian import fields
from haian.reads import sql
from haian.rules import PUBLIC, SIGNED_IN
from server.apps import registry

GATEWAY = Gateway(compose(registry()), Documents.load(), registry())
SHARED = {name for name, operation in DOCUMENTS.items() if operation.id in GATEWAY.shared}


def asked(query: str) -> Operation:
    return Operation("", "", query)


def test_the_lists_that_everybody_sees_are_found() -> None:
    assert {"HealthcareHospitals", "HealthcareDepartment", "IdentityStreets", "MessagesNews", "ParkingCommunities"} <= SHARED


def test_nothing_of_a_person_is_among_them() -> None:
    mine = {"IdentityViewer", "IdentityDevices", "HomeThings", "MessagesInbox", "MessagesUnread", "ParkingBookings",
            "EducationNotices", "OnecodeScans", "HealthcareComing"}
    assert mine <= set(DOCUMENTS) and not mine & SHARED


@pytest.mark.parametrize("query", [
    "{ identityStreets { name } messagesUnread }",
    "{ identityStreets { name } ...F } fragment F on Query { homeThings { id } }",
    "{ __schema { queryType { name } } }", "mutation { identityRequestCode(phone: \"x\") }", "subscription { liveTicks }",
    "{ healthcareHospitals { id } identityViewer { id } }"])
def test_one_personal_field_makes_an_answer_personal(query: str) -> None:
    assert not is_shared(GATEWAY.core, asked(query))


async def test_every_citizen_gets_the_same_bytes(shared: Served) -> None:
    """The proof tried: each shared document that needs no variables, as nobody and as three citizens."""
    phones = [shared.phone(), *[await shared.signed_in(who) for who in ("resident", "editor", "registrar")]]
    plain = [name for name in SHARED if not DOCUMENTS[name].node.variable_definitions]
    assert len(plain) >= 3
    for name in plain:
        answers = {(await phone.send(name)).content for phone in phones}
        assert len(answers) == 1, name


@sql
def everybody() -> Any:
    "SELECT 1 AS id"


@sql
def mine() -> Any:
    "SELECT 1 AS id WHERE {viewer} IS NOT NULL"


HIDDEN = {"mine": mine}


@fields.object_type(allow=PUBLIC)
class Open:
    id: int


@fields.object_type(allow=SIGNED_IN)
class Closed:
    id: int


def schema_of(resolver: Any, **options: Any) -> Any:
    query = strawberry.type(type("Query", (), {"it": fields.field(resolver, **options)}))
    return strawberry.Schema(query=query)._schema


def of_everybody() -> Open:
    return everybody()


def of_me() -> Open:
    return mine()


def hidden() -> Open:
    return HIDDEN["mine"]()


def closed() -> Closed:
    return everybody()


def by_another() -> Open:
    return of_me()


def within() -> Open:
    return (lambda: mine())()


def with_call(info: strawberry.Info) -> Open:
    return everybody()


def test_an_open_field_over_a_statement_for_everybody_is_shared() -> None:
    assert is_shared(schema_of(of_everybody, allow=PUBLIC), asked("{ it { id } }"))


@pytest.mark.parametrize(("resolver", "rule"), [
    (of_me, PUBLIC), (hidden, PUBLIC), (closed, PUBLIC), (by_another, PUBLIC), (within, PUBLIC), (with_call, PUBLIC),
    (of_everybody, SIGNED_IN)])
def test_what_is_not_proved_is_personal(resolver: Any, rule: Any) -> None:
    assert not is_shared(schema_of(resolver, allow=rule), asked("{ it { id } }"))

