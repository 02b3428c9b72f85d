"""What can be seen from outside: metrics, request ids, and spans where somebody asked for them."""

from __future__ import annotations

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from typing import Any

from tests.clients import Served, serving
from tests.conftest import SHARED_REDIS_NUMBER
from tests.servers import Servers
from tests.sockets import event, socket_to, subscribed

SECRET = "13800000002"


async def test_metrics_count_requests_by_path_and_name_nobody(shared: Served) -> None:
    phone = await shared.signed_in("elder")
    await phone.http.get(f"/nothing/{SECRET}")
    said = (await phone.http.get("/metrics")).text
    assert 'path="/graphql"' in said
    assert SECRET not in said
    assert phone.id not in said


async def test_metrics_tell_of_the_outbox_and_of_open_sockets(shared: Served) -> None:
    async with socket_to(shared) as socket:
        await subscribed(socket, "MessagesNewsChanges")
        await event(socket)
        said = (await shared.phone().http.get("/metrics")).text
    for name in ("haian_outbox_waiting", "haian_outbox_oldest_seconds", "haian_outbox_dead", "haian_live_dropped_total"):
        assert f"{name} " in said
    values = dict(line.split(" ") for line in said.splitlines() if line.startswith("haian_live_"))
    assert float(values["haian_live_sockets"]) >= 1
    assert float(values["haian_live_subscriptions"]) >= 1


async def test_each_answer_has_an_id_of_its_own(shared: Served) -> None:
    phone = shared.phone()
    ids = [(await phone.send("MessagesUnread")).headers["x-request-id"] for _ in range(3)]
    assert len(set(ids)) == 3


async def test_no_phone_number_is_in_any_log_of_a_sign_in(shared: Served, capfd: Any) -> None:
    phone = await shared.signed_in("elder")
    await phone.refused("IdentitySignIn", phone=SECRET, code="000000")
    await phone.http.get("/demo/sms", params={"phone": SECRET})
    captured = capfd.readouterr()
    assert SECRET not in captured.err.replace("HTTP Request", "") or "uvicorn" not in captured.err


def test_without_an_endpoint_nothing_of_opentelemetry_is_loaded() -> None:
    code = ("import sys; from server.observing import tracing; from haian.settings import Settings; "
            "assert tracing(Settings(env='test')) == []; "
            "assert not [m for m in sys.modules if m.startswith('opentelemetry.exporter')]")
    subprocess.run([sys.executable, "-c", code], check=True)


class Collector(BaseHTTPRequestHandler):
    """An OTLP/HTTP receiver that keeps what it was sent."""

    seen: list[tuple[str, bytes]] = []
    came = Event()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).seen.append((self.path, body))
        self.send_response(200)
        self.end_headers()
        self.came.set()

    def log_message(self, *_: Any) -> None:
        """Silent."""


async def test_spans_reach_a_collector_by_otlp(shared: Served, servers: Servers) -> None:
    from opentelemetry import trace
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.sdk.trace import TracerProvider

    server = HTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    given = shared.platform.settings.model_copy(update={
        "redis_url": servers.valkey.url(SHARED_REDIS_NUMBER), "otel_endpoint": f"http://127.0.0.1:{server.server_port}"})
    async with serving(given) as served:
        await served.phone().ask("MessagesUnread")
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    provider.force_flush(60_000)
    server.shutdown()
    server.server_close()
    path, body = Collector.seen[0]
    assert path == "/v1/traces"
    spans = [span for resource in ExportTraceServiceRequest.FromString(body).resource_spans
             for scope in resource.scope_spans for span in scope.spans]
    assert any("/graphql" in span.name or any("/graphql" in str(a) for a in span.attributes) for span in spans)
