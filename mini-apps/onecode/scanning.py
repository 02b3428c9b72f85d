"""A code is read: burnt, judged, kept and told. What is read at one moment, at whatever posts, is decided together, each as
if it came alone (`haian.moment`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from consent import giving
from haian import codes, moment
from haian.cache import LOST, Rate, charging, check_room, limit
from haian.call import Call
from haian.codes import Burnt, State
from haian.errors import Forbidden, PublicError, RateLimited, Unavailable
from haian.line import packed
from haian.moment import Wish
from haian.reads import Shown
from haian.transaction import Answer, Transaction
from onecode import asks, facts, passes, showing, store, store_passes
from onecode.errors import CodeUnreadable
from onecode.models import DIGITS, KIND, Decision, FirstUse, Scan, Verdict, readable, short_key

TYPED = Rate(12, 60)
"""Digits that one verifier may type."""
PostsOf: TypeAlias = Callable[[Transaction, Sequence[UUID | None]], Awaitable[Mapping[UUID | None, Any]]]
"""The posts that verifiers hold, people's or gates'."""


@dataclass(slots=True)
class Reading:
    """What is known of a scan that is asked for. `digest`: of its code, as soon as that is known."""

    call: Call
    posts_of: PostsOf
    nonce: str
    digest: str = ""


async def verify(call: Call, text: str, nonce: str, posts_of: PostsOf = store.posts_of) -> Shown:
    """Read a code at my post: what it came to, with exactly the facts of the post's scene. Sent again with the same nonce
    it gets its first answer. CodeUnreadable, Forbidden (no post; the code stays good), RateLimited. `posts_of`: who is no
    person has a post too (`onecode.gates`)."""
    code = readable(text)
    if code is None:
        raise CodeUnreadable
    await limit(call.platform.line, f"onecode:scan:{call.viewer.id}", 240, 60)
    answer = await call.decide(SCAN, nonce, {"code": code}, Reading(call, posts_of, nonce))
    return store.check(answer["id"])


async def _read(wishes: Sequence[Wish]) -> list[Scan | PublicError]:
    """Burn the codes, judge them, keep the scans; PostgreSQL has the final word on which was a code's first. Who may not
    read burns nothing."""
    try:
        found = await _admitted(wishes)
        scans = {n: each for n, each in enumerate(found) if isinstance(each, Scan)}
        nonces = [wishes[n].about.nonce for n in scans]
        if scans:
            await _judge(wishes[0].about.call, list(scans.values()), nonces)
            await record(wishes[0].about.call, list(scans.values()))
    except LOST as error:
        raise Unavailable from error
    return found


async def _admitted(wishes: Sequence[Wish]) -> list[Scan | PublicError]:
    """Who reads which code at which post. Forbidden, RateLimited."""
    posts: dict[PostsOf, Mapping[UUID | None, Any]] = {}
    for posts_of in {wish.about.posts_of for wish in wishes}:
        who = [wish.tx.viewer.id for wish in wishes if wish.about.posts_of is posts_of]
        posts[posts_of] = await posts_of(wishes[0].tx, who)
    found: list[Scan | PublicError] = []
    for wish in wishes:
        post = posts[wish.about.posts_of].get(wish.tx.viewer.id)
        refused = Forbidden() if post is None else await _understood(wish)
        found.append(refused or Scan(wish.tx, post, wish.about.digest, UNDECIDED))
    return found


async def _understood(wish: Wish) -> RateLimited | None:
    """The hash of a code that was scanned, or of the one that typed digits stand for, which are looked up once."""
    text, reading = wish.given["code"], wish.about
    if not reading.digest and DIGITS.fullmatch(text):
        rate = charging({f"onecode:typed:{wish.tx.viewer.id}": TYPED})
        room, named = await reading.call.platform.line.ask(rate, packed("GET", short_key(text)))
        try:
            check_room(room)
        except RateLimited as refusal:
            return refusal
        reading.digest = named.decode() if named else ""
    reading.digest = reading.digest or codes.digest(text)
    return None


# -- what a code comes to --------------------------------------------------------------------------------------------------


UNDECIDED = Decision(Verdict.EXPIRED)


async def _judge(call: Call, scans: Sequence[Scan], nonces: Sequence[str]) -> None:
    """What each code comes to by Redis, and where it is good there by PostgreSQL."""
    by = [{"verifier": scan.tx.viewer.id, "nonce": nonce, "at": scan.tx.now, "place": scan.post["whole_place"]}
          for scan, nonce in zip(scans, nonces, strict=True)]
    burnt = await codes.burn_all(call.platform.line, KIND, [(scan.code, each) for scan, each in zip(scans, by, strict=True)])
    good, forgotten = [], []
    for scan, nonce, found in zip(scans, nonces, burnt, strict=True):
        if found.state is State.UNKNOWN:
            forgotten.append(scan)
            continue
        scan.decision = _by_redis(scan, nonce, found)
        if scan.decision.verdict is Verdict.ACCEPTED:
            good.append(scan)
    await _used_before(forgotten)
    await _by_holders(call, good)


def _by_redis(scan: Scan, nonce: str, burnt: Burnt) -> Decision:
    """Who showed a code, or by which visitor's pass; whether it was used, by another or with another nonce, or is over."""
    me, payload = str(scan.tx.viewer.id), burnt.payload
    shown_by, pass_id = (UUID(said) if (said := payload.get(name)) else None for name in ("by", "pass"))
    decision = Decision(Verdict.ACCEPTED, UUID(payload["holder"]), shown_by=shown_by, pass_id=pass_id)
    if burnt.state is State.USED and (burnt.by["verifier"], burnt.by["nonce"]) != (me, nonce):
        first = FirstUse(datetime.fromisoformat(burnt.by["at"]), burnt.by["place"])
        return replace(decision, verdict=Verdict.USED, first=first, same_verifier=burnt.by["verifier"] == me)
    if scan.tx.now - datetime.fromisoformat(payload["at"]) > timedelta(seconds=scan.post["code_seconds"]):
        return replace(decision, verdict=Verdict.EXPIRED)
    return decision


async def _by_holders(call: Call, scans: Sequence[Scan]) -> None:
    """Whether a good code may be shown, its pass lets somebody in, or its holder is who the scene demands."""
    shows = [(scan.holder, scan.decision.shown_by) for scan in scans]
    entitled = []
    for scan, verdict in zip(scans, await showing.standings(scans[0].tx, shows) if scans else (), strict=True):
        if verdict:
            scan.decision = replace(scan.decision, verdict=verdict)
        elif not scan.decision.pass_id:
            entitled.append(scan)
    await passes.judge([scan for scan in scans if scan.decision.pass_id and scan.decision.verdict is Verdict.ACCEPTED])
    await entitle(call, entitled)


async def entitle(call: Call, scans: Sequence[Scan]) -> None:
    """Good codes: the facts that their scenes ask, and whether those hold that they demand."""
    told = await facts.all_values(call, [(scan.post["facts"], scan.holder, scan.post) for scan in scans])
    for scan, found in zip(scans, told, strict=True):
        held = {fact["name"] for fact in found if fact["value"]}
        verdict = Verdict.ACCEPTED if held >= set(scan.post["demands"]) else Verdict.NOT_ENTITLED
        scan.decision = replace(scan.decision, verdict=verdict, facts=found)


async def _used_before(scans: Sequence[Scan]) -> None:
    """Redis does not know the codes, or has forgotten that they were used: the scans know."""
    if not scans:
        return
    found = await store.first_uses(scans[0].tx, [scan.code for scan in scans])
    for scan in scans:
        scan.decision = Decision(Verdict.EXPIRED)
        if scan.code in found:
            holder, verifier, first = found[scan.code]
            scan.decision = Decision(Verdict.USED, holder, first=first, same_verifier=verifier == scan.tx.viewer.id)


# -- what is kept and told -------------------------------------------------------------------------------------------------


async def record(call: Call, scans: Sequence[Scan]) -> None:
    """Keep scans, and what they show by consent."""
    await _keep(scans)
    if late := [scan for scan in scans if scan.id is None]:
        for scan in late:
            if scan.decision.pass_id and scan.decision.verdict is Verdict.ACCEPTED:
                await store_passes.give_back(scan.tx, scan.decision.pass_id)
        await _used_before(late)
        await _keep(late)
    await _show_agreed(call, [scan for scan in scans if _is_asked_beyond(scan)])


async def _keep(scans: Sequence[Scan]) -> None:
    for scan, kept in zip(scans, await store.record_scans(scans[0].tx, scans), strict=True):
        scan.id = kept


def _is_asked_beyond(scan: Scan) -> bool:
    """Whether its scene asks more than its base, of who showed the code just now."""
    decision = scan.decision
    return bool(scan.post["beyond"] and scan.id and decision.holder and decision.verdict is Verdict.ACCEPTED
                and not decision.pass_id and scan.at is None)


async def _show_agreed(call: Call, scans: Sequence[Scan]) -> None:
    """What scenes ask beyond their base is shown where the holder's consent stands: that is the ground in the ledger. For
    the rest the holder is asked."""
    wanted = [(scan, name) for scan in scans for name in scan.post["beyond"]]
    if not wanted:
        return
    tx = scans[0].tx
    used = await giving.use_all(tx, [(scan.holder, facts.asked(name, scan.post)) for scan, name in wanted])
    for (scan, name), consent in zip(wanted, used, strict=True):
        scan.given += [name] if consent else []
    if given := [scan for scan in scans if scan.given]:
        told = await facts.all_values(call, [(scan.given, scan.holder, scan.post) for scan in given])
        await store.add_facts(tx, list(zip((scan.id for scan in given), told, strict=True)))
    await asks.ask(scans)


async def tell(scan: Scan) -> Answer:
    """The ledger of the holder, and the holder's phone. A refusal goes to the inbox too, unless the same verifier has
    only read the same code twice or the code was shown too long."""
    tx, post, decision = scan.tx, scan.post, scan.decision
    verdict, names = decision.verdict, [fact["name"] for fact in decision.facts]
    action = "CODE_ACCEPTED" if verdict is Verdict.ACCEPTED else "CODE_REFUSED"
    await tx.audit(action, decision.holder, role=post["role"], object_=str(scan.id), fields=names, reason=verdict.value,
                   ground="shown", office=post["organisation_id"])
    if decision.holder is None or decision.pass_id:
        await tx.emit("onecode.flowed", None, office=post["organisation_id"])
    if decision.pass_id and decision.holder:
        await passes.tell(tx, scan.id, decision, post["whole_place"])
    elif decision.holder:
        await _tell_holder(scan, decision.holder)
    return {"id": scan.id}


async def _tell_holder(scan: Scan, holder: UUID) -> None:
    tx, post, decision = scan.tx, scan.post, scan.decision
    event = "onecode.scanned" if decision.verdict is Verdict.ACCEPTED else f"onecode.{decision.verdict.value.lower()}"
    if decision.verdict is Verdict.USED and decision.same_verifier:
        event = "onecode.read_again"
    await tx.emit(event, holder, id=scan.id, place=post["whole_place"], office=post["organisation_id"])
    if decision.shown_by:
        await tx.emit("onecode.shown_for", decision.shown_by, id=scan.id)
    if scan.given:
        await tx.audit("CODE_FACTS_GIVEN", holder, role=post["role"], object_=str(scan.id), fields=scan.given,
                       ground="consent", office=post["organisation_id"])
    if scan.is_asked:
        await tx.emit("onecode.asked", holder, id=scan.id, place=post["whole_place"])


async def _told(_: Wish, found: Scan | PublicError) -> Answer:
    if isinstance(found, PublicError):
        raise found
    return await tell(found)


SCAN = moment.Decision("onecode.scan", "onecode", "", _read, _told)
