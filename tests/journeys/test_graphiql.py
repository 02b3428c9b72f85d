"""Journey: a developer tries a query and a subscription in the browser, with nothing from any other host."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.async_api import Page, expect
from tests.journeys.browser import Phones

WRITE = "text => document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.setValue(text)"


async def run(page: Page, text: str, *shown: str) -> None:
    """Write a document, run it, and see what it answers."""
    await page.evaluate(WRITE, text)
    await page.locator(".graphiql-execute-button[aria-label^='Execute']").click()
    for each in shown:
        await expect(page.locator(".result-window")).to_contain_text(each)


async def test_a_developer_tries_queries_in_the_browser(phone_page: Phones) -> None:
    phone_page.allow("400 (Bad Request)")  # of the query that is wrong
    page = await phone_page("developer", "/me/clients", width=1200, height=700)
    hosts = set[str]()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    await page.get_by_role("link", name="试查询").click()
    await expect(page.locator(".graphiql-query-editor .CodeMirror")).to_be_visible()  # fetched after the button
    await run(page, "{ identityViewer { name } }", "周子航")
    await run(page, "subscription { liveTicks(count: 2) }", '"liveTicks": "20')
    await run(page, "{ nothing }", "GRAPHQL_INVALID")
    await page.get_by_label("Show Documentation Explorer").click()
    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text("mutation: Mutation")
    assert hosts <= {urlsplit(page.url).netloc, ""}
