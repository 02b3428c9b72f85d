"""Trusted documents: named by their app, known by the hash of their text, checked against the schema at start."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from graphql import FragmentDefinitionNode, parse

from gateway.composition import acting, compose
from gateway.documents import FOLDER, MANIFEST, Documents, Operation, manifest_text, read_folder
from gateway.execution import Gateway
from server.apps import registry

LOADED = Documents.load()


def test_the_manifest_is_current() -> None:
    assert MANIFEST.read_text(encoding="utf-8") == manifest_text(acting(compose(registry())))


def test_an_id_is_the_sha256_of_the_text() -> None:
    """GraphQL over HTTP, persisted documents: the client's build and the server agree without speaking."""
    for operation in LOADED.by_id.values():
        assert operation.id == hashlib.sha256(operation.body.encode()).hexdigest()


def test_the_manifest_has_apollos_form() -> None:
    given = json.loads(MANIFEST.read_text(encoding="utf-8"))
    assert (given["format"], given["version"]) == ("apollo-persisted-query-manifest", 1)
    assert all(set(entry) == {"id", "name", "type", "body"} for entry in given["operations"])


def test_each_operation_is_whole_and_needed_fragments_come_once() -> None:
    for operation in LOADED.by_id.values():
        document = parse(operation.body)
        fragments = [node.name.value for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
        assert len(fragments) == len(set(fragments))
        assert all(f"...{name}" in operation.body for name in fragments)


WRONG = {
    "no name": "query { a }", "the name of another app": "query OtherFind { a }",
    "said twice": "query ShopFind { a } query ShopFind { b }",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_an_operation_is_refused_that_has(tmp_path: Path, text: str) -> None:
    (tmp_path / "shop.graphql").write_text(text)
    with pytest.raises(ValueError, match=r"shop\.graphql"):
        list(read_folder(tmp_path))


def test_fragments_of_fragments_travel_with_the_operation(tmp_path: Path) -> None:
    (tmp_path / "shop.graphql").write_text(
        "fragment A on T { x ...B } fragment B on T { y } fragment Unused on T { z } query ShopFind { t { ...A } }")
    [operation] = read_folder(tmp_path)
    assert "fragment A" in operation.body and "fragment B" in operation.body and "Unused" not in operation.body


def test_nothing_is_served_whose_documents_do_not_fit_the_schema() -> None:
    body = "query ShopFind { nothingOfTheKind }"
    with pytest.raises(ValueError, match="ShopFind"):
        Gateway(compose(registry()), Documents([Operation("x", "ShopFind", body)]), registry())


def test_every_noun_with_a_schema_has_its_documents() -> None:
    assert {file.stem for file in FOLDER.glob("*.graphql")} >= {app.noun for app in registry().apps}


@pytest.mark.parametrize(("asked", "writes"), [
    ("mutation { onecodeIssue { __typename } }", False),
    ("mutation { onecodeIssue { __typename } identitySignOut }", True),
    ("mutation { ...M } fragment M on Mutation { identitySignOut }", True),
    ("{ identityViewer { id } }", False)])
def test_only_what_is_brief_throughout_waits_with_those_who_read(asked: str, writes: bool) -> None:
    """Where that cannot be seen in its root fields, it is not."""
    operation = Operation("0", "OnecodeIssue", asked)
    gateway = Gateway(compose(registry()), Documents([operation]), registry())
    assert gateway.writes(operation) is writes
