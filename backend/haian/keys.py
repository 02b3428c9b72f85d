"""Secret keys: 32 bytes each, one per purpose, from the environment or, for the demo, from a file made once; other secrets
that stand in such a file."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

KEY_BYTES = 32


def decode_key(text: str) -> bytes:
    """32 bytes from 64 hexadecimal digits or Base64 (standard or URL-safe). ValueError for anything else."""
    text = text.strip()
    if len(text) == KEY_BYTES * 2:
        return bytes.fromhex(text)
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error as error:
        raise ValueError("neither hexadecimal nor Base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"{len(key)} bytes instead of {KEY_BYTES}")
    return key


def read_key(path: Path) -> bytes | None:
    """The key in `path`, None when there is no such file. ValueError when it holds no key."""
    try:
        return decode_key(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None


def generated_keys(state: Path | None, purposes: Iterable[str]) -> set[bytes]:
    """The keys that a demo made in this state folder."""
    found: set[bytes] = set()
    for purpose in purposes if state else ():
        assert state is not None
        try:
            found.add(read_key(state / "keys" / f"{purpose}.key") or b"")
        except (OSError, ValueError):
            continue
    return found - {b""}


def key_of(folder: Path, purpose: str) -> bytes:
    """The key of a purpose in `folder`, made at the first call."""
    path = folder / f"{purpose}.key"
    return read_key(path) or decode_key(made_once(path, lambda: secrets.token_hex(KEY_BYTES).encode()).decode("ascii"))


def made_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """What stands in a secret file (0600), which is made at the first call: whole or not at all, and processes that start at
    once get the same."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: then its secret counts
        finally:
            draft.unlink(missing_ok=True)
    return path.read_bytes()
