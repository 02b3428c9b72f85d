"""Which operation a request means: a trusted document by its id or hash, or a developer's own query by its text or hash.

A hash is Apollo's (`extensions.persistedQuery`: version 1 and the SHA-256 of the text), and that of a trusted document is
its id. Apollo Client sends the hash alone, and after PERSISTED_QUERY_NOT_FOUND once more with the text; who is no developer
then hears DOCUMENT_REQUIRED. PERSISTED_QUERY_NOT_SUPPORTED is never said: that client would send texts only from then on.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, separate_operations, validate

from gateway.documents import Documents, Operation
from gateway.limits import Limits, check_text
from haian.call import Call
from haian.errors import PublicError

KEPT = 500
KEPT_TEXT = 500_000
"""Characters of all kept queries together: what is made of them takes a hundred times as much."""
Given = Mapping[str, Any]


class DocumentUnknown(PublicError):
    """No trusted document has this id: the page is older or newer than the server."""

    code = "DOCUMENT_UNKNOWN"
    status = 400


class DocumentRequired(PublicError):
    """A raw query from somebody who is no developer."""

    code = "DOCUMENT_REQUIRED"
    status = 400


class DocumentMismatch(PublicError):
    """The text is not the one whose hash or id came with it."""

    code = "DOCUMENT_MISMATCH"
    status = 400


class PersistedQueryNotFound(PublicError):
    """No document with this hash is known here: the client may send its text."""

    code = "PERSISTED_QUERY_NOT_FOUND"
    status = 400


class QueryInvalid(PublicError):
    """The query does not parse or does not fit the schema; `errors` say where."""

    code = "GRAPHQL_INVALID"
    status = 400


class Lookup:
    """The trusted documents, and the queries that developers sent last, parsed and validated once. `forgotten` hears of each
    that is not kept any more."""

    def __init__(self, core: GraphQLSchema, documents: Documents, limits: Limits,
                 forgotten: Callable[[Operation], None] = lambda _: None) -> None:
        self.core, self.documents, self.limits, self.forgotten = core, documents, limits, forgotten
        self.queries: OrderedDict[tuple[str, str | None], Operation] = OrderedDict()
        self.text = 0

    def find(self, given: Given, call: Call) -> Operation:
        """The operation of a request's parameters. DocumentUnknown, DocumentRequired, DocumentMismatch, QueryInvalid,
        PersistedQueryNotFound."""
        id_, hash_, query = given.get("documentId"), hash_of(given), given.get("query")
        name = given.get("operationName")
        if id_ is None and hash_ is None:
            return self._query(query, name, call)
        query = query or None  # graphql-ws wants a text, which may be empty where a document is named otherwise
        wanted = id_.removeprefix("sha256:") if id_ is not None else hash_ or ""
        if (query is not None and sha256(query) != wanted) or (hash_ is not None and hash_ != wanted):
            raise DocumentMismatch
        if found := self.documents.by_id.get(wanted):
            return found
        if query is not None:
            return self._query(query, name, call)
        if may_query(call) and (wanted, name) in self.queries:
            return self._kept(wanted, name)
        raise DocumentUnknown if hash_ is None else PersistedQueryNotFound

    def meant(self, given: Given) -> Operation | None:
        """The trusted document that is asked for, before it is known who asks. DocumentMismatch for a hash that is none."""
        id_ = given.get("documentId") or hash_of(given) or ""
        return self.documents.by_id.get(id_.removeprefix("sha256:"))

    def _query(self, query: str | None, name: str | None, call: Call) -> Operation:
        if query is None or not may_query(call):
            raise DocumentRequired
        hash_ = sha256(query)
        if (hash_, name) not in self.queries:
            self.queries[hash_, name] = self._prepared(query, name)
            self.text += len(query)
            while len(self.queries) > KEPT or (self.text > KEPT_TEXT and len(self.queries) > 1):
                _, oldest = self.queries.popitem(last=False)
                self.text -= len(oldest.body)
                self.forgotten(oldest)
        return self._kept(hash_, name)

    def _kept(self, hash_: str, name: str | None) -> Operation:
        self.queries.move_to_end((hash_, name))
        return self.queries[hash_, name]

    def _prepared(self, query: str, name: str | None) -> Operation:
        """A developer's own query. LimitExceeded; QueryInvalid with everything that is wrong with it."""
        try:
            check_text(query)
            document = parse(query, no_location=True)
            self.limits.check(document)
            if errors := validate(self.core, document):
                raise QueryInvalid(errors=[error.message for error in errors])
            operation = Operation("", name or "", query, chosen(document, name))
            self.limits.check_cost(operation)
            return operation
        except (GraphQLError, RecursionError, ValueError) as error:
            raise QueryInvalid(errors=[str(error)]) from None


def may_query(call: Call) -> bool:
    """Whether a raw query is taken: a developer's, or one that the router made of a trusted document."""
    return call.viewer.by_router or "developer" in call.viewer.roles


def chosen(document: DocumentNode, name: str | None) -> DocumentNode:
    """The one operation of a document that is to be run, with its fragments (GraphQL, §6.1). ValueError where it has none
    of that name, or several and no name was given."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    named = [node for node in operations if name in (None, "", node.name.value if node.name else None)]
    if len(named) != 1:
        raise ValueError("one operation expected")
    return separate_operations(document)[named[0].name.value if named[0].name else ""]


def hash_of(given: Given) -> str | None:
    """The hash of Apollo's automatic persisted queries; None where the request has none. DocumentMismatch where it is no
    SHA-256 of version 1: nothing can match it."""
    extension = (given.get("extensions") or {}).get("persistedQuery")
    if extension is None:
        return None
    hash_ = extension.get("sha256Hash") if isinstance(extension, dict) and extension.get("version") == 1 else None
    if not isinstance(hash_, str) or not re.fullmatch("[0-9a-f]{64}", hash_):
        raise DocumentMismatch
    return hash_


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
