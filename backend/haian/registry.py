"""Mini-apps and capabilities, by manifest: what each offers the others is registered here and nowhere imported."""

from __future__ import annotations

import importlib
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from haian.errors import LOCALES, Catalogue
from haian.migrate import Source
from haian.reads import Read

if TYPE_CHECKING:
    from haian.call import Platform

Texts = Mapping[str, str]
KERNEL_MESSAGES = Path(__file__).with_name("messages.toml")


@dataclass(frozen=True)
class HomeBlock:
    """The owner's next things for the home page: `rows()` reads id, kind, title, place, starts_at, ends_at, link, state
    for {viewer} from {now} on. `title` and `place` are names in the owner's data, `kind` and `state` words of the client. It
    may read `number` too, a place in a queue 号序."""

    rows: Callable[[], Read]


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
class Providers:
    """What a noun offers to others."""

    home: HomeBlock | None = None
    search: tuple[SearchSource, ...] = ()
    messages: tuple[MessageType, ...] = ()
    facts: tuple[Fact, ...] = ()
    jobs: tuple[Job, ...] = ()
    services: tuple[Service, ...] = ()
    hears: Mapping[str, Callable[[Platform, Event], Awaitable[None]]] = field(default_factory=dict)
    """Event type (or "*") -> what is done in the worker when it left the outbox; may run twice, must not show it."""
    export: Callable[[UUID], Mapping[str, Read]] | None = None
    erase: Callable[[Any, UUID], Awaitable[None]] | None = None
    load_demo: Callable[[Platform, Any], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Event:
    """What left the outbox."""

    id: UUID
    type: str
    citizen: UUID | None
    payload: Mapping[str, Any]
    at: Any


@dataclass(frozen=True)
class Manifest:
    """The public face of a mini-app: names of W3C MiniApp Manifest (id, name, version), and ours."""

    id: str
    name: Texts
    version: str
    owner: str
    scopes: tuple[str, ...]

    @classmethod
    def load(cls, file: Path) -> Manifest:
        given = json.loads(file.read_text(encoding="utf-8"))
        for locale in LOCALES:
            if not given["name"].get(locale):
                raise ValueError(f"{file}: name lacks {locale}")
        return cls(given["app_id"], given["name"], given["version"]["name"], given["owner"], tuple(given["scopes"]))


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

    @property
    def facts(self) -> dict[str, Fact]:
        return {fact.name: fact for _, fact in self._offers("facts")}

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

    def hearers(self, event: str) -> list[Callable[[Platform, Event], Awaitable[None]]]:
        """Who is told of an event in the worker."""
        return [hear for app in self.apps for type_, hear in app.providers.hears.items() if type_ in (event, "*")]
