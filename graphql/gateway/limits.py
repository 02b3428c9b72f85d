"""The one place that limits what a request may cost before anything of it is executed.

A raw query is judged once, in this order, each step in time linear in its text: its tokens, before it is parsed; its measure
and its cost, before it is validated; and where only variables can tell what it costs, before each run. A trusted document is
judged when the server starts, and has to be within the limits with whatever variables.
"""

from __future__ import annotations

from typing import Any, ClassVar
from weakref import WeakSet

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    GraphQLSyntaxError,
    Lexer,
    Source,
    TokenKind,
)

from gateway.cost import Till, cost_of
from gateway.documents import Operation
from gateway.measure import Ruler
from haian.errors import PublicError

LARGEST_BODY = 64 * 1024
DEEPEST_BRACES = 100
PARAMETERS = {"documentId": str, "query": str, "operationName": str, "variables": dict, "extensions": dict}


class TooLarge(PublicError):
    """The body, or what a websocket sent at once, has more bytes than are read."""

    code = "TOO_LARGE"
    status = 413


class LimitExceeded(PublicError):
    """One of the limits. `limit` is the most that is allowed; `found` what there is, or where counting stopped."""

    status = 400
    most: ClassVar[int]

    @classmethod
    def check(cls, found: int) -> None:
        if found > cls.most:
            raise cls(limit=cls.most, found=found)


class BatchRefused(LimitExceeded):
    """Several requests in one: send them one by one, a connection carries many at once."""

    code = "LIMIT_BATCH"
    most = 1


class TooManyTokens(LimitExceeded):
    """The query has too many words and signs. Counting stops at the limit."""

    code = "LIMIT_TOKENS"
    most = 2000


class TooManyFragments(LimitExceeded):
    """The query defines too many fragments."""

    code = "LIMIT_FRAGMENTS"
    most = 50


class TooDeep(LimitExceeded):
    """Fields within fields, their fragments in place."""

    code = "LIMIT_DEPTH"
    most = 16


class TooBroad(LimitExceeded):
    """Fields beside one another in one object, fragments in place."""

    code = "LIMIT_BREADTH"
    most = 100


class TooManyRootFields(LimitExceeded):
    """Fields of the operation itself, fragments in place."""

    code = "LIMIT_ROOT_FIELDS"
    most = 20


class TooManyFields(LimitExceeded):
    """All fields of the operation, fragments in place as often as they are spread."""

    code = "LIMIT_FIELDS"
    most = 1000


class TooManyAliases(LimitExceeded):
    """Fields under another name, fragments in place as often as they are spread."""

    code = "LIMIT_ALIASES"
    most = 50


class TooManyDirectives(LimitExceeded):
    """Directives, fragments in place as often as they are spread."""

    code = "LIMIT_DIRECTIVES"
    most = 50


class IntrospectionTooDeep(LimitExceeded):
    """Lists of the schema's types within one another, such as the fields of the types of fields."""

    code = "LIMIT_INTROSPECTION"
    most = 2


class TooCostly(LimitExceeded):
    """What the operation may cost (docs/limits.md): ask for fewer things, or for a shorter page."""

    code = "LIMIT_COST"
    most = 20_000


class VariablesTooDeep(LimitExceeded):
    """Values within values in the variables, the object of all being the first level. Counting stops at the limit."""

    code = "LIMIT_VARIABLES_DEPTH"
    most = 12


class TooManyVariables(LimitExceeded):
    """All values in the variables, those within lists and objects included."""

    code = "LIMIT_VARIABLES_SIZE"
    most = 2000


def is_shaped(given: dict[str, Any]) -> bool:
    """Whether each parameter of a request is of its type or null (GraphQL over HTTP, §5.1)."""
    for name, value in given.items():
        if value is not None and name in PARAMETERS and not isinstance(value, PARAMETERS[name]):
            return False
    return True


def check_variables(variables: dict[str, Any]) -> None:
    """VariablesTooDeep, TooManyVariables. Visits each value once and needs no stack."""
    if not variables:
        return
    level: list[Any] = [variables]
    values = 0
    for _ in range(VariablesTooDeep.most):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
        values += len(level)
        TooManyVariables.check(values)
    raise VariablesTooDeep(limit=VariablesTooDeep.most, found=VariablesTooDeep.most + 1)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def check_text(query: str) -> None:
    """TooManyTokens, TooDeep for what a parser should not see. What does not even have tokens is left to the parser.
    Comments are no tokens and take as long to pass over."""
    TooManyTokens.check(query.count("#"))
    lexer, tokens, braces = Lexer(Source(query)), 0, 0
    try:
        while (kind := lexer.advance().kind) is not TokenKind.EOF:
            tokens += 1
            braces += (kind is TokenKind.BRACE_L) - (kind is TokenKind.BRACE_R)
            TooManyTokens.check(tokens)
            if braces > DEEPEST_BRACES:
                raise TooDeep(limit=TooDeep.most, found=braces)
    except GraphQLSyntaxError:
        return


class Limits:
    """Judges operations against a schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.by_variables: WeakSet[Operation] = WeakSet()

    def check(self, document: DocumentNode) -> None:
        """LimitExceeded for a document that may never be run. To be called before it is validated, which takes longer than
        this the more fields of one name there are."""
        TooManyFragments.check(sum(isinstance(node, FragmentDefinitionNode) for node in document.definitions))
        for found in Ruler(document).operations():
            TooDeep.check(found.depth)
            TooManyRootFields.check(found.width)
            TooBroad.check(found.breadth)
            TooManyFields.check(found.fields)
            TooManyAliases.check(found.aliases)
            TooManyDirectives.check(found.directives)
            IntrospectionTooDeep.check(found.introspection)

    def check_cost(self, operation: Operation) -> None:
        """TooCostly for an operation that is too costly with whatever variables; those of which it depends on them are kept
        in mind for `check_run`."""
        most = Till(self.schema, operation, None)
        if most.total() <= TooCostly.most:
            return
        if not most.by_variable:
            TooCostly.check(cost_of(self.schema, operation))
        self.by_variables.add(operation)

    def check_trusted(self, operation: Operation) -> None:
        """ValueError for a trusted document beyond the limits, whatever its variables."""
        try:
            check_text(operation.body)
            self.check(operation.document)
            self.check_cost(operation)
            if operation in self.by_variables:
                TooCostly.check(cost_of(self.schema, operation))
        except LimitExceeded as refusal:
            found, most = refusal.details["found"], refusal.details["limit"]
            raise ValueError(f"{operation.name}: {refusal.code}, {found} where {most} is the most") from None

    def check_run(self, operation: Operation, variables: dict[str, Any]) -> None:
        """TooCostly where these variables make it so. Nothing is counted where no variables can."""
        if operation in self.by_variables:
            TooCostly.check(cost_of(self.schema, operation, variables))
