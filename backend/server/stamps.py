"""Steps whose inputs did not change are skipped: a stamp holds the fingerprint of the inputs of the last success."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


def files_below(folder: Path, suffixes: frozenset[str]) -> Iterator[Path]:
    """The sources below a folder in a fixed order; `suffixes` empty: all of them. Caches are left out."""
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if entry.name == "__pycache__":
            continue
        if entry.is_dir():
            yield from files_below(entry, suffixes)
        elif not suffixes or entry.suffix in suffixes:
            yield entry


def fingerprint(paths: Iterable[Path], suffixes: Iterable[str] = (), salt: str = "") -> str:
    """SHA-256 over the names and contents of files and of all below folders."""
    digest = hashlib.sha256(salt.encode())
    wanted = frozenset(suffixes)
    for path in paths:
        for file in files_below(path, wanted) if path.is_dir() else [path] if path.exists() else []:
            content = file.read_bytes()
            digest.update(f"{file}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


@dataclass(frozen=True)
class Stamp:
    """The file that remembers a success, beside what the step made: when that is removed, so is the stamp."""

    path: Path
    value: str

    @property
    def is_current(self) -> bool:
        """Whether the last success had the same inputs."""
        return self.path.is_file() and self.path.read_text(encoding="ascii") == self.value

    def write(self) -> None:
        """Remembers a success."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.value, encoding="ascii")
