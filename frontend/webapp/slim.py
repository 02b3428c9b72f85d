"""The build plugin that keeps the client light: a Vite plugin beside Reflex's own configuration.

Four things, each in ``frontend/build/vite-plugin-haian.js``: the websocket library loads only on pages that hold personal
state, Emotion is replaced by plain React (we style by class, so no page needs inline styles), the theme provider by
``boot.js``, and two libraries by the little of them that is used. The plugin fails the build when a new Reflex no longer
has what it replaces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import reflex as rx

_HERE = Path(__file__).resolve().parent.parent
_FILES = ("vite-plugin-haian.js", "shim-emotion.js", "shim-theme.js", "shim-cookie.js", "shim-merge.js")
# Icons that several pages use come in one file; the others with their page.
_ICONS = '{ test: /lucide-react/, name: "icons", minShareCount: 8 },'
_THEME_SCRIPT = re.compile(r'jsx\("script",\{\},"\\n// Only run in browser environment.*?\\n"\),', re.S)


def _configure(config: str) -> str:
    """Vite's configuration with our plugin first; unchanged when it is there already."""
    if "haian()" in config:
        return config
    config = 'import haian from "./vite-plugin-haian.js";\n' + config
    for found, wanted in (("plugins: [", "plugins: [\n    haian(),"), ("groups: [", f"groups: [\n{_ICONS}")):
        if found not in config:
            raise RuntimeError(f"vite.config.js has no {found!r}: Reflex changed its template")
        config = config.replace(found, wanted, 1)
    return config


def _document(source: str) -> str:
    """The document without Reflex's inline theme script: ``boot.js`` does it, and more, from its own file."""
    changed, count = _THEME_SCRIPT.subn("", source)
    if count != 1:
        raise RuntimeError("the document has no theme script: Reflex changed its template")
    return changed


class Slim(rx.plugins.Plugin):
    """Adds the Vite plugin and its two shims to the web directory."""

    def get_static_assets(self, **context: Any) -> Sequence[tuple[Path, str | bytes]]:
        return [(Path(name), (_HERE / "build" / name).read_text()) for name in _FILES]

    def pre_compile(self, **context: Any) -> None:
        context["add_modify_task"]("vite.config.js", _configure)
        context["add_modify_task"]("app/_document.js", _document)
