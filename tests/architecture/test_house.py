"""The house is as DESIGN draws it. What each check looks for is in the module it comes from."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from tests.architecture import anatomy, docs, sql, texts
from tests.architecture.house import House

from gateway.composition import OPERATIONS, compose, rules
from haian.settings import PROJECT
from server.apps import registry

HOUSE = House(PROJECT)
CHECKS: dict[str, Callable[[House], Iterable[str]]] = {
    "each noun has exactly the files of the anatomy": anatomy.faults_in_nouns,
    "one noun names everything": anatomy.faults_in_names,
    "the top level is fixed": anatomy.faults_at_the_top,
    "import-linter holds every package": anatomy.faults_in_contracts,
    "no module has a name that says nothing": anatomy.faults_in_module_names,
    "functions and modules are short": anatomy.faults_in_sizes,
    "a declared read is one line": anatomy.faults_in_resolvers,
    "a declared read hands columns on": anatomy.faults_in_reads,
    "who may is said by a rule": anatomy.faults_in_posts,
    "a refusal is seen": anatomy.faults_in_refusals,
    "migrations are numbered without a gap": anatomy.faults_in_migrations,
    "nothing is skipped, put off or slept through": anatomy.faults_in_tests,
    "SQL stands in store.py": sql.faults_in_place,
    "SQL stays in its schema": sql.faults_in_reach,
    "migrations stay in their schema": sql.faults_in_migrations,
    "what the catalogue promises is kept": sql.faults_in_promises,
    "the clock tells the time, not the database": sql.faults_in_time,
    "every code has its sentence and every sentence its code": texts.faults_in_codes,
    "every sentence is in Chinese and in English": texts.faults_in_sentences,
    "what a person reads is in a catalogue": texts.faults_in_code,
    "every link of what is written leads somewhere": docs.faults_in_links,
    "every command that is written is there": docs.faults_in_commands,
    "every file that is written of is there": docs.faults_in_paths,
    "what the operator reads is said, and what is said is there": texts.faults_in_use,
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_of_the_sources(check: Callable[[House], Iterable[str]]) -> None:
    assert not list(check(HOUSE))


def test_imports_follow_one_arrow() -> None:
    said = subprocess.run([f"{sys.prefix}/bin/lint-imports", "--no-cache"], cwd=PROJECT, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout


def test_every_field_of_the_schema_has_a_rule() -> None:
    assert not [name for name, rule in rules(compose(registry())) if rule is None]


def test_every_operation_begins_with_its_noun() -> None:
    """`live` is one for all: what happens to me. `home` is made of all of them. `node` is Relay's word."""
    nouns = ("home", "live", "node", *HOUSE.nouns)
    named = (name.split(".") for name, _ in rules(compose(registry())))
    assert not [field for type_, field in named if type_ in OPERATIONS and not field.startswith(nouns)]


def test_what_a_noun_offers_is_said_in_both_languages() -> None:
    """Message types, facts and services; a time is the same word in both."""
    offers = [(app.noun, said) for app in registry().apps for said in texts_in(app.providers)]
    assert not [f"{noun}: {fault}" for noun, said in offers for fault in texts.faults_of(said)]


def texts_in(offer: Any) -> Iterable[dict[str, str]]:
    """The texts of what a noun offers, wherever they are in it."""
    if isinstance(offer, dict) and set(offer) & set(texts.LANGUAGES):
        yield offer
    elif isinstance(offer, tuple | list):
        for part in offer:
            yield from texts_in(part)
    elif is_dataclass(offer):
        for field in fields(offer):
            yield from texts_in(getattr(offer, field.name))
