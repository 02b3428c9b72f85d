"""The permission matrix: every field of the schema, asked by everybody, is refused exactly where a plain model says so."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson
from graphql import GraphQLObjectType
from tests.clients import Served
from tests.gateway.arguments import leaves, request_of
from tests.gateway.cast import MATRIX, OBJECTS, Person, cast_of, planted_name
from tests.gateway.equal import both
from tests.gateway.everything import EXAMPLES, reads

from gateway.composition import OPERATIONS, field_rule, recent, rules, type_rule
from gateway.documents import Operation
from haian.call import Call
from haian.ids import new_id
from haian.rules import GIVEN, PUBLIC, Rule

ROOTS = {"query": MATRIX.core.query_type, "mutation": MATRIX.core.mutation_type}
RULES = {name: rule for name, rule in rules(MATRIX.schema) if rule is not None}
SCOPES = frozenset(rule.scope for rule in RULES.values() if rule.scope)
PLANTED = {type_.__strawberry_definition__.name: type_ for type_ in OBJECTS}  # type: ignore[attr-defined]
REFUSALS = {"UNAUTHENTICATED", "FORBIDDEN", "ACTING_NOT_COVERED", "STEP_UP_NEEDED"}
BROKEN = {"INTERNAL", "UNAVAILABLE", "GRAPHQL_INVALID"}
OF_ANY_OFFICE = {"DelegationDeskPerson"}
"""What a desk is asked about whoever stands before it, and every desk alike. What is for the whole district is no one
office's either. Who held such a post once sees nothing of it."""
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def of_roots() -> list[tuple[str, str, Any, Rule]]:
    return [(kind, name, field, RULES[f"{type_.name}.{name}"]) for kind, type_ in ROOTS.items() if type_
            for name, field in type_.fields.items() if not name.startswith("planted")]


def of_objects() -> list[tuple[str, str, Any, list[Rule]]]:
    """The fields of objects with all rules that are for somebody only: the type's and their own."""
    found = []
    for type_ in MATRIX.core.type_map.values():
        if isinstance(type_, GraphQLObjectType) and type_.name not in OPERATIONS and not type_.name.startswith("__"):
            of_type = type_rule(getattr(type_.extensions.get("strawberry-definition"), "origin", None))
            for name, field in type_.fields.items():
                own = field_rule(field.extensions.get("strawberry-definition"), None)
                if rules_ := [rule for rule in (of_type, own) if rule not in (None, PUBLIC, GIVEN)]:
                    found.append((type_.name, name, field, rules_))
    return found


async def codes(served: Served, person: Person, query: str, variables: dict[str, Any]) -> set[str]:
    """The codes of all errors, the same both ways where nothing is changed."""
    operation = Operation("", "", query)
    if query.startswith("mutation"):
        answer = orjson.loads(await MATRIX.run(operation, variables, Call(served.platform, person.viewer)))
    else:
        answer = await both(MATRIX, served.platform, person.viewer, operation, variables)
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


def fault(who: str, what: str, rule: Rule, found: set[str], expected: str) -> list[str]:
    """A service may still refuse whom the rule lets in: by FORBIDDEN, not by what only a rule says."""
    let_in = not expected and not found & (BROKEN | (REFUSALS - {"FORBIDDEN"}))
    if found == {expected} or let_in:
        return []
    return [f"{who} asks {what} ({rule}): {sorted(found) or 'an answer'} instead of {expected or 'an answer'}"]


async def test_every_root_field_is_refused_exactly_where_the_model_says_so(served: Served) -> None:
    """Whoever asks for recovery codes has a factor from then on."""
    faults, wanted, holders = [], recent(MATRIX.schema), set()
    for who, person in (await cast_of(served, SCOPES)).items():
        for kind, name, field, rule in of_roots():
            wants = wanted.get(name, False)
            expected = person.expected(rule, wants is True or (wants == "if held" and person.viewer.id in holders))
            query, variables = request_of(kind, name, field)
            found = await codes(served, person, query, variables)
            faults += fault(who, name, rule, found, expected)
            holders |= {person.viewer.id} if name == "factorsRecoveryCodes" and not found else set()
    assert not faults, "\n".join(faults)


async def test_every_field_with_a_rule_of_its_own_is_refused_exactly_where_the_model_says_so(served: Served) -> None:
    faults = []
    for who, person in (await cast_of(served, SCOPES)).items():
        for type_, name, field, rules_ in of_objects():
            query = f"{{ {planted_name(PLANTED[type_])} {{ {name} {leaves(field.type)} }} }}"
            found = await codes(served, person, query, {})
            expected = next(filter(None, map(person.expected, rules_)), "")
            faults += fault(who, f"{type_}.{name}", rules_[-1], found, expected)
    assert not faults, "\n".join(faults)


def test_every_type_with_a_rule_of_its_own_has_an_object_in_the_matrix() -> None:
    """A new one has to say in tests/gateway/cast.py whose an object of it is."""
    assert {type_ for type_, *_ in of_objects()} <= set(PLANTED)


def test_every_object_is_reached_by_somebody_who_may() -> None:
    """A type is either for everybody, or given with the field that led to it: no third way, which nobody would walk."""
    for name, rule in RULES.items():
        assert name.split(".")[0] in OPERATIONS or rule in (PUBLIC, GIVEN) or name.split(".")[0] in PLANTED, name


def test_no_subscription_is_for_another() -> None:
    """A socket stays open when a mandate ends."""
    assert not [name for name, rule in RULES.items() if name.startswith("Subscription.") and rule.scope]


async def test_who_i_am_and_whom_i_let_act_is_covered_by_no_scope() -> None:
    never = ("identity", "factors", "consent", "delegation", "staff")
    assert not [scope for scope in SCOPES if scope.split(".")[0] in never]
    for name, rule in RULES.items():
        type_, field = name.split(".")
        if type_ in OPERATIONS and field.startswith(never) and not rule.public:
            assert not rule.scope, name


async def test_staff_of_another_organisation_and_former_staff_see_nothing_of_it(served: Served) -> None:
    """Whatever document staff open here, the same post elsewhere shows other objects, and a former one shows none."""
    cast = await cast_of(served, SCOPES)
    ids = {}
    for name, statement in EXAMPLES.items():
        rows = await served.platform.db.fetch(statement)
        ids[name] = str(rows[0][0]) if rows else str(new_id())
    asked = [each for each in reads(ids) if cast[each[0]].posts and is_for_staff(each[1])]
    assert len(asked) >= 8
    for who, document, variables in asked:
        here = await shown(served, cast[who], document, variables)
        for other in [name for name in cast if is_namesake(name, cast[who])]:
            there = await shown(served, cast[other], document, variables)
            if document in OF_ANY_OFFICE or other.endswith(" of district elsewhere"):
                there = set() if other.endswith(" elsewhere") else there
            seen = there if other.startswith("former") else there & here
            assert not seen, (document, other, seen)


def is_for_staff(document: str) -> bool:
    """Whether a document has a root field by a role or a post."""
    from tests.gateway.test_permissions import GATEWAY
    fields = GATEWAY.documents.by_name[document].node.selection_set.selections
    found = [RULES.get(f"Query.{field.name.value}") for field in fields]  # type: ignore[attr-defined]
    return any(rule is not None and (rule.roles or rule.rows) for rule in found)


def is_namesake(name: str, person: Person) -> bool:
    return any(name.startswith((f"{post} of", f"former {post} of")) for post in person.posts)


async def shown(served: Served, person: Person, document: str, variables: dict[str, Any]) -> set[str]:
    """The ids in an answer."""
    from tests.gateway.test_permissions import GATEWAY
    operation = GATEWAY.documents.by_name[document]
    answer = json.loads(await GATEWAY.run(operation, variables, Call(served.platform, person.viewer)))
    return set(ID.findall(json.dumps(answer.get("data"))))
