"""Exports the site with Reflex, installing npm packages by ``npm ci`` from the committed lock and from nothing else.

Run in ``frontend/`` by ``server.client_build``. ``--relock`` lets Reflex resolve packages anew (after a component with a
new npm package was added) and writes the lock back without addresses.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from reflex.reflex import cli
from reflex.utils import js_runtimes

WEB = Path(".web")
LOCK = Path("reflex.lock/package-lock.json")
_STAMP = WEB / "node_modules" / ".haian-lock"
_resolve = js_runtimes.install_frontend_packages


def manifest_of(lock: Path) -> dict[str, Any]:
    """The package.json that the lock was made for."""
    root = json.loads(lock.read_text("utf-8"))["packages"][""]
    parts = {key: root.get(key, {}) for key in ("dependencies", "devDependencies")}
    return {
        "name": "reflex",
        "type": "module",
        "scripts": {"dev": "react-router dev --host", "export": "react-router build"},
        **parts,
    }


def strip(lock: Path) -> None:
    """Remove every address from the lock; the integrity hashes stay."""
    content = json.loads(lock.read_text("utf-8"))
    for package in content["packages"].values():
        package.pop("resolved", None)
    lock.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def install(packages: set[str], config: Any) -> None:
    """``npm ci`` when the lock changed; SystemExit naming the package when a page needs one that is not locked."""
    manifest = manifest_of(LOCK)
    missing = (
        {name.rpartition("@")[0] or name for name in packages}
        - set(manifest["dependencies"])
        - set(manifest["devDependencies"])
    )
    if missing:
        raise SystemExit(
            f"not in frontend/reflex.lock: {', '.join(sorted(missing))}; run `python -m server build --relock`"
        )
    (WEB / "package.json").write_text(json.dumps(manifest), "utf-8")
    shutil.copy(LOCK, WEB / "package-lock.json")
    fingerprint = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if _STAMP.exists() and _STAMP.read_text() == fingerprint:
        return
    npm = shutil.which("npm") or "npm"
    command = [npm, "ci", "--legacy-peer-deps", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=WEB, check=True)  # noqa: S603 our own words only
    _STAMP.write_text(fingerprint)


def main() -> None:
    relock = "--relock" in sys.argv
    if not relock:
        js_runtimes.install_frontend_packages = install
    try:
        cli(["export", "--frontend-only", "--no-zip"], standalone_mode=False)
    finally:
        if relock:
            strip(LOCK)


if __name__ == "__main__":
    main()
