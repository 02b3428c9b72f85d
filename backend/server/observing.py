"""What can be seen of requests from outside: an id for each, counters of all, spans where somebody asked for them."""

from __future__ import annotations

import itertools
import secrets
from time import perf_counter
from typing import Any

from litestar.plugins.prometheus import PrometheusConfig, PrometheusMiddleware
from litestar.types import ASGIApp, Middleware, Receive, Scope, Send

from haian.logs import REQUEST
from haian.settings import Settings

PROCESS = secrets.token_hex(8)
NUMBERS = itertools.count(1)
METRICS = PrometheusConfig(app_name="haian", group_path=True)


def named() -> bytes:
    """A new request's id, which every log line of it has from now on: this process, and a number."""
    id_ = f"{PROCESS}-{next(NUMBERS):x}"
    REQUEST.set(id_)
    return id_.encode()


def request_id(app: ASGIApp) -> ASGIApp:
    """Each request has an id: in every log line, and in the answer as X-Request-Id."""
    async def bound(scope: Scope, receive: Receive, send: Send) -> None:
        id_ = named()

        async def with_id(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", id_)]
            await send(message)
        await app(scope, receive, with_id)
    return bound


def tracing(settings: Settings) -> list[Middleware]:
    """OpenTelemetry spans, where an endpoint is set."""
    if not settings.otel_endpoint:
        return []
    from server.tracing import middleware
    return [middleware(settings.otel_endpoint)]


class Counted:
    """The counters of one path: the families that Litestar's middleware keeps for all others, each label found once."""

    def __init__(self, path: str) -> None:
        self.path, self.kept = path, PrometheusMiddleware(_nobody, METRICS)
        self.ends: dict[tuple[str, int], tuple[Any, ...]] = {}
        self.running: dict[str, int] = {}

    def begin(self, method: str) -> float:
        """One more is under way; returns when it began."""
        if method not in self.running:
            self.running[method], labels = 0, self._labels(method, 200)
            gauge = self.kept.requests_in_progress(labels).labels(*labels.values())
            gauge.set_function(lambda: self.running[method])
        self.running[method] += 1
        return perf_counter()

    def end(self, method: str, status: int, begun: float) -> None:
        self.running[method] -= 1
        count, seconds, errors = self._ends(method, status)
        count.inc()
        seconds.observe(perf_counter() - begun)
        if errors:
            errors.inc()

    def refused(self, method: str, several: int) -> None:
        """So many were refused (503) that were never under way: they took no time."""
        count, _, errors = self._ends(method, 503)
        count.inc(several)
        errors.inc(several)

    def _ends(self, method: str, status: int) -> tuple[Any, ...]:
        if (method, status) not in self.ends:
            labels = self._labels(method, status)
            values = labels.values()
            errors = self.kept.requests_error_count(labels).labels(*values) if status >= 500 else None
            self.ends[method, status] = (self.kept.request_count(labels).labels(*values),
                                         self.kept.request_time(labels).labels(*values), errors)
        return self.ends[method, status]

    def _labels(self, method: str, status: int) -> dict[str, str | int | float]:
        return {"method": method, "path": self.path, "status_code": status, "app_name": METRICS.app_name}


async def _nobody(scope: Scope, receive: Receive, send: Send) -> None:
    """The application behind a middleware of which only the counters are used."""
