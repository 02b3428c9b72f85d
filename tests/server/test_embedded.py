"""The embedded servers: what they promise about files, rows, and being killed."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.exceptions import RedisError
from tests.processes import Started, started, until_gone
from tests.servers import running, temporary_state
from tests.waiting import until, until_async

from server.console import SAY, LaunchError
from server.embedded import postgres as postgres_module
from server.embedded import state as state_module
from server.embedded.postgres import Postgres, forget_dead_server
from server.embedded.state import Account, locked, open_state, socket_folder
from server.embedded.valkey import Valkey


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    with temporary_state() as folder:
        yield folder


@pytest.fixture
def launcher(state: Path, tmp_path: Path) -> Iterator[Started]:
    """Both servers and a tiny command under a supervisor, in a process that may be killed."""
    with started(["-m", "tests.server.supervise", str(state)], tmp_path / "output") as launcher:
        launcher.until_said("ready")
        yield launcher


async def connect(state: Path) -> asyncpg.Connection:
    """A connection as soon as the server accepts one."""

    async def attempt() -> asyncpg.Connection | None:
        try:
            return await asyncpg.connect(Postgres(state, -1).url("postgres", "postgres"))
        except (OSError, asyncpg.PostgresError):
            return None

    return await until_async(attempt)


@pytest_asyncio.fixture
async def rows(state: Path, launcher: Started) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(state)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (line text)")
    yield connection
    await connection.close()


async def kept(state: Path) -> list[str]:
    connection = await connect(state)
    lines = [row["line"] for row in await connection.fetch("SELECT line FROM kept ORDER BY line")]
    await connection.close()
    return lines


def cache(state: Path) -> Redis:
    return Redis.from_url(Valkey(state, -1).url(), decode_responses=True)


async def test_killed_postgres_is_started_again_with_every_row(
    state: Path, launcher: Started, rows: asyncpg.Connection
) -> None:
    await rows.execute("INSERT INTO kept VALUES ('before postgres was killed')")
    killed = launcher.child("bin/postgres")
    os.kill(killed, signal.SIGKILL)
    launcher.until_said(SAY("child_died", name="PostgreSQL", reason="", seconds="", log="").split("（")[0])
    assert "before postgres was killed" in await kept(state)
    assert launcher.child("bin/postgres") != killed


async def test_killed_valkey_is_started_again_with_every_key(state: Path, launcher: Started) -> None:
    async with cache(state) as client:
        await client.set("session", "citizen")
    killed = launcher.child("valkey-server")
    os.kill(killed, signal.SIGKILL)
    until(lambda: "Valkey" in launcher.said)

    async def answer() -> str | None:
        async with cache(state) as client:
            try:
                return str(await client.get("session"))
            except RedisError:
                return None

    assert await until_async(answer) == "citizen"
    assert launcher.child("valkey-server") != killed


async def test_nothing_outlives_a_killed_launcher_and_no_row_is_lost(
    state: Path, launcher: Started, rows: asyncpg.Connection, tmp_path: Path
) -> None:
    await rows.execute("INSERT INTO kept VALUES ('before the launcher was killed')")
    below = launcher.descendants()
    assert {"postgres", "valkey-server", "python"} <= {part for command in below.values() for part in names(command)}
    launcher.process.kill()
    launcher.process.wait()
    until_gone(below)
    with started(["-m", "tests.server.supervise", str(state)], tmp_path / "again") as again:
        again.until_said("ready")
        assert "before the launcher was killed" in await kept(state)


def names(command: str) -> set[str]:
    """The programs named in a command line."""
    return {name for name in ("postgres", "valkey-server", "python") if name in command}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_request_to_stop_stops_everything_in_order(launcher: Started, state: Path, number: signal.Signals) -> None:
    below = launcher.descendants()
    assert launcher.stop(number) == 0
    until_gone(below)
    log = (state / "logs" / "postgres.log").read_text()
    assert log.rstrip().endswith("database system is shut down")


def test_a_second_launcher_is_refused_at_once(launcher: Started, state: Path, tmp_path: Path) -> None:
    with pytest.raises(LaunchError) as caught, locked(state):
        pass
    assert str(caught.value) == SAY("state_in_use", path=state, pid=launcher.process.pid)


async def test_postgres_knows_chinese(rows: asyncpg.Connection) -> None:
    await rows.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert await rows.fetchval("SELECT cardinality(show_trgm('停车位'))") > 0
    assert await rows.fetchval("SELECT '停车' ~ '^[[:alpha:]]+$'")


async def test_postgres_has_what_the_product_needs(rows: asyncpg.Connection) -> None:
    await rows.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    assert await rows.fetchval("SELECT uuid_extract_version(uuidv7())") == 7
    assert await rows.fetchval("SHOW server_version_num") >= "180000"
    assert await rows.fetchval("SHOW fsync") == "on"
    assert await rows.fetchval("SHOW timezone") == "UTC"


async def test_valkey_writes_every_second(state: Path, launcher: Started) -> None:
    async with cache(state) as client:
        found = await client.config_get("append*")
        assert (found["appendonly"], found["appendfsync"]) == ("yes", "everysec")


def test_nobody_else_can_read_the_rows_or_open_the_sockets(state: Path, launcher: Started) -> None:
    for folder in (state / "postgres", state / "valkey", state / "logs", Postgres(state, -1).sockets):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(Valkey(state, -1).socket.stat().st_mode) == 0o700


def test_a_first_start_that_was_cut_short_does_no_harm() -> None:
    with temporary_state() as folder, locked(folder) as lock:
        (folder / "postgres.draft" / "base").mkdir(parents=True)
        (folder / "postgres.draft" / "PG_VERSION").write_text("18\n")
        with running(Postgres(folder, lock)):
            assert not (folder / "postgres.draft").exists()


def test_programs_in_a_private_folder_are_copied_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with temporary_state() as folder, locked(folder) as lock:
        monkeypatch.setattr(postgres_module, "is_walkable", lambda path: path.is_relative_to(folder))
        with running(Postgres(folder, lock)):
            copies = list(folder.glob("postgres-programs-*"))
        assert len(copies) == (1 if state_module.unprivileged() else 0)


def test_the_note_of_a_dead_server_is_forgotten_when_its_number_is_another_programs(tmp_path: Path) -> None:
    note = tmp_path / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n/somewhere\n")
    forget_dead_server(tmp_path)
    assert not note.exists()


def test_the_note_of_a_number_that_nobody_bears_is_left_to_postgres(tmp_path: Path) -> None:
    note = tmp_path / "postmaster.pid"
    note.write_text("4194305\n/somewhere\n")
    forget_dead_server(tmp_path)
    assert note.exists()


def test_a_full_disk_is_told_before_anything_starts() -> None:
    with temporary_state() as folder, pytest.raises(LaunchError) as caught:
        open_state(folder, needed_megabytes=shutil.disk_usage(folder).total // 2**20 + 1)
    assert caught.value.code == "disk_full"


def test_a_disk_that_fills_while_the_cluster_is_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "initdb: error: could not write file: No space left on device"
    failed = subprocess.CompletedProcess([], 1, "", said)
    monkeypatch.setattr(postgres_module, "initdb", lambda *_: failed)
    with pytest.raises(LaunchError) as caught:
        postgres_module.make_cluster(tmp_path, tmp_path / "postgres", tmp_path / "postgres.log")
    assert caught.value.code == "disk_full"
    assert said in (tmp_path / "postgres.log").read_text()
    assert not (tmp_path / "postgres.draft").exists()


def test_a_state_folder_that_nobody_can_walk_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_module, "unprivileged", lambda: Account(65534, 65534))
    tmp_path.chmod(0o700)
    with pytest.raises(LaunchError) as caught:
        open_state(tmp_path / "state")
    assert caught.value.code == "state_not_walkable"


def test_a_user_without_an_account_is_told() -> None:
    with pytest.raises(LaunchError) as caught:
        state_module.check_account(2**31 - 7)
    assert caught.value.code == "account_missing"
    state_module.check_account(os.geteuid())


def test_a_state_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LaunchError) as caught:
        open_state(tmp_path / "file" / "state")
    assert caught.value.code == "state_unwritable"


def test_socket_paths_are_short_however_deep_the_state_is() -> None:
    sockets = socket_folder(Path("/" + "deep/" * 60))
    assert len(str(sockets / "postgres" / ".s.PGSQL.5432")) <= 103
    sockets.rmdir()


def test_a_foreign_socket_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = socket_folder(tmp_path)
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(LaunchError) as caught:
        socket_folder(tmp_path)
    assert caught.value.code == "sockets_foreign"
