"""The terms: whoever changes something has agreed to those that bind.

Reading what is one's own, taking back and leaving stay open to whoever has not (`fields.mutation(unagreed=True)`); every
other mutation refuses. `haian.terms_bind` says from when a citizen is bound by what they have not agreed to. That is asked
once an hour: a version binds 7 days after it was published or later, so nothing can become binding within the hour.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from haian.call import Call
from haian.errors import TermsNeeded
from haian.reads import sql

NEVER = datetime.max.replace(tzinfo=UTC)


@sql
def bind(citizen: UUID) -> Any:
    "haian.terms_bind({citizen}, {now})"


async def check(call: Call) -> None:
    """TermsNeeded where the viewer, or whose token a mini-app has, has not agreed to the terms that bind now. Nobody in
    particular is bound by none."""
    who, now, agreed = call.viewer.id, call.clock.now(), call.platform.agreed
    if who is None or agreed.is_known(who, now):
        return
    bound: datetime = await call.value(bind(who)) or NEVER
    if bound <= now:
        raise TermsNeeded
    agreed.learn(who, now, bound)
