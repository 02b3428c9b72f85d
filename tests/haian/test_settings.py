"""Settings: what may be left out, what is refused, and that every refusal names its variable and a remedy."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haian.addresses import is_host, is_origin, is_postgres, is_redis, is_web, neighbour_of
from haian.keys import decode_key, key_of
from haian.settings import SAY, Settings, SettingsError

KEY = {name: f"{number:064x}" for number, name in enumerate(("ADDRESS", "FIELD", "INDEX"), start=1)}
PRODUCTION = {
    "HAIAN_ENV": "production",
    "DATABASE_URL": "postgresql://haian@db.internal:5432/haian",
    "REDIS_URL": "rediss://cache.internal:6379/0",
    "HAIAN_PUBLIC_ORIGINS": "https://haian.example.cn, https://www.haian.example.cn/",
    "HAIAN_SMS": "http",
    "HAIAN_SMS_URL": "https://sms.example.cn/send",
    "HAIAN_SMS_TOKEN": "token",
    "HAIAN_VERIFIER_URL": "https://verifier.example.cn/verify",
    "HAIAN_VERIFIER_TOKEN": "token",
    **{f"HAIAN_{name}_KEY": value for name, value in KEY.items()},
}


@contextmanager
def environment(state: Path, **variables: str) -> Iterator[None]:
    """The environment of a process with these variables only."""
    with patch.dict(os.environ, {"HAIAN_STATE": str(state), **variables}, clear=True):
        yield


def read(state: Path, **variables: str) -> Settings:
    with environment(state, **variables):
        return Settings.from_env()


def refused(state: Path, **variables: str) -> dict[str, str]:
    """The refused variables with their sentences."""
    with pytest.raises(SettingsError) as caught:
        read(state, **variables)
    return {name: sentence for name, _, sentence in (line.partition(": ") for line in caught.value.lines)}


def test_nothing_has_to_be_set_for_the_demo(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert (settings.env, settings.demo, settings.sms) == ("demo", True, "outbox")
    assert settings.public_origins == ("http://localhost:8000", "http://127.0.0.1:8000")
    assert settings.database_url == settings.redis_url == ""


def test_origins_follow_the_port(tmp_path: Path) -> None:
    assert read(tmp_path, HAIAN_PORT="8123").public_origin == "http://localhost:8123"


def test_keys_are_made_once_and_are_private_and_different(tmp_path: Path) -> None:
    first, second = read(tmp_path / "new"), read(tmp_path / "new")
    keys = (first.address_key, first.field_key, first.index_key)
    assert keys == (second.address_key, second.field_key, second.index_key)
    assert len(set(keys)) == 3
    assert {len(key) for key in keys} == {32}
    for file in first.keys.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.suffix == ".key"


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    settings = read(tmp_path, **PRODUCTION)
    shown = repr(settings) + str(settings)
    assert "token" not in shown
    assert "db.internal" not in shown
    assert repr(settings.field_key) not in shown


def test_a_whole_production_is_accepted(tmp_path: Path) -> None:
    settings = read(tmp_path, **PRODUCTION)
    assert settings.demo is False
    assert settings.public_origins == ("https://haian.example.cn", "https://www.haian.example.cn")
    assert settings.field_key == bytes.fromhex(KEY["FIELD"])
    assert not settings.keys.exists()


@pytest.mark.parametrize("missing", sorted(PRODUCTION.keys() - {"HAIAN_ENV"}))
def test_production_names_what_is_missing(tmp_path: Path, missing: str) -> None:
    lines = refused(tmp_path, **{name: value for name, value in PRODUCTION.items() if name != missing})
    assert list(lines) == [missing]


def test_production_names_everything_at_once(tmp_path: Path) -> None:
    assert set(refused(tmp_path, HAIAN_ENV="production")) == PRODUCTION.keys() - {
        "HAIAN_ENV",
        "HAIAN_SMS_URL",  # needed only once HAIAN_SMS is http
        "HAIAN_SMS_TOKEN",
    }


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("HAIAN_DEMO", "true", "demo_production"),
        ("HAIAN_SMS", "outbox", "sms_production"),
        ("HAIAN_SMS_URL", "http://sms.example.cn", "sms_url"),
        ("HAIAN_VERIFIER_URL", "http://verifier.example.cn", "verifier_url"),
        ("HAIAN_NOW", "2027-01-04T09:00:00+08:00", "now_production"),
        ("HAIAN_PUBLIC_ORIGINS", "http://haian.example.cn", "public_origins_plain"),
    ],
)
def test_production_refuses_what_is_for_the_demo(tmp_path: Path, variable: str, value: str, code: str) -> None:
    assert refused(tmp_path, **(PRODUCTION | {variable: value})) == {variable: SAY(code)}


def test_production_refuses_a_key_that_the_demo_made(tmp_path: Path) -> None:
    made = read(tmp_path).field_key.hex()
    lines = refused(tmp_path, **(PRODUCTION | {"HAIAN_FIELD_KEY": made}))
    assert lines == {"HAIAN_FIELD_KEY": SAY("key_generated")}


def test_a_command_that_needs_no_keys_makes_none(tmp_path: Path) -> None:
    with environment(tmp_path / "new"):
        assert Settings.from_env(keys=False).field_key == b""
    assert not (tmp_path / "new").exists()


def test_keys_of_two_purposes_must_differ(tmp_path: Path) -> None:
    lines = refused(tmp_path, HAIAN_ADDRESS_KEY=KEY["FIELD"], HAIAN_INDEX_KEY=KEY["FIELD"])
    assert lines == {"HAIAN_INDEX_KEY": SAY("key_shared", other="HAIAN_ADDRESS_KEY")}


def test_a_key_never_appears_in_its_refusal(tmp_path: Path) -> None:
    lines = refused(tmp_path, HAIAN_FIELD_KEY="secret" * 7)
    assert lines == {"HAIAN_FIELD_KEY": SAY("key")}
    assert "secret" not in lines["HAIAN_FIELD_KEY"]


def test_a_damaged_key_file_says_so(tmp_path: Path) -> None:
    read(tmp_path)
    (tmp_path / "keys" / "field.key").write_text("damaged")
    assert "field.key" in refused(tmp_path)["HAIAN_STATE"]


def test_a_state_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file") in refused(tmp_path / "file" / "state")["HAIAN_STATE"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HAIAN_ENV", "staging"),
        ("HAIAN_STATE", "relative/folder"),
        ("HAIAN_STATE", "/"),
        ("DATABASE_URL", "mysql://db/haian"),
        ("DATABASE_URL", "postgresql://user:pass@db:5432"),
        ("DATABASE_MIGRATION_URL", "haian"),
        ("REDIS_URL", "redis://cache:port/0"),
        ("HAIAN_HOST", "two words"),
        ("HAIAN_PORT", "eighty"),
        ("HAIAN_PROXIES", "10.0.0.5,proxy.internal"),
        ("HAIAN_PUBLIC_ORIGINS", "https://haian.example.cn/path"),
        ("HAIAN_PUBLIC_ORIGINS", "haian.example.cn"),
        ("HAIAN_DEMO", "perhaps"),
        ("HAIAN_SMS", "fax"),
        ("HAIAN_SMS_URL", "sms.example.cn"),
        ("HAIAN_ADDRESS_KEY", "short"),
        ("HAIAN_NOW", "2027-01-04 09:00"),
        ("HAIAN_LOG_LEVEL", "loud"),
        ("HAIAN_OTEL_ENDPOINT", "collector"),
        ("HAIAN_DEMO_SIZE", "huge"),
        ("HAIAN_CITIZENS", "0"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_wrong_value_is_one_line_that_names_it(tmp_path: Path, variable: str, value: str, language: str) -> None:
    with environment(tmp_path, HAIAN_LANGUAGE=language, **{variable: value} if variable != "HAIAN_STATE" else {}):
        with patch.dict(os.environ, {variable: value}), pytest.raises(SettingsError) as caught:
            Settings.from_env()
    [line] = caught.value.lines
    assert line.startswith(f"{variable}: ")
    assert "\n" not in line
    assert line.isascii() == (language == "en")


def test_all_wrong_values_are_told_at_once(tmp_path: Path) -> None:
    lines = refused(tmp_path, HAIAN_ENV="x", HAIAN_PORT="x", REDIS_URL="x", HAIAN_CITIZENS="x", HAIAN_NOW="x")
    assert set(lines) == {"HAIAN_ENV", "HAIAN_PORT", "REDIS_URL", "HAIAN_CITIZENS", "HAIAN_NOW"}


def test_the_catalogue_is_whole() -> None:
    for code, sentences in SAY.sentences.items():
        assert sentences.keys() == {"zh", "en"}, code
        assert all(sentence.strip() for sentence in sentences.values()), code


@given(port=st.integers(min_value=-10, max_value=70_000))
def test_exactly_the_real_ports_are_accepted(port: int) -> None:
    with environment(Path("/nowhere"), HAIAN_PORT=str(port)):
        if 1 <= port <= 65535:
            assert Settings().port == port
        else:
            with pytest.raises(ValueError, match="port"):
                Settings()


@given(text=st.text(max_size=60))
def test_no_text_breaks_the_address_checks(text: str) -> None:
    for check in (is_host, is_origin, is_postgres, is_redis, is_web):
        for address in (text, f"http://{text}", f"postgresql://{text}/x", f"redis://{text}"):
            assert check(address) in (True, False)


HOSTS = st.from_regex(r"[a-z][a-z0-9]{0,20}(\.[a-z][a-z0-9]{0,10}){0,3}", fullmatch=True) | st.ip_addresses(v=4).map(str)


@given(host=HOSTS, port=st.integers(1, 65535), scheme=st.sampled_from(["http", "https"]))
def test_origins_are_scheme_host_and_port_only(host: str, port: int, scheme: str) -> None:
    origin = f"{scheme}://{host}:{port}"
    assert is_origin(origin)
    for more in ("/", "/path", "?q=1", "#part"):
        assert not is_origin(origin + more)
    assert not is_origin(f"{scheme}://user@{host}:{port}")


@given(host=HOSTS, user=st.sampled_from(["", "haian@", "haian:p%40ss@"]), number=st.integers(0, 15))
def test_servers_with_and_without_a_password_are_accepted(host: str, user: str, number: int) -> None:
    assert is_postgres(f"postgresql://{user}{host}:5432/haian")
    assert is_postgres(f"postgres://{user}/haian?host=/run/postgresql")
    assert not is_postgres(f"postgresql://{user}{host}")
    assert is_redis(f"redis://{user}{host}:6379/{number}")
    assert is_redis(f"unix:///run/redis.sock?db={number}")
    assert not is_redis(f"http://{host}:6379/{number}")


@given(key=st.binary(min_size=32, max_size=32))
def test_keys_are_read_from_hexadecimal_and_base64(key: bytes) -> None:
    import base64

    assert decode_key(key.hex()) == key
    assert decode_key(base64.b64encode(key).decode()) == key
    assert decode_key(base64.urlsafe_b64encode(key).decode()) == key


@given(key=st.binary(max_size=48).filter(lambda key: len(key) not in {32, 48}))
def test_keys_of_another_length_are_refused(key: bytes) -> None:
    import base64

    with pytest.raises(ValueError, match=r".+"):
        decode_key(base64.b64encode(key).decode())


def test_a_key_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        key_of(tmp_path / "keys", "field")
    assert list((tmp_path / "keys").iterdir()) == []


def test_processes_that_start_at_once_agree_on_a_key(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: key_of(tmp_path / "keys", "field"), range(32)))
    assert len(set(keys)) == 1
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["field.key"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://cache:6379", "redis://cache:6379/1"),
        ("rediss://u:p@cache:6379/3", "rediss://u:p@cache:6379/4"),
        ("rediss://:secret@cache/3", "rediss://:secret@cache/4"),
        ("unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=2"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock?db=1"),
    ],
)
def test_the_client_has_its_own_redis_database(url: str, expected: str) -> None:
    assert neighbour_of(url) == expected
    assert is_redis(expected)
