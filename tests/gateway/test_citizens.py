"""What a mini-app is told of citizens, and what it may say of them: names of its own, and nothing else, in every field."""

from __future__ import annotations

import base64
import binascii
import inspect
import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from graphql import GraphQLField, default_field_resolver, get_named_type, is_abstract_type, is_leaf_type, is_object_type
from tests.clients import Phone, Refused, Served, new_address
from tests.gateway.arguments import request_of
from tests.gateway.equal import both
from tests.gateway.everything import EXAMPLES, reads
from tests.gateway.test_permissions import GATEWAY, viewers
from tests.healthcare.clinic import key, live, session
from tests.oauth.program import Program
from tests.parking.test_booking import offered, window

from gateway.composition import OPERATIONS, compose, rules
from gateway.documents import Documents, Operation
from gateway.execution import Gateway
from gateway.federation import subgraph
from gateway.nodes import nodes
from haian import citizens
from haian.call import Call
from haian.demo import demo_id
from haian.rules import Rule
from haian.viewer import Viewer
from server.apps import registry
from server.caller import call_of
from server.incoming import Incoming

PARENT = str(demo_id("citizen:parent"))
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ENCODED = re.compile(r"[A-Za-z0-9_-]{16,}={0,2}")
ELSEWHERE = {"Division.parent", "Organisation.id", "NewsOffice.id", "NewsEvent.id", "SearchHit.id"}
"""Ids that no query of the client shows here: of divisions, offices and news, and what the search's index has of places."""
RULES = {name: rule for name, rule in rules(GATEWAY.schema) if rule is not None}


async def mini_app(served: Served, phone: Phone) -> tuple[Program, Viewer]:
    """A client with all scopes that there are, each of which this citizen gave it; how it comes."""
    scopes, id_ = sorted(served.platform.registry.client_scopes), uuid4()
    async with served.platform.db.writing_as("oauth") as connection:
        await connection.execute("""
            INSERT INTO oauth.client (id, name_zh, name_en, organisation_id, redirects, scopes, registered_at, approved_at,
                                      approved_by)
            SELECT $1, '试验', 'Trial', organisation_id, redirects, $2, registered_at, approved_at, approved_by
            FROM oauth.client WHERE demo""", id_, scopes)
    program = Program(served, str(id_))
    await program.connect(phone, *scopes)
    headers = [(b"authorization", f"Bearer {program.token['access_token']}".encode())]
    viewer = (await call_of(Incoming(headers, "POST", b"", new_address()), served.platform)).viewer
    assert viewer.client and viewer.scopes == frozenset(scopes)
    return program, viewer


def name_of(served: Served, citizen: str, viewer: Viewer) -> str:
    assert viewer.client
    return str(served.platform.services["names"].of(citizen, str(viewer.client.id)))


async def examples(served: Served) -> dict[str, str]:
    found = {name: await served.platform.db.fetch(statement) for name, statement in EXAMPLES.items()}
    return {name: str(rows[0][0]) if rows else str(uuid4()) for name, rows in found.items()}


async def everybody(served: Served) -> set[str]:
    return {str(id_) for id_, in await served.platform.db.fetch("SELECT id FROM haian.citizen")}


def ids_in(text: str) -> set[str]:
    """All ids, those within cursors and other encoded things among them."""
    found = set(UUIDS.findall(text))
    for each in ENCODED.findall(text):
        try:
            found |= set(UUIDS.findall(base64.urlsafe_b64decode(each).decode(errors="replace")))
        except binascii.Error:
            continue
    return found


# -- what it is told ------------------------------------------------------------------------------------------------------

async def test_two_mini_apps_of_one_citizen_see_no_id_of_a_citizen(served: Served) -> None:
    """Over every query of the client, executed both ways; each is told its own name where a citizen is meant."""
    phone = await served.signed_in("parent")
    met = [await mini_app(served, phone) for _ in range(2)]
    names = [name_of(served, PARENT, viewer) for _, viewer in met]
    ids = await examples(served)
    [slot] = (await session(served, 3))[1]
    made = await met[0][0].by_access().ask("HealthcareBook", slot=slot, patient=names[0], key=key())
    assert made["patient"]["id"] == names[0]
    booked = await met[1][0].by_access().ask("ParkingBookSpace", offer=(await offered(served))["id"], plate="鲁B12345",
                                             key=key(), **window(served))
    ids |= {"appointment": made["id"], "booking": booked["id"]}
    citizens_, told = await everybody(served), []
    for _, viewer in met:
        shown = ""
        for _, document, variables in reads(ids):
            operation = GATEWAY.documents.by_name[document]
            answer = json.dumps(await both(GATEWAY, served.platform, viewer, operation, variables))
            assert not ids_in(answer) & citizens_ and "INTERNAL" not in answer, (document, answer)
            shown += answer
        told.append(shown)
    assert [[name in shown for name in names] for shown in told] == [[True, False], [False, True]]


def open_to_tokens(rule: Rule | None) -> bool:
    return rule is None or rule.given or (rule.public and not rule.own) or bool(rule.scope)


def reached() -> Iterator[tuple[str, GraphQLField]]:
    """Every field that a mini-app's token may see, with whatever scopes."""
    core, seen = GATEWAY.core, set[str]()
    led: list[Any] = [core.type_map[name] for name in OPERATIONS]
    for type_ in led:
        for name, field in type_.fields.items():
            if not open_to_tokens(RULES.get(f"{type_.name}.{name}")):
                continue
            yield f"{type_.name}.{name}", field
            of = get_named_type(field.type)
            found = core.get_possible_types(of) if is_abstract_type(of) else [of] if is_object_type(of) else []
            if of.name == "Node":
                followed = {origin.__name__ for origin, key_ in nodes() if open_to_tokens(key_.allow)}
                found = [each for each in found if each.name in followed]
            led += [each for each in found if each.name not in seen]
            seen |= {each.name for each in found}


def recording(found: dict[str, set[str]]) -> Gateway:
    """The product, whose plain execution notes the text of every leaf."""
    schema = compose(registry())
    for type_ in schema._schema.type_map.values():
        for name, field in type_.fields.items() if is_object_type(type_) and not type_.name.startswith("__") else ():
            if is_leaf_type(get_named_type(field.type)):
                values = found.setdefault(f"{type_.name}.{name}", set())
                field.resolve = noting(field.resolve or default_field_resolver, values)
    return Gateway(schema, Documents.load(), registry())


def noting(resolve: Any, found: set[str]) -> Any:
    def note(value: Any) -> Any:
        found.update({str(value)} - {"None"})
        return value

    async def later(value: Any) -> Any:
        return note(await value)

    def noted(*args: Any, **kwargs: Any) -> Any:
        value = resolve(*args, **kwargs)
        return later(value) if inspect.isawaitable(value) else note(value)
    return noted


async def test_whatever_is_the_id_of_a_citizen_has_its_type_where_a_mini_app_may_see_it(served: Served) -> None:
    """By the values: what holds a citizen's id in the demo's data, whoever looks, is a reference to one."""
    values: dict[str, set[str]] = {}
    gateway, known = recording(values), await viewers(served)
    for who, document, variables in reads(await examples(served)):
        await gateway.run_plainly(gateway.documents.by_name[document], variables, Call(served.platform, known[who]))
    them = await everybody(served)
    meant = {name for name, found in values.items() if ids_in(json.dumps(sorted(found))) & them}
    assert {"HealthcarePatient.id", "Citizen.id", "Child.id"} <= meant
    leaves = {name: field for name, field in reached() if is_leaf_type(get_named_type(field.type))}
    assert not [name for name, field in leaves.items() if name in meant and not citizens.is_shown(field.type)]
    untried = [name for name, field in leaves.items() if get_named_type(field.type).name == "ID" and not values.get(name)]
    assert set(untried) == ELSEWHERE, untried


# -- what it says ---------------------------------------------------------------------------------------------------------

async def test_who_is_not_called_so_by_this_mini_app_is_nobody(shared: Served) -> None:
    """Neither the citizen's id, nor another's name for them, nor anything else tells more than an unknown one."""
    phone = await shared.signed_in("parent")
    (program, viewer), (_, other) = await mini_app(shared, phone), await mini_app(shared, phone)
    asks, [slot] = program.by_access(), (await session(shared, 2, days=5))[1]
    refused = set()
    for given in (PARENT, name_of(shared, PARENT, other), name_of(shared, str(uuid4()), viewer), str(uuid4()), "", "测试"):
        with pytest.raises(Refused) as told:
            await asks.ask("HealthcareBook", slot=slot, patient=given, key=key())
        refused.add(json.dumps(told.value.errors))
    [said] = refused
    assert json.loads(said)[0]["extensions"]["code"] == "HEALTHCARE_NOT_YOUR_PATIENT"
    assert await live(shared, slot) == []
    operation = GATEWAY.documents.by_name["HealthcareBook"]
    variables = {"slot": slot, "patient": PARENT, "key": key()}
    plain = await GATEWAY.run_plainly(operation, variables, Call(shared.platform, viewer))
    assert json.loads(plain)["errors"][0]["extensions"]["code"] == "HEALTHCARE_NOT_YOUR_PATIENT"
    asks.http.headers["X-Haian-For"] = PARENT
    assert await asks.refused("HealthcarePatients") == "ACTING_NOT_COVERED", "not even by being let in"


async def test_a_citizens_id_opens_nothing_to_a_mini_app(served: Served) -> None:
    """Wherever a token may give an id of whatever kind: its own citizen's is like one that nobody has."""
    _, viewer = await mini_app(served, await served.signed_in("parent"))
    tried = 0
    for name, field in reached():
        kind, root = name.split(".")
        for argument, given in field.args.items() if kind in ("Query", "Mutation") else ():
            if get_named_type(given.type).name in ("ID", citizens.NAME):
                query, variables = request_of(kind.lower(), root, field, whole=True)
                operation, said = Operation("", "", query), set()
                for id_ in (PARENT, str(uuid4())):
                    call = Call(served.platform, viewer)
                    said.add(await GATEWAY.run(operation, variables | {argument: id_}, call))
                assert len(said) == 1, (name, said)
                tried += 1
    assert tried > 10


async def test_a_subgraph_tells_the_same_names(shared: Served) -> None:
    _, viewer = await mini_app(shared, await shared.signed_in("parent"))
    gateway = Gateway(subgraph(registry(), "healthcare").schema, Documents([]), registry())
    answer = await both(gateway, shared.platform, viewer, Operation("", "", "{ healthcarePatients { id } }"), {})
    assert answer == {"data": {"healthcarePatients": [{"id": name_of(shared, PARENT, viewer)}]}}
    assert UUID(PARENT) == viewer.id
