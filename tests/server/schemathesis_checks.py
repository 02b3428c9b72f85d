"""What Schemathesis checks in each answer (it is told by SCHEMATHESIS_HOOKS): an answer or a coded refusal, no more."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes
from tests.server.leaks import leak_in

schemathesis.graphql.scalar("CitizenId", st.one_of(st.uuids().map(str), st.text()).map(nodes.String))


@schemathesis.check
def answered_or_refused_by_name(ctx: Any, response: Any, case: Any) -> None:
    """A GraphQL answer whose errors all have a code, none of which is a fault of ours."""
    assert response.status_code < 500, "the server failed"
    leak = leak_in(response.text)
    assert leak is None, f"the answer tells of the inside: {leak}"
    codes = {error["extensions"]["code"] for error in response.json().get("errors", ())}
    assert not codes & {"INTERNAL", "UNAVAILABLE"}, "a fault, not a refusal"
