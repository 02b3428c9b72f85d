"""What a plan trusts: that no column is null which must not be, that a word is one of its enum, that a row's rules hold.

All of it is asked in one test for each object, in the place of a test for each field: nearly every object passes. Where
one does not, the statement leaves a doubt, and the document is run by a careful plan, which says what is wrong with which
field.
"""

from __future__ import annotations

from typing import Any

from graphql import GraphQLEnumType, get_nullable_type, is_non_null_type

from gateway.origins import Columns
from gateway.spelling import cast, literal, words
from haian import citizens

IDS = {"ID", citizens.NAME}
DOUBT = '{"!":-1}'


class Doubted(Exception):
    """An object was not as a plan trusts that it is."""


class Trust:
    """What is asked of one object: nothing that the catalogue promises of its columns."""

    def __init__(self, promised: Columns) -> None:
        self.promised = promised
        self.required: dict[str, None] = {}
        self.conditions: dict[str, None] = {}

    def holds(self, condition: str) -> None:
        self.conditions[condition] = None

    def column(self, name: str, column: str, type_: Any) -> str:
        """A column of the object, to be as its GraphQL type says. NotCompiled."""
        nullable, required = get_nullable_type(type_), is_non_null_type(type_)
        if required and name not in self.promised.present:
            self.required[column] = None
        if isinstance(nullable, GraphQLEnumType):
            return self.word(name, column, words(nullable))
        if str(nullable) in IDS and name in self.promised.uuids:
            return column
        return cast(column, nullable)

    def word(self, name: str, column: str, names: dict[str, str]) -> str:
        """A column that holds a word of an enum, or nothing."""
        promised = self.promised.words.get(name)
        if promised is None or not promised <= names.keys():
            self.holds(f"({column} IN ({', '.join(map(literal, names))})) IS NOT FALSE")
        if all(word == name for word, name in names.items()):
            return column
        return f"CASE {column} {' '.join(f'WHEN {literal(word)} THEN {literal(name)}' for word, name in names.items())} END"

    def guard(self, value: str) -> str:
        """The object, or a doubt."""
        tests = [f"({condition})" for condition in self.conditions]
        if len(self.required) == 1:
            tests += [f"{column} IS NOT NULL" for column in self.required]
        elif self.required:
            tests.append(f"num_nulls({', '.join(self.required)}) = 0")
        return f"CASE WHEN {' AND '.join(tests)} THEN {value} ELSE '{DOUBT}'::json END" if tests else value
