"""Makes sure that a Chromium and a Chinese font exist, for the journeys. Says nothing and is quick when they do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
PLAYWRIGHT_CACHES = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
)
APT_PATIENCE = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]  # a new machine may be installing by itself
APT_COMMANDS = (["update"], ["install", "--yes", "--no-install-recommends", "chromium", "fonts-noto-cjk"])
FONT_MARKS = ("CJK", "SourceHanS", "wqy", "PingFang", "Hiragino", "DroidSansFallback")


def chromium() -> str | None:
    """The path of a Chromium: the system's, else the newest one that Playwright downloaded."""
    if system := next(filter(None, map(shutil.which, NAMES)), None):
        return system
    found = [
        path
        for cache in (os.environ.get("PLAYWRIGHT_BROWSERS_PATH"), *PLAYWRIGHT_CACHES)
        for name in ("chrome", "Chromium")
        for path in Path(cache or "/nowhere").expanduser().glob(f"chromium-*/**/{name}")
        if path.is_file()
    ]
    return str(max(found)) if found else None


def has_chinese_font() -> bool:
    """Whether a font for Chinese is installed, by the names of the usual ones."""
    for folder in map(Path, FONT_FOLDERS):
        for _, _, names in os.walk(folder.expanduser()):
            if any(mark in name for name in names for mark in FONT_MARKS):
                return True
    return False


def install_as_root() -> None:
    """By Debian's packages."""
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in APT_COMMANDS:
        subprocess.run(["/usr/bin/apt-get", "-qq", *APT_PATIENCE, *command], check=True,  # noqa: S603
                       stdout=subprocess.DEVNULL, env=env)


def install() -> None:
    """By apt-get as root where there is one, else by Playwright into the user's own folder."""
    from server.console import SAY, tell

    if os.geteuid() == 0 and Path("/usr/bin/apt-get").exists():
        tell(SAY("browser_root"))
        install_as_root()
    elif not chromium():
        tell(SAY("browser_playwright"))
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def main() -> int:
    """Exit code 0 when there is a browser, 2 when none could be installed."""
    if chromium() and has_chinese_font():
        return 0
    from server.console import SAY, LaunchError, complain

    try:
        install()
        if not chromium():
            raise LaunchError("browser_missing", reason="chromium")
    except (LaunchError, OSError, subprocess.CalledProcessError) as error:
        complain(str(error) if isinstance(error, LaunchError) else SAY("browser_missing", reason=error))
        return 2
    if not has_chinese_font():
        complain(SAY("font_missing"))
    return 0
