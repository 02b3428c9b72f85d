"""The permission matrix: every root field, asked for by everybody, is refused exactly where its declared rule says so."""

from __future__ import annotations

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.clients import Served
from tests.gateway.arguments import any_of, request_of

from gateway.composition import compose, field_rule
from gateway.documents import Documents, Operation
from gateway.execution import Gateway
from haian.call import Call
from haian.demo import ACCOUNTS, demo_id
from haian.ids import new_id
from haian.rules import Rule
from haian.viewer import ANONYMOUS, Viewer
from server.apps import registry

GATEWAY = Gateway(compose(registry()), Documents.load(), registry())
ROOTS = {"query": GATEWAY.core.query_type, "mutation": GATEWAY.core.mutation_type}
FIELDS = {(kind, name): field for kind, type_ in ROOTS.items() if type_ for name, field in type_.fields.items()}
REFUSALS = {"UNAUTHENTICATED", "FORBIDDEN"}
ENDING = {"identitySignOut", "identityEndOtherDevices", "identityEndDevice"}


def rule_of(kind: str, name: str) -> Rule:
    rule = field_rule(FIELDS[kind, name].extensions.get("strawberry-definition"), None)
    assert rule is not None
    return rule


async def viewers(served: Served) -> dict[str, Viewer]:
    """Nobody, and each demo account with the posts that it holds."""
    found = {"nobody": ANONYMOUS}
    for account in ACCOUNTS:
        citizen = demo_id(f"citizen:{account.key}")
        call = Call(served.platform, Viewer(citizen, str(new_id())), guessed=True)
        await call.make_sure()
        found[account.key] = call.viewer
    return found


async def codes(served: Served, viewer: Viewer, kind: str, name: str) -> set[str]:
    """The codes of all errors when a viewer asks for a root field."""
    query, variables = request_of(kind, name, FIELDS[kind, name])
    answer = orjson.loads(await GATEWAY.run(Operation("", "", query), variables, Call(served.platform, viewer)))
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


async def test_every_root_field_is_refused_exactly_where_its_rule_says_so(served: Served) -> None:
    faults = []
    for who, viewer in (await viewers(served)).items():
        for kind, name in FIELDS:
            rule = rule_of(kind, name)
            found = await codes(served, viewer, kind, name)
            if rule.rows:
                continue
            if rule.by_role(Call(served.platform, viewer)) is None:
                expected = {"FORBIDDEN"} if viewer.signed_in else {"UNAUTHENTICATED"}
                if found != expected:
                    faults.append(f"{who} asks {name} ({rule}): {found or 'an answer'} instead of {expected}")
            elif "UNAUTHENTICATED" in found or found & {"INTERNAL", "UNAVAILABLE", "GRAPHQL_INVALID"}:
                faults.append(f"{who} asks {name} ({rule}): {found}")
            elif not viewer.signed_in and found & REFUSALS:
                faults.append(f"nobody may ask {name} ({rule}) and is refused: {found}")
    assert not faults, "\n".join(faults)


def test_each_role_of_a_rule_is_held_by_somebody_in_the_demo() -> None:
    """Else nobody ever tries what the role may do."""
    from identity.demo import POSTS
    held = {role for _, _, role, *_ in POSTS}
    assert {role for kind, name in FIELDS for role in rule_of(kind, name).roles} <= held


def test_what_changes_something_is_for_somebody() -> None:
    """Only signing in is a mutation that anybody may make."""
    open_ = {name for kind, name in FIELDS if kind == "mutation" and rule_of(kind, name).public}
    assert open_ <= {"identityRequestCode", "identitySignIn"}


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_no_arguments_of_the_right_types_make_a_field_fail(shared: Served, data: st.DataObject) -> None:
    """Any value that passes the schema is answered or refused by name, whoever asks."""
    found = await viewers(shared)
    who = data.draw(st.sampled_from(sorted(found)))
    kind, name = data.draw(st.sampled_from(sorted(key for key in FIELDS if key[1] not in ENDING)))
    query, _ = request_of(kind, name, FIELDS[kind, name], whole=True)
    variables = {argument: data.draw(any_of(given.type)) for argument, given in FIELDS[kind, name].args.items()}
    call = Call(shared.platform, found[who])
    answer = orjson.loads(await GATEWAY.run(Operation("", "", query), variables, call))
    bad = {error["extensions"]["code"] for error in answer.get("errors", ())} & {"INTERNAL", "UNAVAILABLE"}
    assert not bad, (who, name, variables)
