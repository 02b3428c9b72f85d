"""Scenes begin and end by two officials of the district: one proposes, another decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from uuid import UUID

from haian.call import Call
from haian.errors import Forbidden, InvalidArgument, NotFound
from haian.reads import Shown
from haian.transaction import Answer, Transaction
from onecode import store_motions
from onecode.carried import SAYS
from onecode.errors import MotionDecided, MotionOpen, SceneSecondPerson, SceneTaken
from onecode.models import Offline
from staff.models import cleaned

ID = re.compile(r"[a-z][a-z_]{2,29}")


@dataclass(frozen=True)
class Draft:
    """A scene that is proposed. `demands`: those of `facts` that must hold; `beyond`: seen with consent only."""

    id: str
    name_zh: str
    name_en: str
    organisation_kind: str
    role: str
    ground_zh: str
    ground_en: str
    source: str
    retention_days: int
    offline: str = Offline.NONE.value
    code_seconds: int = 30
    facts: Sequence[str] = field(default_factory=list)
    demands: Sequence[str] = field(default_factory=list)
    beyond: Sequence[str] = field(default_factory=list)


def checked(draft: Draft, known: frozenset[str]) -> Draft:
    """With its texts cleaned. InvalidArgument, naming what is wrong. `known`: the facts that somebody provides."""
    texts = {}
    for name, least, most in (("name_zh", 2, 20), ("name_en", 2, 60), ("ground_zh", 4, 200), ("ground_en", 4, 400),
                              ("source", 4, 200)):
        said = cleaned(getattr(draft, name), most)
        if said is None or len(said) < least:
            raise InvalidArgument(argument=_camel(name))
        texts[name] = said
    facts, demands, beyond = set(draft.facts), set(draft.demands), set(draft.beyond)
    wrong = {
        "id": not ID.fullmatch(draft.id), "retentionDays": not 1 <= draft.retention_days <= 1095,
        "codeSeconds": not 10 <= draft.code_seconds <= 60, "facts": not facts <= known or len(facts) > 8,
        "offline": draft.offline == Offline.OFFLINE.value and not facts <= SAYS,
        "demands": not demands <= facts, "beyond": not beyond <= known or bool(beyond & facts) or len(beyond) > 4,
    }
    for argument, is_wrong in wrong.items():
        if is_wrong:
            raise InvalidArgument(argument=argument)
    return Draft(**{**asdict(draft), **texts, "facts": sorted(facts), "demands": sorted(demands), "beyond": sorted(beyond)})


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


async def propose(call: Call, draft: Draft, reason: str, key: str) -> Shown:
    """Propose that a scene begins. Forbidden, InvalidArgument, SceneTaken, MotionOpen."""
    draft = checked(draft, frozenset(call.platform.registry.facts))
    async with call.writing("onecode") as tx:
        async def decide() -> Answer:
            if await store_motions.is_taken(tx, draft.id):
                raise SceneTaken
            if not await store_motions.has_post(tx, draft.organisation_kind, draft.role):
                raise InvalidArgument(argument="post")
            return await _propose(tx, "BEGIN", draft.id, asdict(draft), reason)
        answer = await tx.once("onecode.propose", key, {**asdict(draft), "reason": reason}, decide)
    return store_motions.motion(answer["id"])


async def propose_end(call: Call, scene: str, reason: str, key: str) -> Shown:
    """Propose that a scene ends. Forbidden, InvalidArgument, NotFound, MotionOpen."""
    async with call.writing("onecode") as tx:
        async def decide() -> Answer:
            found = await store_motions.scene(tx, scene)
            if found is None:
                raise NotFound
            return await _propose(tx, "END", scene, found, reason)
        answer = await tx.once("onecode.propose_end", key, {"scene": scene, "reason": reason}, decide)
    return store_motions.motion(answer["id"])


async def _propose(tx: Transaction, kind: str, id_: str, scene: object, reason: str) -> Answer:
    why = cleaned(reason, 200)
    if not await store_motions.is_official(tx):
        raise Forbidden
    if why is None or len(why) < 2:
        raise InvalidArgument(argument="reason")
    made = await store_motions.propose(tx, kind, id_, scene, why)
    if made is None:
        raise MotionOpen
    await tx.audit("SCENE_PROPOSED", None, role="manager", object_=id_, reason=kind)
    await tx.emit_to("onecode.to_decide", await store_motions.officials(tx), id=made, scene=id_)
    return {"id": made}


async def decide(call: Call, motion: UUID, agree: bool) -> Shown:
    """The second pair of eyes. Forbidden, NotFound, SceneSecondPerson, MotionDecided; SceneTaken where a scene of this id
    began after it was proposed."""
    async with call.writing("onecode") as tx:
        if not await store_motions.is_official(tx):
            raise Forbidden
        held = await store_motions.hold(tx, motion)
        if held is None:
            raise NotFound
        if held["asked_by"] == tx.viewer.id:
            raise SceneSecondPerson
        if held["decided_at"] is not None:
            raise MotionDecided
        await store_motions.decide(tx, motion, agree)
        if agree and held["kind"] == "BEGIN":
            if not await store_motions.begin(tx, motion):
                raise SceneTaken
        elif agree:
            await store_motions.end(tx, held["scene_id"])
        await tx.audit("SCENE_DECIDED", None, role="manager", object_=held["scene_id"],
                       reason=f"{held['kind']}_{'AGREED' if agree else 'DECLINED'}")
        if held["asked_by"]:
            await tx.emit("onecode.agreed" if agree else "onecode.declined", held["asked_by"], id=motion,
                          scene=held["scene_id"])
    return store_motions.motion(motion)
