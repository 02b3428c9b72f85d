"""What a service returned is read off only where there is nothing else to do, and never against its type."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLInt, GraphQLString, OperationType
from tests.clients import Served

from gateway.completion import plainly
from gateway.composition import compose
from gateway.documents import Documents
from gateway.execution import Gateway
from gateway.shapes import NotPlain, Shape, shaped
from server.apps import registry

LEAVES: Any = [("number", "nth", GraphQLInt.serialize, False), ("word", "said", GraphQLString.serialize, True)]


def test_plain_values_are_read_off() -> None:
    assert plainly(LEAVES, SimpleNamespace(nth=3, said=None)) == {"number": 3, "word": None}


@pytest.mark.parametrize("nth", [None, "x", 2**40])
def test_what_is_not_as_its_type_says_is_left_to_completion(nth: Any) -> None:
    assert plainly(LEAVES, SimpleNamespace(nth=nth, said="a")) is None


def test_what_a_resolver_answers_is_shown_at_once_or_left_whole() -> None:
    word = Shape(True, GraphQLString.serialize)
    fact = Shape(False, fields=(("said", lambda source, _: source.said, word), ("label", lambda *_: "a label", word)))
    facts: Any = Shape(False, items=fact)
    call: Any = None
    assert shaped(facts, [SimpleNamespace(said=None)], call) == [{"said": None, "label": "a label"}]
    for odd in (None, [None], [LookupError()], "text", [SimpleNamespace(said=object())]):
        with pytest.raises((NotPlain, GraphQLError)):
            shaped(facts, odd, call)


async def test_a_mutation_answers_the_same_by_whatever_name_and_with_its_type(shared: Served) -> None:
    developer = await shared.signed_in("developer")
    answer = await developer.http.post("/graphql", json={
        "query": "mutation { a: onecodeIssue { text short size } b: onecodeIssue { __typename text } }"})
    said = answer.json()["data"]
    assert (said["a"].keys(), said["a"]["size"], len(said["a"]["text"])) == ({"text", "short", "size"}, 25, 29)
    assert (said["b"]["__typename"], len(said["b"]["text"])) == ("OnecodeCode", 29)


def test_only_what_changes_redis_alone_waits_with_those_who_read() -> None:
    gateway = Gateway(compose(registry()), Documents.load(), registry())
    named = {operation.name: operation for operation in gateway.documents.by_id.values()}
    assert [name for name, operation in named.items() if operation.type is OperationType.MUTATION
            and not gateway.writes(operation)] == ["OnecodeIssue"]
    assert not gateway.writes(named["OnecodeMine"])
    assert gateway.writes(replace(named["OnecodeIssue"], id="own")), "of a developer's own nobody knows"
    assert gateway.writes(named["OnecodeIssue"], acting=True) and not gateway.writes(named["OnecodeMine"], acting=True)
