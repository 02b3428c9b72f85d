"""Settings of every process, from the environment, checked at start.

A value that cannot be right never reaches the code: `Settings.from_env()` raises one `SettingsError` with a line for
each wrong variable, which says what to do. The names are HAIAN_* and those that hosting platforms know:
DATABASE_URL, DATABASE_MIGRATION_URL (the owner of the schemas; `migrate` uses it), DATABASE_REPLICA_URL and REDIS_URL.
"""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from haian import addresses
from haian.keys import decode_key, generated_keys, key_of
from haian.operator_texts import OperatorTexts

PROJECT = Path(__file__).resolve().parents[2]
SAY = OperatorTexts(Path(__file__).with_name("settings.toml"))
PURPOSES = ("address", "field", "index")
PLAIN_VARIABLES = {"DATABASE_URL", "DATABASE_MIGRATION_URL", "DATABASE_REPLICA_URL", "REDIS_URL"}
OPTIONAL = {"sms_url", "issuer_url", "family_url", "database_migration_url", "database_replica_url", "states_redis_url"}


class SettingsError(Exception):
    """One or more settings are wrong. `lines`: one per variable, each with its remedy."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def default_state() -> Path:
    """Where the embedded servers keep their files: as root a system folder, since PostgreSQL then runs as `nobody`."""
    return Path("/var/lib/haian") if os.geteuid() == 0 else PROJECT / ".state"


def local_origins(port: int) -> tuple[str, ...]:
    """The origins of a demo on this machine; production has to name its own. A passkey needs a name, so that comes first."""
    return tuple(f"http://{host}:{port}" for host in ("localhost", "127.0.0.1"))


def variable_of(field: str) -> str:
    """The environment variable of a field."""
    name = field.upper()
    return name if name in PLAIN_VARIABLES else f"HAIAN_{name}"


def refusal(code: str, **values: object) -> PydanticCustomError:
    """A refusal whose sentence is `code` in settings.toml."""
    return PydanticCustomError("settings", "{sentence}", {"sentence": SAY(code, **values)})


def is_production(info: ValidationInfo) -> bool:
    """Whether the fields already checked say production (`env` is the first one)."""
    return info.data.get("env") == "production"


class Settings(BaseSettings):
    """All settings. Immutable; secrets and addresses with passwords are left out of its repr.

    An empty `database_url` or `redis_url` means the embedded server, which only the launcher can start: it passes the
    real address on to its children. `demo`: demo accounts exist. `now`: the time from which the clock starts;
    `now_since`: when it did, in seconds since 1970, so that all processes of one product have one clock.
    `most_running`, `most_waiting`: the GraphQL requests that one process works on at once, and those that wait beside them,
    each at most `queue_seconds`. `request_seconds`, `body_seconds`: how long one may take, and its body before.
    `rate_*`: requests a minute of one citizen, device, access token, address of nobody in particular, and searches of one
    person; 0 for no limit.
    `burst_people`: who looks at so many people in ten minutes is reported to a manager.
    `live_per_citizen`, `live_per_address`: the subscriptions that one citizen, or all at one address who are not signed in,
    may hold at one worker.
    """

    model_config = SettingsConfigDict(
        env_prefix="HAIAN_",
        env_ignore_empty=True,
        frozen=True,
        populate_by_name=True,
        validate_default=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    env: Literal["demo", "test", "production"] = "demo"
    demo: bool = Field(default_factory=lambda checked: checked["env"] != "production")
    state: Path = Field(default_factory=default_state)
    database_url: str = Field(default="", validation_alias="DATABASE_URL", repr=False)
    database_migration_url: str = Field(default="", validation_alias="DATABASE_MIGRATION_URL", repr=False)
    database_replica_url: str = Field(default="", validation_alias="DATABASE_REPLICA_URL", repr=False)
    redis_url: str = Field(default="", validation_alias="REDIS_URL", repr=False)
    states_redis_url: str = Field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    proxies: str = "127.0.0.1"
    public_origins: Annotated[tuple[str, ...], NoDecode] = ()
    sms: Literal["outbox", "http"] = "outbox"
    sms_url: str = Field(default="", repr=False)
    sms_token: str = Field(default="", repr=False)
    sms_budget: int = Field(default=100_000, ge=100, le=10**9)
    places: Path | None = None
    verifier_url: str = Field(default="", repr=False)
    verifier_token: str = Field(default="", repr=False)
    issuer_url: str = Field(default="", repr=False)
    issuer_token: str = Field(default="", repr=False)
    family_url: str = Field(default="", repr=False)
    family_token: str = Field(default="", repr=False)
    address_key: bytes = Field(default=b"", repr=False)
    field_key: bytes = Field(default=b"", repr=False)
    field_keys_old: Annotated[tuple[bytes, ...], NoDecode] = Field(default=(), repr=False)
    index_key: bytes = Field(default=b"", repr=False)
    index_keys_old: Annotated[tuple[bytes, ...], NoDecode] = Field(default=(), repr=False)
    router_key: bytes = Field(default=b"", repr=False)
    most_running: int = Field(default=32, ge=1, le=10_000)
    most_waiting: int = Field(default=1024, ge=0, le=100_000)
    queue_seconds: float = Field(default=0.5, gt=0, le=600)
    request_seconds: float = Field(default=12, gt=0, le=600)
    body_seconds: float = Field(default=10, gt=0, le=600)
    rate_citizen: int = Field(default=3000, ge=0, le=10**9)
    rate_device: int = Field(default=1800, ge=0, le=10**9)
    rate_token: int = Field(default=1800, ge=0, le=10**9, repr=False)
    rate_address: int = Field(default=6000, ge=0, le=10**9)
    rate_search: int = Field(default=300, ge=0, le=10**9)
    burst_people: int = Field(default=200, ge=2, le=10**6)
    now: AwareDatetime | None = None
    now_since: float = Field(default_factory=time.time)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otel_endpoint: str | None = None
    demo_size: Literal["demo", "district"] = "demo"
    citizens: int | None = Field(default=None, ge=1, le=5_000_000)
    live_per_citizen: int = Field(default=200, ge=1)
    live_per_address: int = Field(default=5000, ge=1)

    @property
    def states_url(self) -> str:
        """The Redis of the client's states: the database after ours, unless one is named; none of a cluster, which has no
        second one."""
        own = "" if addresses.is_cluster(self.redis_url) else addresses.neighbour_of(self.redis_url)
        return self.states_redis_url or own

    @property
    def keys(self) -> Path:
        """The folder of the keys that the server makes itself."""
        return self.state / "keys"

    @property
    def public_origin(self) -> str:
        """The main origin, which links use."""
        return self.public_origins[0]

    @field_validator("state")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        if not path.is_absolute() or path == Path("/"):
            raise refusal("state")
        return path

    @field_validator("database_url", "database_migration_url", "database_replica_url", "redis_url",
                     "states_redis_url")
    @classmethod
    def _server(cls, url: str, info: ValidationInfo) -> str:
        if not url and is_production(info) and info.field_name not in OPTIONAL:
            raise refusal("server_missing")
        valid = addresses.is_redis if "redis" in str(info.field_name) else addresses.is_postgres
        if url and not valid(url):
            raise refusal(str(info.field_name))
        return url

    @field_validator("host")
    @classmethod
    def _host(cls, host: str) -> str:
        if not addresses.is_host(host):
            raise refusal("host")
        return host

    @field_validator("proxies")
    @classmethod
    def _proxies(cls, proxies: str) -> str:
        if not all(map(addresses.is_network, proxies.split(","))):
            raise refusal("proxies")
        return proxies

    @field_validator("public_origins", mode="before")
    @classmethod
    def _origins(cls, value: object, info: ValidationInfo) -> tuple[str, ...]:
        if not value and is_production(info):
            raise refusal("public_origins_missing")
        given = value.split(",") if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
        origins = tuple(str(part).strip().rstrip("/").lower() for part in given)
        if not origins:
            return local_origins(info.data.get("port", 8000))
        if not all(map(addresses.is_origin, origins)):
            raise refusal("public_origins")
        if is_production(info) and not all(origin.startswith("https://") for origin in origins):
            raise refusal("public_origins_plain")
        return origins

    @field_validator("demo")
    @classmethod
    def _no_demo_in_production(cls, demo: bool, info: ValidationInfo) -> bool:
        if demo and is_production(info):
            raise refusal("demo_production")
        return demo

    @field_validator("sms")
    @classmethod
    def _real_sms_in_production(cls, sms: str, info: ValidationInfo) -> str:
        if sms != "http" and is_production(info):
            raise refusal("sms_production")
        return sms

    @field_validator("sms_url", "sms_token")
    @classmethod
    def _sms_channel(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("sms") == "http":
            raise refusal(f"{info.field_name}_missing")
        return value

    @field_validator("verifier_url", "verifier_token", "sms_url", "issuer_url", "family_url")
    @classmethod
    def _authority(cls, value: str, info: ValidationInfo) -> str:
        name, real = str(info.field_name), is_production(info)
        if not value and real and name not in OPTIONAL:
            raise refusal(f"{name}_missing")
        if value and name.endswith("_url") and not addresses.is_web(value, secure=real):
            raise refusal(name)
        return value

    @field_validator("address_key", "field_key", "index_key", mode="before")
    @classmethod
    def _key(cls, value: str | bytes, info: ValidationInfo) -> bytes:
        if not value and is_production(info):
            raise refusal("key_missing")
        try:
            key = value if isinstance(value, bytes) else decode_key(value) if value else b""
        except ValueError as error:
            raise refusal("key") from error
        for other in PURPOSES:
            if key and key == info.data.get(f"{other}_key"):
                raise refusal("key_shared", other=variable_of(f"{other}_key"))
        if is_production(info) and key in generated_keys(info.data.get("state"), PURPOSES):
            raise refusal("key_generated")
        return key

    @field_validator("field_keys_old", "index_keys_old", mode="before")
    @classmethod
    def _old_keys(cls, value: str | tuple[bytes, ...]) -> tuple[bytes, ...]:
        try:
            return tuple(map(decode_key, value.split(","))) if isinstance(value, str) else value
        except ValueError as error:
            raise refusal("key") from error

    @field_validator("router_key", mode="before")
    @classmethod
    def _router_key(cls, value: str | bytes) -> bytes:
        try:
            return value if isinstance(value, bytes) else decode_key(value) if value else b""
        except ValueError as error:
            raise refusal("key") from error

    @field_validator("now", mode="after")
    @classmethod
    def _real_time_in_production(cls, now: datetime | None, info: ValidationInfo) -> datetime | None:
        if now and is_production(info):
            raise refusal("now_production")
        return now

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, level: object) -> object:
        return level.lower() if isinstance(level, str) else level

    @field_validator("otel_endpoint")
    @classmethod
    def _collector(cls, url: str | None) -> str | None:
        if url and not addresses.is_web(url):
            raise refusal("otel_endpoint")
        return url

    @classmethod
    def from_env(cls, *, keys: bool = True) -> Self:
        """The settings of this process. SettingsError when any is wrong.

        Outside production missing keys are made once and kept in the state folder, unless `keys` is false.
        """
        try:
            settings = cls()
        except ValidationError as error:
            raise SettingsError([line_of(detail) for detail in error.errors() if is_a_cause(detail)]) from error
        return settings.with_keys() if keys else settings

    def with_keys(self) -> Self:
        """The same with every missing key filled in from the state folder. SettingsError when that cannot be used."""
        return self.model_copy(update=missing_keys(self))


def missing_keys(settings: Settings) -> dict[str, bytes]:
    """The keys that the environment does not give, from the state folder. SettingsError when it cannot be used."""
    keys: dict[str, bytes] = {}
    for purpose in PURPOSES:
        if getattr(settings, f"{purpose}_key"):
            continue
        try:
            keys[f"{purpose}_key"] = key_of(settings.keys, purpose)
        except OSError as error:
            sentence = SAY("state_unwritable", path=settings.keys, reason=error.strerror)
            raise SettingsError([f"HAIAN_STATE: {sentence}"]) from error
        except ValueError as error:
            sentence = SAY("key_file", path=settings.keys / f"{purpose}.key", state=settings.state)
            raise SettingsError([f"HAIAN_STATE: {sentence}"]) from error
    return keys


def is_a_cause(detail: ErrorDetails) -> bool:
    """Whether the error is one of its own: a default that waits for another wrong field is not."""
    return detail["type"] != "default_factory_not_called"


def line_of(detail: ErrorDetails) -> str:
    """One line for one wrong variable."""
    field = next((name for name in Settings.model_fields if variable_of(name) == detail["loc"][0]), None)
    field = field or str(detail["loc"][0]).lower().removeprefix("haian_")
    sentence = detail["msg"] if detail["type"] == "settings" else SAY(field)
    return f"{variable_of(field)}: {sentence}"
