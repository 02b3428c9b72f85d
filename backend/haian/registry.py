"""Mini-apps and capabilities, by manifest: what each offers the others is registered here and nowhere imported."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from haian.errors import Catalogue
from haian.manifest import Manifest, Texts
from haian.migrate import Source
from haian.reads import Read

if TYPE_CHECKING:
    from haian.call import Platform
    from haian.settings import Settings

KERNEL_MESSAGES = Path(__file__).with_name("messages.toml")


@dataclass(frozen=True)
class HomeBlock:
    """The owner's next things for the home page: `rows()` reads id, kind, title, place, starts_at, ends_at, link, state
    for {viewer} from {now} on. `title` and `place` are names in the owner's data, `kind` and `state` words of the client. It
    may read `number` too, a place in a queue 号序. The page sorts all and shows the first: a block that could have more than
    a few things says itself which of them are next."""

    rows: Callable[[], Read]


@dataclass(frozen=True)
class Desk:
    """A page where staff work: at `link`, for whoever holds one of the `roles`, in organisations of one `kind` where it
    says one. `waiting()` reads what waits there for {viewer}, a row for each thing; `since`: its column that says since
    when; `open`: which of its rows wait. Without `waiting` nothing does: the desk is for who comes."""

    link: str
    roles: tuple[str, ...]
    kind: str = ""
    waiting: Callable[[], Read] | None = None
    since: str = ""
    open: str = "true"


@dataclass(frozen=True)
class SearchSource:
    """Public things that search may find: `rows()` reads kind, id, title, detail, link, for everything there is.
    `popular`: their names may be suggested to those who have not typed yet."""

    kind: str
    rows: Callable[[], Read]
    changed_by: tuple[str, ...] = ()
    popular: bool = False


@dataclass(frozen=True)
class MessageType:
    """An event that becomes a message in the inbox of its citizen. The sentences take their words from the payload; a
    time is written `{starts_at:time}`. `link` is a path of the client; `urgent` rings on 长辈版 too. `example`: a payload
    as the event has it, by which the sentences are checked."""

    event: str
    title: Texts
    body: Texts
    link: str
    urgent: bool = False
    example: Mapping[str, Any] = field(default_factory=dict)


def message(event: str, zh: tuple[str, str], en: tuple[str, str], link: str, urgent: bool = False) -> MessageType:
    """A type of message by its title and sentence, language by language."""
    return MessageType(event, {"zh": zh[0], "en": en[0]}, {"zh": zh[1], "en": en[1]}, link, urgent)


@dataclass(frozen=True)
class Fact:
    """A fact about a citizen that a scene may show: `value(citizen)` reads one value, or none where it does not hold.
    A `local` fact depends on who asks: `value(citizen, organisation)`."""

    name: str
    label: Texts
    value: Callable[..., Read]
    local: bool = False


@dataclass(frozen=True)
class Job:
    """Work that is due by time. Runs in the worker, at most once at a time in the whole installation."""

    name: str
    seconds: float
    run: Callable[[Platform], Awaitable[None]]


@dataclass(frozen=True)
class Service:
    """An entry of the service grid, and what search finds it by."""

    id: str
    title: Texts
    link: str
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scope:
    """What one citizen may let another, or a mini-app, do: `id` as in the manifest ("healthcare.appointments.write"), and in
    words that an elder understands; `of_them`: the same for a reader whom it is not about, who asks to help or sits at a
    desk. `people_only`: no mini-app; it is about children, or wants a face."""

    id: str
    title: Texts
    words: Texts
    of_them: Texts
    people_only: bool = False


@dataclass(frozen=True)
class Keeps:
    """What is kept though its citizen closed the account: what, on which legal ground, and for how many days."""

    what: Texts
    ground: Texts
    days: int


@dataclass(frozen=True)
class Retention:
    """What is deleted though its citizen stays: what, on which ground it was kept until then, after how many days; None
    where the rows themselves say. `old`: selects the ids of at most $2 rows of `table` that are due, by an index; $1 is the
    time before which they are, so many days ago."""

    what: Texts
    ground: Texts
    days: int | None
    table: str
    old: str


@dataclass(frozen=True)
class Opens:
    """How a row of an export with a seal is opened: `whole(settings, citizen, row)` gives it with what the seal holds.
    InvalidTag where no key of ours opens it: then that is said in its `place`, and the rest of the row stands."""

    place: str
    whole: Callable[[Settings, UUID, dict[str, Any]], dict[str, Any]]


SECRET = {"zh": "密钥和摘要：只用来核对，落到别人手里对您有害",
          "en": "Keys, secrets and their hashes: they only prove something, and would harm you in other hands"}
OTHERS = {"zh": "别人的信息，在各自的文件里", "en": "About somebody else, in whose own file it is"}
OFFICE = {"zh": "工作人员替单位办的事：由单位保管，当事人的用数账本里有",
          "en": "Done for an office, which keeps it; it is in the ledger of those whom it was about"}
RUNNING = {"zh": "系统运行要记的，没有您的其他信息", "en": "What the product needs to run; it says nothing more about you"}
"""Why something that is held with a citizen's things is not in their file."""
NOT_OPENED = {"zh": "这一项是加密保存的，现在解不开，所以没有内容。系统已经记下，请联系社区服务台核实。",
              "en": "This is kept encrypted and cannot be opened now, so its content is missing. It was recorded; please "
                    "ask a community desk."}
"""What a file says in the place of something that no key of ours opens."""
NO_LONGER = {"zh": "个人信息保护法第 19 条：只保存必要的最短时间", "en": "PIPL art. 19: no longer than is needed"}
LIMITATION = {"zh": "民法典第 188 条：三年内可能有争议要处理", "en": "Civil Code art. 188: claims within three years"}
HALF_A_YEAR, THREE_YEARS = 184, 1096
"""Days: six months, and three years, are never more. Where a law says "no less than", fewer would be too few."""


@dataclass(frozen=True)
class Providers:
    """What a noun offers to others."""

    home: HomeBlock | None = None
    desks: tuple[Desk, ...] = ()
    search: tuple[SearchSource, ...] = ()
    messages: tuple[MessageType, ...] = ()
    facts: tuple[Fact, ...] = ()
    jobs: tuple[Job, ...] = ()
    services: tuple[Service, ...] = ()
    hears: Mapping[str, Callable[[Platform, Event], Awaitable[None]]] = field(default_factory=dict)
    """Event type (or "*") -> what is done in the worker when it left the outbox; may run twice, must not show it."""
    export: Mapping[str, Callable[[UUID], Read]] = field(default_factory=dict)
    """What the noun holds about a citizen, by name: reads that are the same whoever asks, run as the noun's own role."""
    opens: Mapping[str, Opens] = field(default_factory=dict)
    """Of what is exported that with a seal, by its name."""
    leaves_out: Mapping[str, Texts] = field(default_factory=dict)
    """What stands beside it and is not exported, as "schema.table" or "schema.table.column": why."""
    not_held: tuple[str, ...] = ()
    """Tables that hold nothing about a citizen. Every column is exported, left out, or in one of these."""
    erase: Callable[[Any, UUID], Awaitable[None]] | None = None
    """Forgets a citizen, by a connection that may write the noun's schema; may run twice. Nothing is left to export."""
    erase_after: timedelta = timedelta(0)
    """How long after an account was closed `erase` is due."""
    keeps: tuple[Keeps, ...] = ()
    retains: tuple[Retention, ...] = ()
    scopes: tuple[Scope, ...] = ()
    load_demo: Callable[[Platform, Any], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Event:
    """What left the outbox."""

    id: UUID
    type: str
    citizen: UUID | None
    payload: Mapping[str, Any]
    at: Any


class MiniApp:
    """A mini-app or capability in this process. `noun` names its package, schema, prefix, codes, page and document."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        module = importlib.import_module(noun)
        assert module.__file__
        self.folder = Path(module.__file__).parent

    @cached_property
    def manifest(self) -> Manifest:
        return Manifest.load(self.folder / "manifest.json")

    @cached_property
    def providers(self) -> Providers:
        found: Providers = importlib.import_module(f"{self.noun}.providers").PROVIDERS
        return found

    @cached_property
    def schema(self) -> Any:
        """The module with Query, Mutation and Subscription, as far as there are any."""
        return importlib.import_module(f"{self.noun}.schema")

    @cached_property
    def live(self) -> Any:
        """The module with Subscription, where schema.py does not hold it."""
        return importlib.import_module(f"{self.noun}.live") if (self.folder / "live.py").exists() else None

    @property
    def migrations(self) -> Source:
        return Source(self.noun, self.folder / "migrations")


class Registry:
    """All nouns of the product, in the order in which they may depend on each other's events."""

    def __init__(self, apps: Iterable[MiniApp]) -> None:
        self.apps = tuple(apps)

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue([KERNEL_MESSAGES, *(app.folder / "messages.toml" for app in self.apps)])

    def migrations(self) -> list[Source]:
        return [app.migrations for app in self.apps]

    def _offers(self, what: str) -> Iterator[tuple[MiniApp, Any]]:
        for app in self.apps:
            for offer in getattr(app.providers, what):
                yield app, offer

    @property
    def jobs(self) -> list[Job]:
        return [job for _, job in self._offers("jobs")]

    @cached_property
    def facts(self) -> dict[str, Fact]:
        return {fact.name: fact for _, fact in self._offers("facts")}

    @property
    def scopes(self) -> dict[str, Scope]:
        """Everything that may be done for another."""
        return {scope.id: scope for _, scope in self._offers("scopes")}

    @property
    def client_scopes(self) -> dict[str, Scope]:
        """What a mini-app may be let do."""
        return {id_: scope for id_, scope in self.scopes.items() if not scope.people_only}

    @property
    def message_types(self) -> dict[str, MessageType]:
        return {message.event: message for _, message in self._offers("messages")}

    @property
    def search_sources(self) -> list[tuple[str, SearchSource]]:
        return [(app.noun, source) for app, source in self._offers("search")]

    @property
    def services(self) -> list[tuple[str, Service]]:
        return [(app.noun, service) for app, service in self._offers("services")]

    @property
    def home_blocks(self) -> list[tuple[str, HomeBlock]]:
        return [(app.noun, app.providers.home) for app in self.apps if app.providers.home]

    @property
    def desks(self) -> list[Desk]:
        return [desk for _, desk in self._offers("desks")]

    def hearers(self, event: str) -> list[Callable[[Platform, Event], Awaitable[None]]]:
        """Who is told of an event in the worker."""
        return [hear for app in self.apps for type_, hear in app.providers.hears.items() if type_ in (event, "*")]
