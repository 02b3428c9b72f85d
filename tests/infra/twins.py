"""The same question to two products with the same demo data, and whether they answer the same."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.clients import DOCUMENTS, PHONES, Phone, Served
from tests.gateway.equal import place

from identity.sms import OutboxSender

MADE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
READ_OFF_A_CLOCK = re.compile(r"(\d{4}-\d\d-\d\dT\d\d):\d\d:(?!00\+)\d\d(?:\.\d+)?\+00:00")
ITS_OWN = {"cursor", "startCursor", "endCursor", "text", "short", "modules", "factorsRegisterOptions",
           "factorsStepUpOptions", "factorsRecoveryCodes", "factorsSignInOptions"}
"""What each server makes by itself: cursors have ids and times in them, a code is random."""


@dataclass(frozen=True)
class Two:
    """What the plain product and the one of many servers said, or what each is to be asked with."""

    plain: Any
    scaled: Any

    def each(self, of: Callable[[Any], Any]) -> Two:
        return Two(of(self.plain), of(self.scaled))


class Browser(Phone):
    """A phone whose one-time code is looked up behind the scenes: a router has no demo pages."""

    async def sign_in(self, phone: str) -> None:
        for counted in await self.served.platform.redis.keys("haian:rate:*"):
            await self.served.platform.redis.delete(counted)
        await self.ask("IdentityRequestCode", phone=phone)
        code = await OutboxSender(self.served.platform.redis).last(phone)
        self.id = (await self.ask("IdentitySignIn", phone=phone, code=code, device="test"))["id"]


@dataclass
class Twins:
    """Both products, with phones for everybody. `differences`: what was answered otherwise; `asked`: which documents;
    `answered`: which of them not by a refusal alone."""

    plain: Served
    scaled: Served
    settle: Callable[[], Awaitable[None]]
    phones: dict[str, Two] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    differences: list[str] = field(default_factory=list)

    async def of(self, who: str) -> Two:
        """The phones of a demo account, signed in at both; of "nobody" too."""
        if who not in self.phones:
            self.phones[who] = two = Two(*(Browser(served, served.phone().http) for served in (self.plain, self.scaled)))
            two.scaled.http.headers["X-Haian-Address"] = two.plain.http.headers["X-Haian-Address"]
            if who != "nobody":
                for phone in (self.phones[who].plain, self.phones[who].scaled):
                    await phone.sign_in(PHONES.get(who, who))
                await self.settle()
        return self.phones[who]

    async def ask(self, who: str, document: str, /, **variables: Any) -> Two:
        """The data of both; noted where they differ."""
        phones = await self.of(who)
        sides = [{name: getattr(value, side) if isinstance(value, Two) else value for name, value in variables.items()}
                 for side in ("plain", "scaled")]
        answers = await asyncio.gather(phones.plain.send(document, **sides[0]), phones.scaled.send(document, **sides[1]))
        plain, scaled = (answer.json() for answer in answers)
        self.compare(f"{who}: {document}{sides[0]}", plain, scaled)
        self.asked.add(document)
        self.answered |= {document} if not plain.get("errors") else set()
        if DOCUMENTS[document].type.value == "mutation":
            await self.settle()
        return Two(*(next(iter(data.values())) if (data := given.get("data")) and len(data) == 1 else given.get("data")
                     for given in (plain, scaled)))

    def compare(self, what: str, plain: Any, scaled: Any) -> None:
        seen = [json.dumps(normal(essence(given), {}), ensure_ascii=False) for given in (plain, scaled)]
        if seen[0] != seen[1]:
            self.differences.append(f"{what}\n  plain:  {seen[0]}\n  scaled: {seen[1]}")


def essence(answer: Any) -> Any:
    """An answer whose errors are code, sentence and where their null came to rest: of several fields that make one object
    null, a router may tell another first."""
    data = answer.get("data")
    errors = {json.dumps([place(data, error.get("path", ())), error["message"], error["extensions"]], ensure_ascii=False)
              for error in answer.get("errors", ())}
    return {"data": data, "errors": sorted(errors)}


def normal(value: Any, known: dict[str, str]) -> Any:
    """An answer without what each server makes by itself: new ids by the order in which they appear, times by their hour."""
    if isinstance(value, dict):
        return {key: "its own" if key in ITS_OWN and each else normal(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [normal(each, known) for each in value]
    if not isinstance(value, str):
        return value
    text = MADE.sub(lambda found: known.setdefault(found[0], f"id {len(known)}"), value)
    return READ_OFF_A_CLOCK.sub(r"\1", text)
