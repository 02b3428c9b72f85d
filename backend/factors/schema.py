"""Second factors in GraphQL."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry import ID, Info

from factors import entry, service, store
from factors.models import Kind
from haian import fields
from haian.call import Call
from haian.ids import parse_id
from haian.rules import GIVEN, PUBLIC_OWN, SIGNED_IN, role

strawberry.enum(Kind, name="FactorKind")


@fields.object_type(allow=GIVEN)
class Factor:
    """A second factor of mine: a passkey by its name, or my recovery codes, of which so many are `left`. `suspended`: a copy
    of it was shown, it is good no more."""

    kind: Kind
    id: ID | None
    name: str
    since: datetime
    used_at: datetime | None
    left: int
    suspended: bool


@fields.object_type(allow=GIVEN)
class FactorVouched:
    """`helper`, a guardian or delegate of mine, says that I am the one who signs in on the new `device`, from when on."""

    id: ID
    device: str
    helper: str
    ready_at: datetime


@fields.object_type(allow=GIVEN)
class FactorVouch:
    """I have said who somebody is: from when on it counts."""

    ready_at: datetime


@strawberry.type
class Query:
    @fields.field(allow=SIGNED_IN)
    def factors_vouched(self) -> list[FactorVouched]:
        """Who says that it is me on a new device; I can stop it."""
        return store.vouched()

    @fields.field(allow=SIGNED_IN)
    def factors_mine(self) -> list[Factor]:
        """With what I can show that it is me: my passkeys, then my recovery codes."""
        return store.mine()


@strawberry.type
class Mutation:
    """What a browser is asked and what it answers travels as JSON text: it is WebAuthn's own."""

    @fields.mutation(allow=SIGNED_IN, recent="if held", unagreed=True)
    async def factors_register_options(self, info: Info[Call, None]) -> str:
        """By what the browser makes a passkey: options of `navigator.credentials.create`, good once, for 5 minutes."""
        return await service.register_options(info.context)

    @fields.mutation(allow=SIGNED_IN, recent="if held", unagreed=True)
    async def factors_register(self, info: Info[Call, None], answer: str, name: str) -> bool:
        """Keep the passkey that was made. With one there already, it wants a recent factor."""
        return await service.register(info.context, answer, name)

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def factors_rename(self, info: Info[Call, None], id: ID, name: str) -> bool:
        return await service.rename(info.context, parse_id(id, "id"), name)

    @fields.mutation(allow=SIGNED_IN, recent=True, unagreed=True)
    async def factors_remove(self, info: Info[Call, None], id: ID) -> bool:
        return await service.remove(info.context, parse_id(id, "id"))

    @fields.mutation(allow=SIGNED_IN, recent="if held", unagreed=True)
    async def factors_recovery_codes(self, info: Info[Call, None]) -> list[str]:
        """Ten new recovery codes, shown this once. With a factor there already, it wants one that is recent."""
        return await service.make_recovery_codes(info.context)

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def factors_step_up_options(self, info: Info[Call, None]) -> str:
        """By what the browser shows a passkey of mine; empty where I have recovery codes alone."""
        return await service.step_up_options(info.context)

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def factors_step_up(self, info: Info[Call, None], answer: str = "", code: str = "") -> bool:
        """Show a passkey or a recovery code: for 5 minutes I may do what wants a recent factor."""
        return await service.step_up(info.context, answer, code)

    @fields.mutation(allow=PUBLIC_OWN, unagreed=True)
    async def factors_sign_in_options(self, info: Info[Call, None]) -> str:
        """By what this browser shows whichever passkey it has here: for signing in with nothing else."""
        return await entry.options(info.context)

    @fields.mutation(allow=PUBLIC_OWN, unagreed=True)
    async def factors_sign_in(self, info: Info[Call, None], answer: str, device: str = "") -> ID:
        """Sign in by a passkey; returns the citizen."""
        return ID(str(await entry.sign_in(info.context, answer, device)))

    @fields.mutation(allow=PUBLIC_OWN, unagreed=True)
    async def factors_complete(self, info: Info[Call, None], code: str) -> ID:
        """Who is held at sign-in in this browser shows a recovery code; returns the citizen."""
        return ID(str(await entry.complete(info.context, code)))

    @fields.mutation(allow=PUBLIC_OWN, unagreed=True)
    async def factors_ask_help(self, info: Info[Call, None]) -> str:
        """Who is held at sign-in in this browser gets a number to say at a staff desk."""
        return await entry.ask_help(info.context)

    @fields.mutation(allow=PUBLIC_OWN, unagreed=True)
    async def factors_helped(self, info: Info[Call, None], number: str = "") -> ID:
        """Go on, once a desk or the family has helped; returns the citizen. `number`: what was said there."""
        return ID(str(await entry.helped(info.context, number)))

    @fields.mutation(allow=SIGNED_IN, recent=True)
    async def factors_vouch(self, info: Info[Call, None], number: str) -> FactorVouch:
        """Somebody whose guardian or delegate I am reads me a number from their new device: I say that it is them."""
        return FactorVouch(ready_at=await entry.vouch(info.context, number))

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def factors_stop_help(self, info: Info[Call, None], id: ID) -> list[FactorVouched]:
        """It is not me on that new device: nobody comes in by that."""
        return await entry.stop(info.context, parse_id(id, "id"))

    @fields.mutation(allow=role("desk_officer"), recent=True)
    async def factors_give_help(self, info: Info[Call, None], number: str, card: str) -> bool:
        """The number that somebody says at the desk, and that on the citizen ID card which lies there: where it is the
        account's, its owner is let in. The officer is shown nothing of the account."""
        return await entry.give_help(info.context, number, card)
