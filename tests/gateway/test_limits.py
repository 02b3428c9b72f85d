"""Every limit holds to the number, says which one it is, and is found out before anything that takes longer."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import DocumentNode, get_introspection_query, validate
from tests.gateway.test_measure import written

from gateway import lookup
from gateway.composition import compose
from gateway.documents import Documents, Operation
from gateway.execution import Gateway
from gateway.limits import (
    DEEPEST_BRACES,
    BatchRefused,
    IntrospectionTooDeep,
    LimitExceeded,
    TooBroad,
    TooCostly,
    TooDeep,
    TooManyAliases,
    TooManyDirectives,
    TooManyFields,
    TooManyFragments,
    TooManyRootFields,
    TooManyTokens,
    TooManyVariables,
    VariablesTooDeep,
    check_variables,
)
from gateway.lookup import QueryInvalid
from haian.errors import LOCALES
from haian.viewer import Viewer
from server.apps import registry

GATEWAY = Gateway(compose(registry()), Documents.load(), registry())
VIEWER = "identityViewer { id }"


def nested(levels: int) -> str:
    """A document that many fields deep: one around Healthcare's doctor and department in turn."""
    names = ["healthcareDoctor(id: 1)", *["department", "hospital", "departments", "hospital"] * levels][:levels - 1]
    return "{" + "{".join(names) + "{ id }" + "}" * (levels - 1)


def fragments(count: int) -> str:
    names = range(count)
    defined = "".join(f"fragment F{i} on Query {{ __typename }}" for i in names)
    return f"{{ {' '.join(f'...F{i}' for i in names)} }} {defined}"


def same_name(fields: int) -> str:
    """Fields of one name under ten objects, so that no level is broad."""
    each, rest = divmod(fields - 10, 10)
    return "{" + " ".join(f"identityViewer {{ {'id ' * (each + (rest if i == 0 else 0))} }}" for i in range(10)) + "}"


def aliases(count: int) -> str:
    half = count // 2
    return (f"{{ identityViewer {{ {' '.join(f'a{i}: id' for i in range(half))} }}"
            f" again: identityViewer {{ {' '.join(f'a{i}: id' for i in range(count - half - 1))} }} }}")


def directives(count: int) -> str:
    return f"{{ identityViewer {{ {'id @skip(if: false) ' * count} }} }}"


def introspection(lists: int) -> str:
    return "{ __schema { types " + "{ fields { type " * lists + "{ name }" + "} }" * lists + "} }"


def tokens(count: int) -> str:
    """A query of that many words and signs, most of them of one argument."""
    return '{ identityViewer(x: [' + "1 " * (count - 12) + "]) { id } }"


AT_THE_LIMIT: dict[type[LimitExceeded], Callable[[int], str]] = {
    TooManyTokens: tokens, TooManyFragments: fragments, TooDeep: nested, TooManyFields: same_name,
    TooBroad: lambda count: f"{{ identityViewer {{ {'id ' * count} }} }}",
    TooManyRootFields: lambda count: f"{{ {VIEWER * count} }}",
    TooManyAliases: aliases, TooManyDirectives: directives, IntrospectionTooDeep: introspection}
FREE_OF = {TooManyFragments: TooManyRootFields, TooDeep: TooCostly}
"""What these documents exceed before, or besides: that limit is lifted for the test."""


def refusal_of(query: str) -> LimitExceeded | None:
    """The limit that a query exceeds; None where it is within all of them, valid or not."""
    try:
        GATEWAY.lookup._prepared(query, None)
    except LimitExceeded as refusal:
        return refusal
    except QueryInvalid:
        return None
    return None


@pytest.mark.parametrize("kind", AT_THE_LIMIT, ids=lambda kind: kind.code)
def test_each_limit_holds_to_the_number(kind: type[LimitExceeded], monkeypatch: pytest.MonkeyPatch) -> None:
    if kind in FREE_OF:
        monkeypatch.setattr(FREE_OF[kind], "most", 2**40)
    assert refusal_of(AT_THE_LIMIT[kind](kind.most)) is None
    refusal = refusal_of(AT_THE_LIMIT[kind](kind.most + 1))
    assert type(refusal) is kind
    assert refusal.details == {"limit": kind.most, "found": kind.most + 1}


def test_each_limit_has_a_code_of_its_own_and_says_its_number_in_both_languages() -> None:
    kinds = LimitExceeded.__subclasses__()
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert kind.code.startswith("LIMIT_")
        for locale in LOCALES:
            said = GATEWAY.registry.catalogue.say(kind.code, locale, {"limit": 4321, "found": 8765})
            assert "4321" in said or kind is BatchRefused


PAGE = "query ($n: Int! = 5) { parkingMySpaces(first: $n) { edges { node { offers { stays { id } } id } } } %s }"
TWICE = PAGE % "more: parkingMySpaces(first: $n) { edges { node { offers { stays { id } } } } }"


def test_where_a_variable_decides_the_cost_is_judged_at_each_run() -> None:
    call: Any = SimpleNamespace(viewer=Viewer(roles=frozenset({"developer"})))
    operation = GATEWAY.find({"query": TWICE}, call)
    assert GATEWAY.find({"query": TWICE, "variables": {"n": 50}}, call) is operation
    with pytest.raises(TooCostly) as refused:
        GATEWAY.find({"query": TWICE, "variables": {"n": 100}}, call)
    assert refused.value.details["found"] > refused.value.details["limit"] == TooCostly.most


def test_where_no_variable_decides_it_is_judged_once() -> None:
    with pytest.raises(TooCostly):
        GATEWAY.lookup._prepared(TWICE.replace("($n: Int! = 5)", "").replace("$n", "100"), None)
    operation = GATEWAY.lookup._prepared(PAGE % "", None)
    assert operation not in GATEWAY.limits.by_variables
    GATEWAY.limits.check_run(operation, {"n": 100})


def test_a_query_that_is_forgotten_leaves_nothing_behind() -> None:
    before = len(GATEWAY.limits.by_variables)
    GATEWAY.lookup._prepared(TWICE, None)
    assert len(GATEWAY.limits.by_variables) == before


def test_nothing_is_served_whose_documents_are_beyond_the_limits() -> None:
    """Whatever their variables: a page has to fit even where it is full."""
    for body in (TWICE.replace("query", "query ParkingTwice"), AT_THE_LIMIT[TooBroad](101).replace("{", "query A {", 1)):
        with pytest.raises(ValueError, match=r"LIMIT_(COST|BREADTH)"):
            Gateway(GATEWAY.schema, Documents([Operation("x", "ParkingTwice", body)]), GATEWAY.registry)


HOSTILE = {
    "braces": "{" * 60_000, "brackets": "{a(b:" + "[" * 60_000, "comments": "#\n" * 30_000,
    "a string": '"""' + "a\n" * 30_000,
    "spreads": "{...F0}" + "".join(f"fragment F{i} on Query{{...F{i + 1} ...F{i + 1}}}" for i in range(1500)),
    "fields": "{" + "a " * 30_000 + "}", "aliases": "{" + " ".join(f"a{i}:__typename" for i in range(4000)) + "}",
    "a cycle": "{...A} fragment A on Query{...B} fragment B on Query{...A}", "a name": "{" + "a" * 60_000 + "}",
    "a number": "{ identityViewer(first: " + "9" * 60_000 + ") { id } }", "nothing": "", "a byte order mark": "\ufeff",
    "half a pair": '{ a(b: "\ud800") }', "a null": "{ \x00 }", "operations": "query A{a}" * 400}


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_sixty_kilobytes_of_anything_are_read_no_further_than_the_limits(
        query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted is what validation is given to see."""
    seen: list[int] = []

    def counted(schema: Any, document: DocumentNode) -> Any:
        seen.append(written(document))
        return validate(schema, document)
    monkeypatch.setattr(lookup, "validate", counted)
    with pytest.raises((LimitExceeded, QueryInvalid)):
        GATEWAY.lookup._prepared(query, None)
    assert sum(seen) < TooManyTokens.most


def test_braces_are_counted_before_anything_is_parsed() -> None:
    refusal = refusal_of("{a" * (DEEPEST_BRACES + 1))
    assert refusal is not None
    assert (refusal.code, refusal.details["found"]) == ("LIMIT_DEPTH", DEEPEST_BRACES + 1)


def test_comments_are_counted_before_they_are_passed_over() -> None:
    """So are the signs that begin them, wherever those are."""
    refusal = refusal_of("#\n" * 30_000 + "{ identityViewer { id } }")
    assert refusal is not None
    assert refusal.details == {"limit": 2000, "found": 30_000}
    assert refusal_of("#\n" * 2_000 + "{ identityViewer { id } }") is None


def test_what_developers_tools_ask_for_is_within_the_limits() -> None:
    options: dict[str, Any]
    for options in ({}, {"specified_by_url": True, "input_value_deprecation": True, "schema_description": True}):
        GATEWAY.lookup._prepared(get_introspection_query(**options), None)


def test_variables_may_be_twelve_deep_and_no_deeper() -> None:
    """The object of all variables is the first level, the innermost value the last."""
    deep: object = 1
    for _ in range(VariablesTooDeep.most - 2):
        deep = {"a": deep}
    check_variables({"v": deep})
    with pytest.raises(VariablesTooDeep):
        check_variables({"v": {"a": deep}})


def test_variables_may_hold_two_thousand_values_and_no_more() -> None:
    check_variables({"v": [[1]] * 900, "w": list(range(198))})
    with pytest.raises(TooManyVariables) as refused:
        check_variables({"v": [[1]] * 900, "w": list(range(199))})
    assert refused.value.details == {"limit": 2000, "found": 2001}


def test_the_depth_of_variables_is_found_without_a_stack() -> None:
    bottomless: list[object] = []
    for _ in range(100_000):
        bottomless = [bottomless]
    with pytest.raises(VariablesTooDeep):
        check_variables({"v": bottomless})
