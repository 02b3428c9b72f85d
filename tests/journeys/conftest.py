"""Fixtures of the journeys: the one-command product, and phones in a real browser that look at it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright
from tests.clients import Served
from tests.journeys.browser import Phones, launched
from tests.product import Product, looking_into

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remembers that a journey failed, for its pictures."""
    outcome: Any = yield
    if outcome.get_result().failed:
        item.stash[FAILED] = True


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all journeys; each phone is a context of its own."""
    async with async_playwright() as playwright, launched(playwright) as browser:
        yield browser


@pytest_asyncio.fixture(scope="session")
async def inside(product: Product) -> AsyncIterator[Served]:
    """The product's own database and Redis, and `tests.clients` phones that call it without a browser."""
    async with looking_into(product) as inside:
        yield inside


@pytest_asyncio.fixture
async def phone_page(browser: Browser, inside: Served, request: pytest.FixtureRequest) -> AsyncIterator[Phones]:
    """Opens phones: `await phone_page("resident", "/parking")`. See `Phones`."""
    phones = Phones(browser, inside, request.node.name)
    yield phones
    await phones.put_away(request.node.stash.get(FAILED, False))


@pytest_asyncio.fixture
async def page(phone_page: Phones) -> Page:
    """The phone of a stranger, at the home page."""
    return await phone_page(path="/")
