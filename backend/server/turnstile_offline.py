"""What a gate holds for the time without the server: our keys, what its scene asks, which batches were stopped, what it let
in, and what it has to settle. docs/gates.md says it in words."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from onecode import carried
from onecode.carried import Displayed, Stopped

AHEAD = 10
"""Seconds that two clocks may differ."""
DAY = 24 * 3600
WHOLE = DAY / 2
"""Seconds after which the list of what was stopped begins anew: what is over leaves it."""


@dataclass
class Memory:
    """`kit`: the last answer of /gates/offline, with all batches that were stopped; `fetched`: when, by the server's clock;
    `whole`: when that list began anew; `ahead`: seconds that this clock is ahead of ours; `used`: digests that were let in,
    until when each could be shown."""

    kit: dict[str, Any] = field(default_factory=dict)
    fetched: float = 0
    whole: float = 0
    ahead: float = 0
    used: dict[str, float] = field(default_factory=dict)
    unsettled: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._know_stopped()

    def _know_stopped(self) -> None:
        self.stopped = Stopped([bytes.fromhex(secret) for secret in self.kit.get("revoked", ())])

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Memory:
        return cls(**kept)

    def kept(self) -> dict[str, Any]:
        return asdict(self)

    def after(self, now: float) -> int:
        """After what to ask: up to where the list of what was stopped is known, or 0 for all of it."""
        return int(self.kit["upto"]) if self.kit and now + self.ahead - self.whole < WHOLE else 0

    def learn(self, after: int, answers: Sequence[Mapping[str, Any]], now: float) -> None:
        """What /gates/offline answered to `after`, and on from there while there was more."""
        kit, revoked = answers[-1], self.kit["revoked"] if after else []
        if not after:
            self.whole = kit["now"]
        for answer in answers:
            revoked = [*(revoked if answer["upto"] >= after else ()), *answer["revoked"]]
            after = answer["upto"]
        self.kit = {**kit, "revoked": revoked}
        self._know_stopped()
        self.fetched, self.ahead = kit["now"], kit["now"] - now
        self.used = {digest: until for digest, until in self.used.items() if until > kit["now"]}

    def judge(self, text: str, now: float) -> dict[str, Any] | None:
        """What a code comes to here, to be settled later; None where it is no offline code, the scene takes none without
        the server, or nothing was heard of the server for a day: then the gate stays shut. ELSEWHERE: it is for a scene that
        asks less; its holder has others."""
        at = now + self.ahead
        if self.kit.get("offline") != "OFFLINE" or at - self.fetched > DAY:
            return None
        keys = {bytes.fromhex(key["name"]): base64.urlsafe_b64decode(key["key"] + "=") for key in self.kit["keys"]}
        shown = carried.read(text, keys)
        if shown is None:
            return None
        verdict, facts = self._judged(shown, at)
        if verdict not in ("EXPIRED", "ELSEWHERE"):
            self.unsettled.append({"code": text, "key": str(uuid4())})
        if verdict == "ACCEPTED":
            self.used[shown.digest] = shown.carried.until.timestamp()
        return {"verdict": verdict, "facts": facts, "offline": True}

    def _judged(self, shown: Displayed, at: float) -> tuple[str, list[dict[str, Any]]]:
        said, when = shown.carried, shown.shown_at.timestamp()
        if not at - self.kit["code_seconds"] <= when <= at + AHEAD or when >= said.until.timestamp() \
                or when < said.since.timestamp() - AHEAD:
            return "EXPIRED", []
        if said in self.stopped:
            return "SUSPENDED", []
        if shown.digest in self.used:
            return "USED", []
        says = carried.says(said, self.kit["division"])
        if not says.keys() >= {ask["name"] for ask in self.kit["asks"]}:
            return "ELSEWHERE", []
        facts = [{"name": ask["name"], "label": ask["label"], "value": says[ask["name"]]} for ask in self.kit["asks"]]
        held = all(says[ask["name"]] for ask in self.kit["asks"] if ask["demanded"])
        return "ACCEPTED" if held else "NOT_ENTITLED", facts
