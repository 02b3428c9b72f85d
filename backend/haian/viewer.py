"""Who asks, as one value that every rule looks at."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True)
class Viewer:
    """The citizen of this request (None: nobody is signed in), the session, and the posts held now. `by_token`: it came
    with an access token instead of the session's cookie. `by_router`: through the subgraphs' router, which makes
    its own queries of trusted documents."""

    id: UUID | None = None
    session: str | None = None
    roles: frozenset[str] = frozenset()
    locale: str = "zh"
    address: str = ""
    browser: str | None = field(default=None, repr=False)
    by_token: bool = False
    by_router: bool = False

    @property
    def signed_in(self) -> bool:
        return self.id is not None


ANONYMOUS = Viewer()
