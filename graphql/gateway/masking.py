"""Errors as a client sees them: a declared code with its sentence, or INTERNAL, and the log whole."""

from __future__ import annotations

from typing import Any

import structlog
from graphql import GraphQLError
from redis.exceptions import RedisError

from haian.db import LOST, UNSTORABLE, is_mistake
from haian.errors import Catalogue, InvalidArgument, PublicError, Unavailable

log = structlog.get_logger()
EXTENSIONS = {"argument": "argument", "retry_after": "retryAfter", "limit": "limit", "found": "found",
              "challenge": "challenge", "offline": "offline"}


def public(error: GraphQLError, catalogue: Catalogue, locale: str) -> dict[str, Any]:
    """One error of an answer (GraphQL, October 2021, §7.1.2). `extensions.code` is never renamed."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error:
        cause = cause.original_error
    if isinstance(cause, GraphQLError):
        answer: dict[str, Any] = {"message": cause.message, "extensions": {"code": "GRAPHQL_INVALID"}}
    else:
        refusal = as_public(cause)
        answer = said(refusal, catalogue, locale)
        if refusal.code in ("INTERNAL", "UNAVAILABLE"):
            log.error("gateway.failed", code=refusal.code, path=".".join(map(str, error.path or ())), exc_info=cause)
    if error.path:
        answer["path"] = list(error.path)
    return answer


def as_public(error: BaseException) -> PublicError:
    if isinstance(error, PublicError):
        return error
    if isinstance(error, UNSTORABLE):
        return InvalidArgument()
    if isinstance(error, (RedisError, *LOST)) and not is_mistake(error):
        return Unavailable()
    return PublicError()


def said(refusal: PublicError, catalogue: Catalogue, locale: str) -> dict[str, Any]:
    """A refusal in the reader's language, with its code and what a client may act on."""
    extensions = {public: refusal.details[name] for name, public in EXTENSIONS.items() if name in refusal.details}
    return {"message": catalogue.say(refusal.code, locale, refusal.details),
            "extensions": {"code": refusal.code, **extensions}}
