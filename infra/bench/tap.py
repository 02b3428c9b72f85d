"""From the tap on the code's tab to the code on the screen, in a real browser on a slow phone (processor slowed 4 times).

    PYTHONPATH=infra .venv/bin/python -m bench.tap [http://127.0.0.1:8000] [--taps 20] [--slower 4]

Measured inside the page, from the finger's touch to the frame after the picture is there: `first` on pages that have just
been opened, `warm` when it was shown before, `away` without a network, with a code that the phone carries. Needs a running
server with demo data (`make run`); 40 codes a minute are shown to one citizen. Exits with 1 where warm takes more than 1 s.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from gateway.documents import MANIFEST
from server.browser import chromium

TAB, BAR = 'nav a[href="/onecode"]:visible', 1000
WATCH = """addEventListener("pointerdown", ({ target }) => {
  if (!target.closest('a[href="/onecode"]')) return;
  const began = performance.now();
  delete document.documentElement.dataset.took;
  const look = () => {
    const there = document.querySelector(".code-picture[data-code]")?.getBoundingClientRect().width > 0;
    requestAnimationFrame(there ? () => (document.documentElement.dataset.took = performance.now() - began) : look);
  };
  requestAnimationFrame(look);
}, true)"""


def signed_in(browser: Browser, origin: str, phone: str) -> Any:
    """The state of a browser in which a demo citizen is signed in."""
    ids = {each["name"]: each["id"] for each in json.loads(MANIFEST.read_text(encoding="utf-8"))["operations"]}
    context = browser.new_context()

    def ask(name: str, **variables: str) -> None:
        answer = context.request.post(f"{origin}/graphql", data={"documentId": ids[name], "variables": variables},
                                      headers={"origin": origin})
        if not answer.ok or "errors" in answer.json():
            sys.exit(f"{name}: {answer.text()}")
    ask("IdentityRequestCode", phone=phone)
    code = context.request.get(f"{origin}/demo/sms?phone={phone}").json()["code"]
    ask("IdentitySignIn", phone=phone, code=code)
    state = context.storage_state()
    context.close()
    return state


def opened(browser: Browser, origin: str, state: Any, slower: float) -> tuple[BrowserContext, Page]:
    """A phone at the home page."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=3, has_touch=True,
                                  is_mobile=True, locale="zh-CN", timezone_id="Asia/Shanghai", storage_state=state)
    context.add_init_script("localStorage.setItem('haian.who', '\"bench\"')")
    context.add_init_script(WATCH)
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(f"{origin}/")
    page.locator(TAB).wait_for()
    page.wait_for_load_state("networkidle")
    return context, page


def tapped(page: Page) -> float:
    """How long one tap took, in ms; then home again."""
    page.locator(TAB).tap()
    said = page.locator("html[data-took]")
    said.wait_for(state="attached")
    took = float(said.get_attribute("data-took") or 0)
    page.locator('nav a[href="/"]:visible').first.tap()
    page.locator(".code-picture").wait_for(state="detached")
    return took


def said(name: str, found: list[float]) -> str:
    found = sorted(found)
    return (f"{name:<6} {len(found):>3} taps   median {statistics.median(found):>5.0f} ms   "
            f"p95 {found[-(-len(found) * 95 // 100) - 1]:>5.0f} ms   longest {found[-1]:>5.0f} ms")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.tap", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("origin", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--taps", type=int, default=20)
    parser.add_argument("--slower", type=float, default=4)
    parser.add_argument("--phone", default="13800000001")
    given = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        state = signed_in(browser, given.origin, given.phone)
        first = []
        for _ in range(5):
            context, page = opened(browser, given.origin, state, given.slower)
            first.append(tapped(page))
            context.close()
        context, page = opened(browser, given.origin, state, given.slower)
        tapped(page)
        warm = [tapped(page) for _ in range(given.taps)]
        page.locator(TAB).tap()
        page.wait_for_timeout(6000)  # until the phone carries codes
        page.locator('nav a[href="/"]:visible').first.tap()
        context.set_offline(True)
        away = [tapped(page) for _ in range(5)]
        browser.close()
    print("\n".join((said("first", first), said("warm", warm), said("away", away))))
    return int(statistics.median(warm) > BAR)


if __name__ == "__main__":
    sys.exit(main())
