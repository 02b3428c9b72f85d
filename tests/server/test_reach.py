"""Servers and ports that cannot be reached: one line in plain words, with the remedy and without a password."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.product import free_port
from tests.servers import Servers

from server import reach
from server.console import SAY, LaunchError
from server.reach import check_database, check_port, check_redis, place_of

SECRET = "correct-horse"


@pytest.fixture
def silent() -> Iterator[int]:
    """A port where somebody listens and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def closed() -> int:
    """A port where nobody listens."""
    return free_port()


def test_a_taken_port_is_told_with_another_one(silent: int) -> None:
    with pytest.raises(LaunchError) as caught:
        check_port("127.0.0.1", silent)
    assert str(caught.value) == SAY("port_taken", port=silent, other=silent + 1)


def test_a_port_taken_on_all_networks_is_told(silent: int) -> None:
    with pytest.raises(LaunchError) as caught:
        check_port("0.0.0.0", silent)
    assert caught.value.code == "port_taken"


def test_a_free_port_is_fine(closed: int) -> None:
    check_port("127.0.0.1", closed)


def test_an_address_of_another_machine_is_told(closed: int) -> None:
    with pytest.raises(LaunchError) as caught:
        check_port("203.0.113.7", closed)
    assert caught.value.code == "host_unknown"


@pytest.mark.parametrize("where", ["closed", "silent"])
def test_an_unreachable_database_is_told_without_its_password(
    where: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "REACH_SECONDS", 0.2)
    port = request.getfixturevalue(where)
    with pytest.raises(LaunchError) as caught:
        check_database("DATABASE_URL", f"postgresql://haian:{SECRET}@127.0.0.1:{port}/haian")
    assert caught.value.code == "database_unreachable"
    assert f"127.0.0.1:{port}" in str(caught.value)
    assert_one_line_without_secret(caught.value)


@pytest.mark.parametrize("where", ["closed", "silent"])
def test_an_unreachable_redis_is_told_without_its_password(
    where: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "REACH_SECONDS", 0.2)
    port = request.getfixturevalue(where)
    with pytest.raises(LaunchError) as caught:
        check_redis(f"redis://:{SECRET}@127.0.0.1:{port}/0")
    assert caught.value.code == "redis_unreachable"
    assert_one_line_without_secret(caught.value)


def test_a_database_that_does_not_exist_is_told(servers: Servers) -> None:
    with pytest.raises(LaunchError) as caught:
        check_database("DATABASE_URL", servers.owner_url_of("no_such_database"))
    assert "no_such_database" in str(caught.value)
    assert_one_line_without_secret(caught.value)


def test_servers_that_answer_are_fine(servers: Servers) -> None:
    check_database("DATABASE_URL", servers.owner_url_of("postgres"))
    check_redis(servers.valkey.url())


def test_a_place_holds_no_secret() -> None:
    assert place_of(f"postgresql://u:{SECRET}@db:5432/haian?password={SECRET}") == "db:5432"
    assert place_of(f"postgresql://u:{SECRET}@/haian?host=/run/pg") == "/run/pg"
    assert place_of(f"redis://:{SECRET}@cache/0") == "cache"
    assert place_of("unix:///run/redis.sock?db=1") == "/run/redis.sock"


def assert_one_line_without_secret(error: LaunchError) -> None:
    assert "\n" not in str(error)
    assert SECRET not in str(error)
