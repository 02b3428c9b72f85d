"""How large what is tapped and read is on a page, and how large it has to be."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.async_api import Page

MEASURE = (Path(__file__).parent / "sizes.js").read_text("utf-8")
ELDER = """on => {
    localStorage.setItem("haian.prefs", JSON.stringify({ elder: on }));
    dispatchEvent(new Event("haian:prefs"));
}"""


@dataclass(frozen=True)
class Sizes:
    """The least, in CSS pixels: both sides of a target, a text; and the height of its line to that of its letters."""

    target: int
    text: int = 0
    leading: float = 0


USUAL = Sizes(44)
LARGE = Sizes(60, 18, 1.5)


async def small(page: Page, least: Sizes) -> list[str]:
    """What is smaller on the page as it stands, or lies over something else, a line each."""
    found: list[str] = await page.evaluate(MEASURE, asdict(least))
    return found


async def switched(page: Page, elder: bool) -> None:
    """The page in the other version, without being loaded anew."""
    await page.evaluate(ELDER, elder)
