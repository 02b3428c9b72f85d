"""What rules promise as a whole, and that no argument breaks a field, whoever asks (test_matrix.py: who may)."""

from __future__ import annotations

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.clients import Served
from tests.gateway.arguments import any_of, request_of

from gateway.composition import compose, field_rule, rules
from gateway.documents import Documents, Operation
from gateway.execution import Gateway
from gateway.shared import is_impersonal, reached
from haian.call import Call
from haian.demo import ACCOUNTS, demo_id
from haian.errors import LOCALES
from haian.ids import new_id
from haian.rules import Rule
from haian.viewer import ANONYMOUS, Viewer
from server.apps import registry

GATEWAY = Gateway(compose(registry()), Documents.load(), registry())
ROOTS = {"query": GATEWAY.core.query_type, "mutation": GATEWAY.core.mutation_type}
FIELDS = {(kind, name): field for kind, type_ in ROOTS.items() if type_ for name, field in type_.fields.items()}
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


def test_each_role_of_a_rule_is_held_by_somebody_in_the_demo() -> None:
    """Else nobody ever tries what the role may do."""
    from staff.demo import POSTS
    held = {role for _, _, role, *_ in POSTS}
    assert {role for kind, name in FIELDS for role in rule_of(kind, name).roles} <= held


def test_what_changes_something_is_for_somebody() -> None:
    """Signing in, and showing the code of a visitor's link, are the only mutations that anybody may make."""
    open_ = {name for kind, name in FIELDS if kind == "mutation" and rule_of(kind, name).public}
    assert open_ <= {"identityRequestCode", "identitySignIn", "factorsSignInOptions", "factorsSignIn", "factorsComplete",
                     "factorsAskHelp", "factorsHelped", "onecodeVisit"}


def test_what_may_be_done_for_another_is_offered_in_words_by_its_noun() -> None:
    """An elder chooses among what the nouns offer, and each of that lets somebody do something."""
    used = {rule.scope for _, rule in rules(GATEWAY.schema) if rule and rule.scope}
    nouns = registry()
    for app in nouns.apps:
        for scope in app.providers.scopes:
            assert scope.id in app.manifest.scopes, f"{app.noun}/manifest.json lacks {scope.id}"
            assert scope.id.startswith(f"{app.noun}.")
            assert all(text.get(locale) for text in (scope.title, scope.words) for locale in LOCALES), scope.id
    assert used == set(nouns.scopes)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_no_arguments_of_the_right_types_make_a_field_fail(served: Served, data: st.DataObject) -> None:
    """Any value that passes the schema is answered or refused by name, whoever asks."""
    found = await viewers(served)
    who = data.draw(st.sampled_from(sorted(found)))
    kind, name = data.draw(st.sampled_from(sorted(key for key in FIELDS if key[1] not in ENDING)))
    query, _ = request_of(kind, name, FIELDS[kind, name], whole=True)
    variables = {argument: data.draw(any_of(given.type)) for argument, given in FIELDS[kind, name].args.items()}
    call = Call(served.platform, found[who])
    answer = orjson.loads(await GATEWAY.run(Operation("", "", query), variables, call))
    bad = {error["extensions"]["code"] for error in answer.get("errors", ())} & {"INTERNAL", "UNAVAILABLE"}
    assert not bad, (who, name, variables)


def test_what_everybody_may_ask_and_shows_the_viewers_own_says_so() -> None:
    """A mini-app's token is refused there, whatever its scopes: by the SQL that a resolver names, and by none forgotten."""
    query = ROOTS["query"]
    assert query
    asked = {name: rule_of("query", name) for kind, name in FIELDS if kind == "query" and rule_of("query", name).public}
    by_sql = {name for name in asked if (base := query.fields[name].extensions["strawberry-definition"].base_resolver)
              and base.info_parameter is None and not all(map(is_impersonal, reached(base.wrapped_func)))}
    assert by_sql | {"homeThings"} == {name for name, rule in asked.items() if rule.own}
