"""One group of subscribers who see the same: a place on a channel, and one rendering of each of its messages."""

from __future__ import annotations

import asyncio
import inspect
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeAlias

import structlog
from graphql import ExecutionResult, GraphQLError

from haian.cache import LOST
from haian.call import Call
from haian.errors import PublicError
from haian.feeds import Feed, missed
from haian.live import Message
from haian.positions import Position, opened

log = structlog.get_logger()
KEPT = 50
"""Answers that are kept for those who come back, all at once after their server went."""
MOST_PENDING = 1000
AT_ONCE = 500
"""Subscribers who are served before others of this process have a turn."""
RENDER_SECONDS = 20.0
OWN = {"ready", "resync", "over"}
Execute: TypeAlias = Callable[[Any], Any]
"""Executes the document for one event, perhaps to be awaited: an ExecutionResult."""
Rendered: TypeAlias = Callable[[ExecutionResult, Call], bytes]


class Sink(Protocol):
    """Where the answers of one subscription go. Both return at once; a reader who is slow is the sink's own business."""

    def next(self, answer: bytes) -> None:
        """The finished JSON of one answer."""

    def end(self, refusal: PublicError | None) -> None:
        """No more will come; `refusal` where the subscription did not end by itself."""


class Member:
    """A subscriber: where it stands, and while it catches up, what came meanwhile."""

    __slots__ = ("group", "sink", "stands", "waiting")

    def __init__(self, group: Group, sink: Sink) -> None:
        self.group, self.sink = group, sink
        self.stands: Position | None = None
        self.waiting: list[tuple[Position | None, bytes]] | None = []

    def take(self, position: Position | None, answer: bytes) -> None:
        """An answer, unless this subscriber has it already. After one without a position the count begins anew."""
        if self.waiting is not None:
            self.waiting.append((position, answer))
            return
        if position is not None and self.stands is not None and position <= self.stands:
            return
        self.stands = position
        self.sink.next(answer)

    def follow(self) -> None:
        """Caught up: what came meanwhile, then everything at once."""
        waiting, self.waiting = self.waiting or (), None
        for position, answer in waiting:
            self.take(position, answer)

    def close(self) -> None:
        self.group.leave(self)


class Group:
    """Everybody who sees the same of one feed."""

    def __init__(self, feed: Feed[Any], call: Call, execute: Execute, rendered: Rendered, closed: Callable[[], Any]) -> None:
        self.feed, self.call, self.execute, self.rendered, self.closed = feed, call, execute, rendered, closed
        self.members: dict[Member, None] = {}
        self.pending: dict[Any, Message] = {}
        self.shown: OrderedDict[Position, tuple[bytes | None, bool]] = OrderedDict()
        self.pump: asyncio.Task[None] | None = None
        self.over: asyncio.TimerHandle | None = None
        self.leaving: asyncio.Task[None] | None = None

    async def join(self, sink: Sink, after: str | None) -> Member:
        """A new subscriber, told what it missed since the cursor `after`. InvalidCursor, Unavailable."""
        epoch, stood = opened(after) if after is not None else ("", None)
        member = Member(self, sink)
        self.members[member] = None
        try:
            if self.feed.seconds is not None and self.over is None:
                self.over = asyncio.get_running_loop().call_later(self.feed.seconds, self.hear, {"type": "over"})
            await self.call.platform.hub.join(self.feed.channel, self.hear)
            await self._catch_up(member, stood, epoch)
        except BaseException:
            self.leave(member)
            raise
        return member

    async def _catch_up(self, member: Member, stood: Position | None, epoch: str) -> None:
        """The channel is heard already: what the stream has and what came since overlap, and nothing lies between."""
        hub = self.call.platform.hub
        found = await missed(self.call.platform.redis, self.feed.channel, stood if epoch == hub.epoch else None)
        messages = found.messages
        if stood is None:
            messages = [{"type": "ready"}]
        elif epoch != hub.epoch or not found.whole:
            messages = [{"type": "resync"}]
        for message in messages:
            position = message.setdefault("position", found.now)
            answer, last = await self._once(message | {"cursor": hub.cursor(position)})
            member.stands = position
            if answer is not None:
                member.sink.next(answer)
            if last:
                self._finish(member)
                return
        member.stands = member.stands or stood
        member.follow()

    def leave(self, member: Member) -> None:
        """The last one closes the group."""
        if self.members.pop(member, member) is None and not self.members:
            self.closed()
            if self.over:
                self.over.cancel()
            self.leaving = asyncio.get_running_loop().create_task(
                self.call.platform.hub.leave(self.feed.channel, self.hear))

    def hear(self, message: Message | None) -> None:
        """A message of the channel; None: this process ends."""
        if message is None:
            for member in list(self.members):
                self._finish(member)
            return
        key = self.feed.key(message) if self.feed.key and "position" in message else None
        if len(self.pending) >= MOST_PENDING:
            self.pending.clear()
            message = {"type": "resync"}
        self.pending.pop(key, None)
        self.pending[key if key is not None else object()] = message
        if self.pump is None:
            self.pump = asyncio.get_running_loop().create_task(self._pump())

    async def _pump(self) -> None:
        """Render and hand out what is pending, in its order; ends when nothing is."""
        try:
            while self.pending and self.members:
                message = self.pending.pop(next(iter(self.pending)))
                answer, last = await self._once(await self._placed(message))
                if answer is not None:
                    await self._hand_out(message.get("position"), answer)
                if last:
                    for member in list(self.members):
                        self._finish(member)
                await asyncio.sleep(self.feed.pace)
        finally:
            self.pump = None

    async def _placed(self, message: Message) -> Message:
        """A message of the process itself, with the cursor from which a client may go on that reads everything now."""
        platform = self.call.platform
        if "position" in message or message["type"] != "resync":
            return message
        with suppress(*LOST):
            now = (await missed(platform.redis, self.feed.channel, None)).now
            return message | {"cursor": platform.hub.cursor(now)}
        return message

    async def _hand_out(self, position: Position | None, answer: bytes) -> None:
        for number, member in enumerate(list(self.members), 1):
            try:
                if member in self.members:
                    member.take(position, answer)
            except Exception:  # one subscriber's trouble is not the others'
                log.exception("live.sink_failed")
                self.leave(member)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _finish(self, member: Member) -> None:
        self.leave(member)
        member.sink.end(None)

    async def _once(self, message: Message) -> tuple[bytes | None, bool]:
        """The answer to a message, rendered when it is first asked for, and whether it is the last one."""
        position = message.get("position") if message["type"] not in OWN else None
        if position is None:
            return await self.render(message)
        if position not in self.shown:
            self.shown[position] = await self.render(message)
            while len(self.shown) > KEPT:
                self.shown.popitem(last=False)
        return self.shown[position]

    async def render(self, message: Message) -> tuple[bytes | None, bool]:
        """Finished JSON, or None where the feed shows nothing; the looks of staff are in the ledger before."""
        last = False
        try:
            self.call.loaders.clear()
            async with asyncio.timeout(RENDER_SECONDS):
                value = self.feed.show(message)
                value = await value if inspect.isawaitable(value) else value
                if value is None:
                    return None, message["type"] == "over"
                last = message["type"] == "over" or (self.feed.ends is not None and self.feed.ends(value))
                result = self.execute(value)
                result = await result if inspect.isawaitable(result) else result
                await self.call.write_looks()
        except Exception as error:
            result = ExecutionResult(None, [GraphQLError("", original_error=error)])
        return self.rendered(result, self.call), last
