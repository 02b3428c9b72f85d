"""The commands as a person types them: quick where they can be, one line of trouble where they cannot run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.product import free_port
from tests.servers import temporary_state

from haian.settings import PROJECT
from server.cli import SUBCOMMANDS
from server.console import SAY
from server.stamps import Stamp, fingerprint


@pytest.fixture
def state() -> Iterator[Path]:
    with temporary_state() as folder:
        yield folder


def server(name: str, state: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`python -m server <name>`."""
    env = {**os.environ, "HAIAN_STATE": str(state), **variables}
    argv = [sys.executable, "-m", "server", name]
    return subprocess.run(argv, env=env, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300)


def assert_refused(result: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Exit code 2 and one line of trouble that has all parts; no traceback."""
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    [line] = result.stderr.strip().splitlines()
    for part in parts:
        assert part in line


def test_a_taken_port(state: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
        assert_refused(server("run", state, HAIAN_PORT=str(port)), SAY("port_taken", port=port, other=port + 1))


def test_an_unreachable_database(state: Path) -> None:
    url = "postgresql://haian@127.0.0.1:1/haian"
    result = server("run", state, HAIAN_PORT=str(free_port()), DATABASE_URL=url, DATABASE_MIGRATION_URL=url)
    assert_refused(result, "DATABASE_URL", "127.0.0.1:1")


def test_an_unreachable_redis(state: Path) -> None:
    assert_refused(server("run", state, HAIAN_PORT=str(free_port()), REDIS_URL="redis://127.0.0.1:1/0"), "REDIS_URL")


def test_a_database_without_the_address_of_its_owner(state: Path) -> None:
    result = server("run", state, HAIAN_PORT=str(free_port()), DATABASE_URL="postgresql://haian@127.0.0.1:1/haian")
    assert_refused(result, "DATABASE_MIGRATION_URL")


def test_wrong_settings_are_told_with_a_heading(state: Path) -> None:
    result = server("run", state, HAIAN_PORT="0", HAIAN_ENV="x")
    assert result.returncode == 2
    _, *lines = result.stderr.strip().splitlines()
    assert [line.strip().split(":")[0] for line in lines] == ["HAIAN_ENV", "HAIAN_PORT"]
    assert "Traceback" not in result.stderr


def test_a_command_alone_needs_a_running_server(state: Path) -> None:
    assert_refused(server("migrate", state), "DATABASE_URL", "make run")


def test_the_list_of_commands() -> None:
    result = subprocess.run([sys.executable, "-m", "server", "--help"], capture_output=True, text=True, check=True)
    assert all(name in result.stdout for name in SUBCOMMANDS)


def test_the_browser_check_imports_nothing_big_and_says_nothing() -> None:
    argv = [sys.executable, "-X", "importtime", "-m", "server", "browser"]
    result = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=PROJECT)
    assert result.stdout == ""
    for big in ("playwright", "pydantic", "haian", "asyncpg", "reflex"):
        assert f" {big}\n" not in result.stderr


def test_each_command_exists() -> None:
    from importlib.util import find_spec

    missing = [name for name, subcommand in SUBCOMMANDS.items() if find_spec(subcommand.module) is None]
    assert missing == []


def test_a_stamp_is_current_until_a_source_changes(tmp_path: Path) -> None:
    sources = tmp_path / "migrations"
    (sources / "__pycache__").mkdir(parents=True)
    (sources / "0001_a.sql").write_text("one")
    stamp = Stamp(sources / "__pycache__" / "migrated", fingerprint([sources]))
    assert not stamp.is_current
    stamp.write()
    assert Stamp(stamp.path, fingerprint([sources])).is_current
    (sources / "0001_a.sql").write_text("two")
    assert not Stamp(stamp.path, fingerprint([sources])).is_current


def test_a_fingerprint_sees_names_and_where_one_file_ends(tmp_path: Path) -> None:
    def of(**files: str) -> str:
        for file in tmp_path.iterdir():
            file.unlink()
        for name, content in files.items():
            (tmp_path / name).write_text(content)
        return fingerprint([tmp_path])

    assert len({of(a="x", b="y"), of(a="xy", b=""), of(a="", b="xy"), of(b="xy"), of(a="xy")}) == 5
