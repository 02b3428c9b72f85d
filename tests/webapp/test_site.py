"""How the built client is served: the right form, validators, a strict policy, nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from server.site import EventSocket, Site

PAGE = "<!DOCTYPE html><html><body>首页<script>inline()</script></body></html>"
FILES = {
    "index.html": PAGE, "en/index.html": "en", "parking/index.html": "parking", "404.html": "没有", "en/404.html": "none",
    "assets/app-1a2b.js": "js" * 500, "icon.svg": "<svg/>", "site.json": "{}",
}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    for name, body in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(body, "utf-8")
    (tmp_path / "assets/app-1a2b.js.br").write_bytes(b"brotli")
    (tmp_path / "assets/app-1a2b.js.gz").write_bytes(b"gzip")
    (tmp_path / "site.json").write_text(json.dumps({"scripts": {"/index.html": ["sha256-abc="]}}), "utf-8")
    return tmp_path


@pytest_asyncio.fixture
async def client(built: Path) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(Site(built, secure=True)), base_url="http://site")


async def raw(client: httpx.AsyncClient, path: str, accepted: str) -> tuple[str | None, bytes]:
    async with client.stream("GET", path, headers={"accept-encoding": accepted}) as answer:
        return answer.headers.get("content-encoding"), b"".join([part async for part in answer.aiter_raw()])


async def test_a_page_is_never_kept_unasked_and_may_run_only_our_scripts(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.status_code == 200 and "首页" in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self' 'sha256-abc=';" in policy
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy and "style-src 'self';" in policy
    for name, value in (("x-content-type-options", "nosniff"), ("permissions-policy", "camera=(self)"),
                        ("cross-origin-opener-policy", "same-origin"), ("strict-transport-security", "max-age")):
        assert value in answer.headers[name]


async def test_without_https_there_is_no_hsts(built: Path) -> None:
    plain = httpx.AsyncClient(transport=httpx.ASGITransport(Site(built)), base_url="http://site")
    assert "strict-transport-security" not in (await plain.get("/")).headers


@pytest.mark.parametrize("path", ["/parking", "/parking/"])
async def test_an_address_has_one_page_and_no_redirect(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.text) == (200, "parking")


@pytest.mark.parametrize(("path", "text"), [("/nowhere", "没有"), ("/en/nowhere", "none")])
async def test_a_wrong_address_has_a_page_in_its_language(client: httpx.AsyncClient, path: str, text: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.text) == (404, text)
    assert "etag" not in answer.headers


@pytest.mark.parametrize("path", ["/assets/gone.js", "/../pyproject.toml", "/site.json", "/assets/app-1a2b.js.br"])
async def test_what_is_no_page_is_just_absent(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.content) == (404, b"")


async def test_hashed_files_are_kept_for_ever_and_sent_small(client: httpx.AsyncClient) -> None:
    assert (await client.head("/assets/app-1a2b.js")).headers["cache-control"].endswith("immutable")
    assert await raw(client, "/assets/app-1a2b.js", "gzip, deflate, br") == ("br", b"brotli")
    assert await raw(client, "/assets/app-1a2b.js", "gzip;q=1.0, br;q=0") == ("gzip", b"gzip")
    assert (await raw(client, "/assets/app-1a2b.js", "identity"))[0] is None


async def test_an_unchanged_file_is_not_sent_again(client: httpx.AsyncClient) -> None:
    etag = (await client.get("/")).headers["etag"]
    for header in (etag, f"W/{etag}", f'"other", {etag}'):
        answer = await client.get("/", headers={"if-none-match": header})
        assert (answer.status_code, answer.content) == (304, b"")
    assert (await client.get("/", headers={"if-none-match": '"other"'})).status_code == 200


async def test_head_tells_the_length_without_the_body(client: httpx.AsyncClient) -> None:
    answer = await client.head("/parking")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "7", b"")


async def test_nothing_can_be_posted(client: httpx.AsyncClient) -> None:
    answer = await client.post("/", content=b"x")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_of_reflex_only_the_event_socket_is_reachable() -> None:
    async def reflex(scope: object, receive: object, send: object) -> None:
        raise AssertionError("Reflex was called over HTTP")

    door = httpx.AsyncClient(transport=httpx.ASGITransport(EventSocket(reflex)), base_url="http://site")
    for path in ("/_upload", "/_event", "/ping"):
        assert (await door.get(path)).status_code == 404


async def test_a_websocket_to_a_page_is_turned_away(built: Path) -> None:
    """An application that says nothing to a handshake is answered for with 500."""
    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)

    await Site(built)({"type": "websocket", "path": "/nowhere", "headers": []}, send, send)  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close"}]
