"""OpenTelemetry spans of requests, sent by OTLP over HTTP."""

from __future__ import annotations

from typing import Any

from litestar.plugins.opentelemetry import OpenTelemetryConfig
from litestar.types import Middleware
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

PATH = "/v1/traces"


def middleware(endpoint: str) -> Middleware:
    """A span for each request, to the collector at `endpoint`; the path is that of OTLP/HTTP, /v1/traces."""
    provider = TracerProvider(resource=Resource.create({"service.name": "haian"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/').removesuffix(PATH)}{PATH}")))
    trace.set_tracer_provider(provider)
    spans: Any = OpenTelemetryConfig(tracer_provider=provider).middleware
    return lambda app: spans(app=app)  # a router copies what is no function, and a provider has locks
