"""How a field is retired: `deprecation_reason="2027-06-01: use parkingFree"`, the day from which nobody may ask for it.

Until that day a trusted document that uses it is warned of; from that day on it fails the check. A field past its day that
no document uses may go. The same holds for arguments, input fields and values of an enum.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from graphql import ArgumentNode, GraphQLError, GraphQLSchema, NoDeprecatedCustomRule, validate

from gateway.documents import Operation

REASON = re.compile(r"(\d{4}-\d{2}-\d{2}): .+", re.S)
SAID = re.compile(r"(.+?) is deprecated\. (.+)", re.S)


class Uses(NoDeprecatedCustomRule):
    """The library's rule, whose sentence about an argument needs a schema that was parsed from text."""

    def enter_argument(self, node: ArgumentNode, *_args: Any) -> None:
        argument, field = self.context.get_argument(), self.context.get_field_def()
        if argument and field and argument.deprecation_reason is not None:
            parent = self.context.get_parent_type()
            name = next((name for name, each in getattr(parent, "fields", {}).items() if each is field), "")
            self.report_error(GraphQLError(f"The argument {parent}.{name}({node.name.value}:) is deprecated. "
                                           f"{argument.deprecation_reason}", node))


@dataclass(frozen=True)
class Found:
    """A sentence about something retired; `over`: it fails the check."""

    sentence: str
    over: bool


def found_in(schema: GraphQLSchema, operations: Iterable[Operation], today: date) -> Iterator[Found]:
    """What is retired without a day, and what trusted documents use of the rest."""
    wrong = [(name, reason) for name, reason in retired(schema) if day_of(reason) is None]
    yield from (Found(f"{name} is deprecated without a day: “{reason}” should begin like “2027-06-01: use …”", True)
                for name, reason in wrong)
    for operation in operations:
        for error in validate(schema, operation.document, [Uses]):
            match = SAID.fullmatch(error.message)
            day = day_of(match[2]) if match else None
            if match and day:
                what = f"{operation.name} uses {match[1].removeprefix('The ')}"
                yield Found(f"{what}, which {'was' if day <= today else 'is'} retired on {match[2]}", day <= today)


def day_of(reason: str) -> date | None:
    """The day in a reason; None where it has none."""
    match = REASON.fullmatch(reason)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def retired(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """All that is deprecated in the schema, with its reason."""
    for type_ in schema.type_map.values():
        members: dict[str, Any] = {} if type_.name.startswith("__") else (
            getattr(type_, "fields", None) or getattr(type_, "values", None) or {})
        for name, member in members.items():
            if member.deprecation_reason is not None:
                yield f"{type_.name}.{name}", member.deprecation_reason
            yield from ((f"{type_.name}.{name}({argument}:)", given.deprecation_reason)
                        for argument, given in getattr(member, "args", {}).items() if given.deprecation_reason is not None)
