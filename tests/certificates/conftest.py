"""An office that issues, for the tests: the demo's, in a thread; and citizens whom it knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import pytest_asyncio
from tests.clients import Served
from tests.identity.authority import PATIENCE, TOKEN, authority

from certificates.issuers import HttpIssuer


@pytest.fixture(scope="session")
def office() -> Iterator[str]:
    """The address of the demo's office."""
    with authority() as url:
        yield url.replace("/verify", "/certificates")


@pytest_asyncio.fixture
async def issuing(shared: Served, office: str, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The product, with an office that it may ask; afterwards with the one that it had."""
    monkeypatch.setitem(shared.platform.services, "issuer", HttpIssuer(office, TOKEN, PATIENCE))
    return shared
