"""Subscriptions: those that show the same are one group, and an event is rendered once for all of it.

The same means: the same document and variables, the same language, and the same eyes. A public subscription is rendered
as nobody in particular sees it, or no mini-app's citizen in particular, every other for its citizen and the posts held
when it was opened, or for what a mini-app's token may.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Protocol, TypeAlias

import orjson
import structlog
from graphql import ExecutionResult, FieldNode, GraphQLError, GraphQLSchema
from graphql.execution import Executor, create_source_event_stream, execute_subscription_event
from prometheus_client import Gauge

from gateway.documents import Operation
from gateway.groups import Group, Rendered, Sink
from gateway.lookup import QueryInvalid
from haian.call import Call
from haian.errors import PublicError
from haian.feeds import Feed
from haian.rules import Rule
from haian.viewer import Viewer

log = structlog.get_logger()
MOST_UNREAD = 200
HELD = Gauge("haian_live_subscriptions", "Subscriptions held by this process")
Key: TypeAlias = tuple[str, str, bytes, Viewer]


class TooManyStreams(PublicError):
    """One citizen, or one address of people who are not signed in, holds as many subscriptions as this server gives."""

    code = "LIVE_TOO_MANY"
    status = 429


class TooSlow(PublicError):
    """The reader left too much unread. What it missed is kept: come back with the last cursor."""

    code = "LIVE_TOO_SLOW"


class Stream(Protocol):
    def close(self) -> None:
        """The subscriber leaves; its sink is not called again."""


class Live:
    """All subscriptions of this process. `rendered`: how what was executed becomes finished JSON."""

    def __init__(self, core: GraphQLSchema, rendered: Rendered) -> None:
        self.core, self.rendered = core, rendered
        self.groups: dict[Key, Group] = {}
        self.held: Counter[Any] = Counter()

    async def open(self, operation: Operation, variables: dict[str, Any], call: Call, sink: Sink) -> Stream:
        """Begin a subscription; from the return on `sink` gets all of it. The PublicError of its rule, TooManyStreams,
        InvalidCursor, Unavailable."""
        await call.make_sure()
        seen_by = self._eyes(operation, call)
        owner = call.viewer.id or call.viewer.address
        settings = call.platform.settings
        if self.held[owner] >= (settings.live_per_citizen if call.viewer.id else settings.live_per_address):
            raise TooManyStreams
        self.held[owner] += 1
        HELD.inc()
        counted = Counted(self, owner, sink)
        try:
            counted.stream = await self._begin(operation, variables, Call(call.platform, seen_by), counted)
        except BaseException:
            counted.close()
            raise
        return counted

    async def _begin(self, operation: Operation, variables: dict[str, Any], call: Call, sink: Sink) -> Stream | None:
        def executor(value: Any = None) -> Any:
            """A new one each time: what it keeps of an event it would keep for ever."""
            return Executor.build(self.core, operation.plain.document, value, call, variables, hide_suggestions=True)

        def execute(value: Any) -> Any:
            return execute_subscription_event(executor(value))
        source = await _source(executor())
        if isinstance(source, ExecutionResult):
            sink.next(self.rendered(source, call))
            sink.end(None)
            return None
        if not isinstance(source, Feed):
            return Alone(source, Group(Feed("", _itself), call, execute, self.rendered, _nothing), sink)
        key = (operation.body, operation.name, _without_place(operation, variables), call.viewer)
        group = self.groups.get(key)
        if group is None:
            group = Group(source, call, execute, self.rendered, lambda: self.groups.pop(key, None))
            self.groups[key] = group
        return await group.join(sink, source.after)

    def _eyes(self, operation: Operation, call: Call) -> Viewer:
        """As whom a subscription is rendered. PublicError where the rule of its field does not let the viewer in."""
        public = True
        for node in operation.node.selection_set.selections:
            rule = self._rule(node)
            if rule is None:
                raise QueryInvalid
            if rule.by_role(call) is None:
                raise PublicError() if rule.rows else rule.refusal(call)
            public = public and rule.public
        viewer = call.viewer
        if not public:
            return Viewer(viewer.id, roles=viewer.roles, locale=viewer.locale, scopes=viewer.scopes, client=viewer.client)
        return Viewer(locale=viewer.locale, client=viewer.client)

    def _rule(self, node: Any) -> Rule | None:
        """The rule of a root field; None for a root that is no plain field."""
        subscription = self.core.subscription_type
        field = subscription.fields.get(node.name.value) if subscription and isinstance(node, FieldNode) else None
        declared = field.extensions.get("strawberry-definition") if field else None
        rule: Rule | None = getattr(declared, "metadata", {}).get("allow")
        return rule

    async def stream(self, operation: Operation, variables: dict[str, Any], call: Call) -> AsyncIterator[bytes]:
        """The answers of a subscription, for a transport that asks for the next when it has sent the last. What `open`
        raises, before the first; TooSlow where 200 wait."""
        unread = Unread()
        stream = await self.open(operation, variables, call, unread)
        try:
            while (answer := await unread.queue.get()) is not None:
                yield answer
            if unread.refusal:
                raise unread.refusal
        finally:
            stream.close()


class Counted:
    """A sink that gives its place back when its subscription ends, and the handle by which it is left."""

    __slots__ = ("live", "next", "owner", "sink", "stream")

    def __init__(self, live: Live, owner: Any, sink: Sink) -> None:
        self.live, self.owner, self.sink = live, owner, sink
        self.next = sink.next
        self.stream: Stream | None = None

    def end(self, refusal: PublicError | None) -> None:
        if self._give_back():
            self.sink.end(refusal)

    def close(self) -> None:
        if self._give_back() and self.stream:
            self.stream.close()

    def _give_back(self) -> bool:
        """Whether the place was still held."""
        owner, self.owner = self.owner, None
        if owner is None:
            return False
        self.live.held[owner] -= 1
        HELD.dec()
        if not self.live.held[owner]:
            del self.live.held[owner]
        return True


class Unread:
    """A sink that keeps what was not asked for yet."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.refusal: PublicError | None = None

    def next(self, answer: bytes) -> None:
        if self.queue.qsize() < MOST_UNREAD:
            self.queue.put_nowait(answer)
        elif self.refusal is None:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.end(TooSlow())

    def end(self, refusal: PublicError | None) -> None:
        self.refusal = self.refusal or refusal
        self.queue.put_nowait(None)


class Alone:
    """A subscription whose resolver is a plain async iterator: read and rendered for itself."""

    def __init__(self, source: Any, group: Group, sink: Sink) -> None:
        self.source, self.group, self.sink = source, group, sink
        self.task = asyncio.create_task(self._run())

    def close(self) -> None:
        self.task.cancel()

    async def _run(self) -> None:
        try:
            async for value in self.source:
                answer, _ = await self.group.render({"type": "next", "value": value})
                if answer is not None:
                    self.sink.next(answer)
            self.sink.end(None)
        except Exception as error:
            log.exception("live.source_failed")
            self.sink.end(error if isinstance(error, PublicError) else PublicError())
        finally:
            with suppress(AttributeError):
                await self.source.aclose()


async def _source(executor: Any) -> Any:
    """What the resolver of the root field returns, or an ExecutionResult with why it does not."""
    if isinstance(executor, list):
        return ExecutionResult(None, executor)
    try:
        source: Any = create_source_event_stream(executor)
        return await source if executor.is_awaitable(source) else source
    except StopIteration:
        return ExecutionResult(None, [GraphQLError("The subscription has no field")])


def _itself(message: Any) -> Any:
    return message["value"]


def _nothing() -> None:
    pass


def _without_place(operation: Operation, variables: dict[str, Any]) -> bytes:
    """The declared variables without the one that says where this subscriber stands: groups are of those who see the same,
    wherever each of them begins, and whatever else they send."""
    declared = {definition.variable.name.value for definition in operation.node.variable_definitions or ()}
    return orjson.dumps({name: variables[name] for name in declared - {operation.place} if name in variables},
                        option=orjson.OPT_SORT_KEYS, default=str)

