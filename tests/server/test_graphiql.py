"""GraphiQL: whose browser is shown it, and that its files are those that were locked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.clients import Served

from server import graphiql

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def test_a_developers_browser_is_shown_it(shared: Served) -> None:
    answer = await (await shared.signed_in("developer")).http.get("/graphql", headers=HTML)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert not re.search(r"https?://", answer.text)


@pytest.mark.parametrize("who", [None, "resident", "editor"])
async def test_another_is_told_whose_it_is_and_a_program_answered(shared: Served, who: str | None) -> None:
    phone = await shared.signed_in(who) if who else shared.phone()
    answer = await phone.http.get("/graphql", headers=HTML, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"], answer.text) == (303, "/developers", "")
    assert answer.headers["cache-control"] == "no-store"
    answer = await phone.http.get("/graphql", headers=HTML | {"Accept-Language": "en"}, follow_redirects=False)
    assert answer.headers["location"] == "/en/developers"
    assert (await phone.http.get("/graphql")).json()["errors"][0]["extensions"]["code"] == "DOCUMENT_REQUIRED"


async def test_a_question_is_answered_though_a_browser_asks_it(shared: Served) -> None:
    phone = await shared.signed_in("developer")
    answer = await phone.http.get("/graphql", params={"query": "{ __typename }"}, headers=HTML)
    assert answer.json() == {"data": {"__typename": "Query"}}


def test_a_package_that_is_not_the_locked_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(graphiql.WrongPackage):
        graphiql._unpack(b"another", "react", {"version": "18.3.1", "integrity": "sha512-x", "files": []}, tmp_path)
