"""Browsers for the journeys: phones and desks in one Chromium, each a context of its own, watched for errors."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.async_api import Browser, BrowserContext, Page, Playwright, expect
from tests.clients import PHONES, Served
from tests.waiting import until_async

from haian.demo import demo_id
from haian.ids import new_id
from haian.settings import PROJECT
from identity import sessions, store
from server.browser import chromium

ARTIFACTS = PROJECT / "artifacts"
STARTED = """() => { const main = document.querySelector("main");
    return !!main && Object.keys(main).some((key) => key.startsWith("__reactFiber")); }"""
MOVED = """(() => {{
    const true_now = Date.now, now = () => true_now() + {by};
    const told = {{
        construct: (real, given, target) => Reflect.construct(real, given.length ? given : [now()], target),
        apply: (real) => new real(now()).toString(),
        get: (real, name) => (name === "now" ? now : Reflect.get(real, name)),
    }};
    globalThis.Date = Date.prototype.constructor = new Proxy(Date, told);
}})()"""
"""The page's Date runs with the product's clock, `by` milliseconds from here; its timers are the browser's own."""
ONCE = "if (origin !== 'null' && !localStorage.getItem({key})) localStorage.setItem({key}, {value});"
"""On every page but those of nobody, which the browser shows for a moment between two addresses."""
TOLD = """(() => {
    const told = (globalThis.told = []);
    const heard = (node) => told.push(...[node, ...node.querySelectorAll("*")].filter(
        (one) => one.matches(".toast, .code-told")).map((one) => one.textContent));
    const watch = new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(
        (node) => node.nodeType === Node.ELEMENT_NODE && heard(node))));
    watch.observe(document, { childList: true, subtree: true });
})()"""
"""Keeps what the page says for some seconds only; see `told`."""
PATIENCE = 30
"""Seconds. Where browsers and servers share a core everything takes its time; how long decides nothing but how soon a fault
is told. Whatever vanishes by itself is no thing to wait for: `told`."""
AWAY = ("net::ERR_", "Failed to fetch", "WebSocket connection to", "502", "503")
"""What Chromium itself says on the console when a server or the network is away."""
expect.set_options(timeout=PATIENCE * 1000)


@asynccontextmanager
async def launched(playwright: Playwright) -> AsyncIterator[Browser]:
    """Debian's Chromium (or the newest that Playwright downloaded), with a fake camera."""
    camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--lang=zh-CN", *camera])
    try:
        yield browser
    finally:
        await browser.close()


async def session_of(inside: Served, citizen: UUID) -> str:
    """The cookie of a new session of a citizen, made without a text message."""
    cookie = sessions.new_cookie()
    async with inside.platform.writing("identity") as tx:
        device = await store.add_device(tx, citizen, sessions.hash_of(cookie), "journey")
    await sessions.begin(inside.platform.redis, cookie, citizen, device)
    return cookie


async def new_resident(inside: Served, name: str = "邻居") -> UUID:
    """A real-named citizen of the demo's own community whom no other journey knows."""
    async with inside.platform.db.writing_as("identity") as connection:
        citizen: UUID = await connection.fetchval(
            """INSERT INTO identity.citizen (id, name, phone, born, community, level, demo, created_at)
               VALUES ($1, $2, $3, '1990-01-01', '370211005001', 'VERIFIED', true, $4) RETURNING id""",
            (id_ := new_id()), name, f"137{id_.int % 10**8:08d}", inside.platform.clock.now())
    async with inside.platform.db.writing_as("consent") as connection:
        await connection.execute("INSERT INTO consent.acceptance VALUES ($1, 1, $2, $1)", citizen,
                                 inside.platform.clock.now())
    return citizen


@dataclass
class Phones:
    """The phones of one journey. `await phones("resident", "/parking")` opens one more; a desk is `width=1024`.

    Whatever a page throws or complains of on the console fails the journey, except what contains one of `allowed`.
    """

    browser: Browser
    inside: Served
    name: str
    allowed: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    async def __call__(self, who: str | UUID | None = None, path: str = "", *, width: int = 390, height: int | None = None,
                       dark: bool = False, elder: bool = False, locale: str = "zh") -> Page:
        """`who`: a demo account's key or a citizen, already signed in; None is a stranger. `path`: opened, and started."""
        english = locale == "en"
        context = await self.browser.new_context(
            base_url=self.inside.origin, viewport={"width": width, "height": height or (844 if width < 768 else 900)},
            color_scheme="dark" if dark else "light", locale="en-US" if english else "zh-CN",
            timezone_id="Asia/Shanghai", has_touch=width < 768, is_mobile=width < 768, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE * 1000)
        self.contexts.append(context)
        await context.add_init_script(MOVED.format(by=round((self.inside.platform.clock.epoch() - time.time()) * 1000)))
        await context.add_init_script(TOLD)
        kept: dict[str, Any] = {"haian.prefs": {"elder": elder} | ({"lang": "en"} if english else {})}
        if who is not None:
            citizen = who if isinstance(who, UUID) else demo_id(f"citizen:{who}")
            cookie = await session_of(self.inside, citizen)
            await context.add_cookies([{"name": "haian_session", "value": cookie, "url": self.inside.origin,
                                        "httpOnly": True, "sameSite": "Lax"}])
            kept["haian.who"] = str(citizen)
        for key, value in kept.items():
            await context.add_init_script(ONCE.format(key=json.dumps(key), value=json.dumps(json.dumps(value))))
        page = await context.new_page()
        self._watch(page, who)
        if path:
            await opened_at(page, ("/en" + path.rstrip("/")) if english else path)
        return page

    def allow(self, *words: str) -> None:
        """These words in an error are meant, in this journey."""
        self.allowed.extend(words)

    def _watch(self, page: Page, who: Any) -> None:
        page.on("pageerror", lambda error: self._note(f"{who}: {error}"))
        page.on("console", lambda said: self._note(f"{who}: {said.text} {said.location.get('url', '')}")
                if said.type == "error" else None)

    def _note(self, trouble: str) -> None:
        if not any(word in trouble for word in self.allowed):
            self.troubles.append(trouble)

    async def put_away(self, failed: bool) -> None:
        """Closes all; a picture of each page when the journey failed. AssertionError for what the pages complained of."""
        for number, context in enumerate(self.contexts):
            for page in context.pages if failed else []:
                await page.screenshot(path=picture(f"{self.name}-{number}"), full_page=True)
            await context.close()
        assert not self.troubles, "\n".join(self.troubles)


def picture(name: str) -> Path:
    """The file of a screenshot, in artifacts/."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS / (re.sub(r"[^\w.-]+", "-", name) + ".png")


async def opened_at(page: Page, path: str) -> Page:
    """Goes there by its address, and waits until the page answers taps."""
    await page.goto(path)
    await started(page)
    return page


async def started(page: Page) -> None:
    """Waits until the page answers taps: before, React has not taken it over."""
    async def has_started() -> bool:
        return bool(await page.evaluate(STARTED))
    await until_async(has_started, PATIENCE)


async def told(page: Page, words: str) -> None:
    """Waits until the page has said this, since it was loaded and for however short a while."""
    async def has_said() -> bool:
        return bool(await page.evaluate("words => told.some((said) => said.includes(words))", words))
    await until_async(has_said, PATIENCE)


async def sign_in(page: Page, who: str) -> None:
    """Signs in on the sign-in page as a person does, with the code that a demo shows; ends where the page leads."""
    await page.get_by_label("手机号").fill(PHONES.get(who, who))
    await page.locator("button[type=submit]").click()
    code = page.locator(".note b.num")
    await expect(code).to_have_text(re.compile(r"^\d{6}$"))
    await page.locator("#code").fill(await code.inner_text())
    await expect(page).not_to_have_url(re.compile("/sign-in"))
    await started(page)


async def agree(page: Page) -> None:
    """Who signs in for the first time reads the terms, agrees, and is where the wish began."""
    await expect(page).to_have_url(re.compile("/terms"))
    await started(page)
    await page.get_by_role("button", name="我同意").click()
    await expect(page).not_to_have_url(re.compile("/terms"))
    await started(page)
