"""What Reflex reads first. Addresses are not baked in: the built client talks to the origin that served it."""

from __future__ import annotations

import os

import reflex as rx

from webapp.slim import Slim

_redis = os.environ.get("HAIAN_CLIENT_REDIS_URL", "")

config = rx.Config(
    app_name="webapp",
    app_module_import="webapp.app",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    default_color_mode="system",
    frontend_lazy_bundled_libraries=True,
    frontend_compression_formats=[],
    cors_allowed_origins=tuple(filter(None, os.environ.get("HAIAN_PUBLIC_ORIGINS", "").split(","))) or ("null",),
    redis_url=_redis or None,
    # Never disk: what a state holds is personal.
    state_manager_mode=rx.constants.StateManagerMode.REDIS if _redis else rx.constants.StateManagerMode.MEMORY,
    plugins=[Slim()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
