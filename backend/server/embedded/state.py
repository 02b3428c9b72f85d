"""The state folder: where the embedded servers keep their files, for one launcher at a time."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO

from server.console import LaunchError
from server.embedded.process import NEEDED_MEGABYTES, name_of

LOCK_SECONDS = 15.0


@dataclass(frozen=True)
class Account:
    """The user that PostgreSQL runs as: it refuses root, so as root it is `nobody`."""

    user: int
    group: int


def unprivileged() -> Account | None:
    """Whom to become before starting PostgreSQL; None when we are not root."""
    if os.geteuid() != 0:
        check_account(os.geteuid())
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def check_account(number: int) -> None:
    """LaunchError for a user number without an account, as containers have: PostgreSQL refuses it."""
    try:
        pwd.getpwuid(number)
    except KeyError:
        raise LaunchError("account_missing", number=number) from None


def is_walkable(path: Path) -> bool:
    """Whether everybody, `nobody` included, can go to this folder."""
    return all(folder.stat().st_mode & 0o1 for folder in (path, *path.parents))


def package_folder(package: str) -> Path:
    """The folder of an installed package. LaunchError when it is missing."""
    spec = find_spec(package)
    if not spec or not spec.submodule_search_locations:
        raise LaunchError("wheel_missing", package=package.replace("_", "-"))
    return Path(next(iter(spec.submodule_search_locations)))


def open_state(state: Path, needed_megabytes: int = NEEDED_MEGABYTES) -> Path:
    """The state folder, made when it is missing. LaunchError: not writable, disk full, or no way for `nobody`."""
    try:
        if not state.exists():
            state.mkdir(parents=True)
            state.chmod(0o755)
        state = state.resolve()
        if not os.access(state, os.W_OK | os.X_OK):
            raise PermissionError(13, os.strerror(13))
    except OSError as error:
        raise LaunchError("state_unwritable", path=state, reason=error.strerror) from error
    if unprivileged() and not is_walkable(state):
        raise LaunchError("state_not_walkable", path=state)
    free = shutil.disk_usage(state).free // 2**20
    if free < needed_megabytes:
        raise LaunchError("disk_full", path=state, free=free, need=needed_megabytes)
    return state


def private_folder(path: Path, account: Account | None = None) -> Path:
    """A folder that only its account can read, made when it is missing."""
    path.mkdir(parents=True, exist_ok=True)
    if account:
        os.chown(path, account.user, account.group)
    path.chmod(0o700)
    return path


def socket_folder(state: Path) -> Path:
    """Where the sockets of this state folder are. Short: a socket's path may have 107 bytes (macOS: 103)."""
    name = f"haian-{os.geteuid()}-{hashlib.sha256(bytes(state)).hexdigest()[:8]}"
    path = Path(tempfile.gettempdir(), name)
    with suppress(FileExistsError):
        path.mkdir(mode=0o711)
    if path.is_symlink() or path.stat().st_uid != os.geteuid():
        raise LaunchError("sockets_foreign", path=path)
    path.chmod(0o711)
    return path


def owner_of(lock: TextIO) -> int:
    """The process that last took the lock, 0 when nobody did."""
    lock.seek(0)
    text = lock.read().strip()
    return int(text) if text.isdecimal() else 0


@contextmanager
def locked(state: Path) -> Iterator[int]:
    """Yields the descriptor of the lock, held until we and every server that inherited it are gone.

    Servers of a killed launcher are waited for, up to 15 s; a launcher that lives is refused at once.
    """
    with (state / "lock").open("a+", encoding="ascii") as lock:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                owner = owner_of(lock)
                if name_of(owner) or time.monotonic() > deadline:
                    raise LaunchError("state_in_use", path=state, pid=owner) from None
                time.sleep(0.05)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield lock.fileno()
