"""Who asks, as one value that every rule looks at."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID


class Client(NamedTuple):
    """The mini-app that asks with a citizen's token, and the organisation that answers for it."""

    id: UUID
    office: UUID | None


class Viewer(NamedTuple):
    """The citizen of this request (None: nobody is signed in), the session, and the posts held now. `by_token`: it came
    with an access token instead of the session's cookie. `by_router`: through the subgraphs' router, which makes
    its own queries of trusted documents. `subject`: the citizen for whom they act, None for themself. `scopes`: what a
    mini-app's token may do, None for the person themself; `client`: which mini-app that is. `known`: by what a browser shows
    that somebody signed in there."""

    id: UUID | None = None
    session: str | None = None
    roles: frozenset[str] = frozenset()
    locale: str = "zh"
    address: str = ""
    browser: str | None = None
    by_token: bool = False
    by_router: bool = False
    subject: UUID | None = None
    scopes: frozenset[str] | None = None
    known: str | None = None
    client: Client | None = None

    @property
    def signed_in(self) -> bool:
        return self.id is not None

    @property
    def is_acting(self) -> bool:
        """Whether only what a scope covers may be seen or done: for another, or by a mini-app's token."""
        return self.subject is not None or self.scopes is not None

    @property
    def for_whom(self) -> UUID | None:
        """Whose things are meant by "mine"."""
        return self.subject or self.id

    @property
    def linked(self) -> UUID | None:
        """Who {viewer} is in a read: nobody where a mini-app asks. It sees what is its citizen's own ({subject}), and
        nothing that they see by a link: neither their children nor what is near them."""
        return None if self.client else self.id

    def __repr__(self) -> str:
        """Without what a browser shows as its own."""
        return f"Viewer({self.id}, {self.session}, {set(self.roles)})"


ANONYMOUS = Viewer()
