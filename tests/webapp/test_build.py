"""What the build makes: pages in two languages, no inline style or unknown script, and every document that a page sends."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from server import client_build
from webapp.documents import documents

LOCK = client_build.FRONTEND / "reflex.lock" / "package-lock.json"
SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.S)


@pytest.fixture(scope="module")
def built() -> Path:
    client_build.build()
    return client_build.BUILT


def pages(built: Path) -> list[Path]:
    return sorted(built.rglob("*.html"))


def test_a_current_build_is_found_so_at_once(built: Path) -> None:
    assert client_build.is_current()
    assert client_build.build() is False


def test_a_changed_source_is_a_reason_to_build(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = client_build.fingerprint()
    monkeypatch.setattr(client_build, "_SOURCES", client_build._SOURCES[1:])
    assert client_build.fingerprint() != before


def test_npm_packages_are_locked_by_content_and_by_no_address() -> None:
    packages = json.loads(LOCK.read_text("utf-8"))["packages"]
    assert "resolved" not in LOCK.read_text("utf-8")
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_each_page_is_there_in_both_languages(built: Path) -> None:
    every = {p.relative_to(built).as_posix() for p in pages(built)}
    chinese = {name for name in every if not name.startswith("en/")}
    english = {p.relative_to(built / "en").as_posix() for p in (built / "en").rglob("*.html")}
    assert chinese == english and "index.html" in chinese
    for page in pages(built):
        tag = "en" if page.is_relative_to(built / "en") else "zh-CN"
        assert f'<html lang="{tag}"' in page.read_text("utf-8")[:200], page


def test_no_english_page_speaks_chinese(built: Path) -> None:
    """Except the names of the two languages, which are written in themselves."""
    han = re.compile(r"[\u4e00-\u9fff]+")
    for page in (built / "en").rglob("*.html"):
        body = SCRIPT.sub("", page.read_text("utf-8"))
        assert set(han.findall(body)) <= {"中文", "鲁", "青岛西海岸新区"}, page


def test_no_page_needs_inline_style(built: Path) -> None:
    assert [p.name for p in pages(built) if re.search(r'\sstyle="|<style', p.read_text("utf-8"))] == []


def test_each_inline_script_is_known(built: Path) -> None:
    known = json.loads((built / "site.json").read_text("utf-8"))["scripts"]
    for page in pages(built):
        for script in SCRIPT.finditer(page.read_text("utf-8")):
            if script["body"] and "src=" not in script["attributes"]:
                value = base64.b64encode(hashlib.sha256(script["body"].encode()).digest()).decode()
                assert f"sha256-{value}" in known["/" + page.relative_to(built).as_posix()]


def test_no_address_of_the_build_is_left(built: Path) -> None:
    for script in (built / "assets").glob("*.js"):
        assert not re.search(r"localhost:\d", script.read_text("utf-8")), script


def test_our_sources_are_not_served(built: Path) -> None:
    assert not (built / "haian").exists()
    assert [p.name for p in built.rglob("*.jsx")] == []


def test_every_document_that_the_client_names_exists() -> None:
    named = re.compile(r"""\b(?:use|ask|pushes|public|form|send)\(\s*["']([A-Z][A-Za-z]+)["']|doc="([A-Z]\w+)\"""")
    home = client_build.FRONTEND
    sources = [*(home / "webapp").rglob("*.py"), *(home / "assets" / "haian").glob("*.js*")]
    found = {a or b for path in sources for a, b in named.findall(path.read_text("utf-8"))}
    assert len(found) > 10
    assert found - set(documents()) == set()


def test_home_is_light(built: Path) -> None:
    """150 KB of script, brotli; what is fetched later by hand (camera, pickers) does not count."""
    names = set(re.findall(r'"(/assets/[^"]+\.js)"', (built / "index.html").read_text("utf-8"))) | {"/boot.js"}
    sizes = {n: (built / f"{n[1:]}.br" if (built / f"{n[1:]}.br").exists() else built / n[1:]).stat().st_size for n in names}
    assert sum(sizes.values()) < 150 * 1024, sizes


def test_the_worker_keeps_nothing_personal(built: Path) -> None:
    worker = (built / "sw.js").read_text("utf-8")
    assert 'const VERSION = "dev"' not in worker
    for path in ("graphql", "_event", "demo"):
        assert path in worker
