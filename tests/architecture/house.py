"""The house as files, for checks that need no running server. `House(root)` reads any copy of it."""

from __future__ import annotations

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOTS = ("backend", "graphql", "mini-apps", "frontend")
MADE = {".web", "built", "built.new", "node_modules", "__pycache__"}
NO_NOUNS = {"haian", "server", "gateway", "webapp"}
SQL = re.compile(r"\b(SELECT|INSERT INTO|DELETE FROM)\b|\bUPDATE [a-z_.]+ SET\b")


@dataclass(frozen=True)
class Text:
    """A string in a Python file: SQL, a sentence, anything. `line`: of its begin."""

    file: Path
    line: int
    value: str
    is_docstring: bool


@dataclass(frozen=True)
class House:
    """A copy of the sources."""

    root: Path

    @cached_property
    def config(self) -> dict[str, object]:
        return tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))

    @cached_property
    def packages(self) -> dict[str, Path]:
        """What each source root holds, by import name."""
        return {folder.name: folder for root in ROOTS if (self.root / root).is_dir()
                for folder in sorted((self.root / root).iterdir()) if (folder / "__init__.py").is_file()}

    @cached_property
    def nouns(self) -> dict[str, Path]:
        """Mini-apps and capabilities."""
        return {name: folder for name, folder in self.packages.items() if name not in NO_NOUNS}

    @cached_property
    def mini_apps(self) -> dict[str, Path]:
        return {name: folder for name, folder in self.nouns.items() if folder.parent.name == "mini-apps"}

    def python(self, *folders: Path) -> Iterator[Path]:
        """The Python files of folders, of all packages where none is given."""
        for folder in folders or tuple(self.packages.values()):
            yield from files_below(folder, ".py")

    def place(self, file: Path, line: int = 0) -> str:
        """`mini-apps/parking/store.py:12`."""
        return f"{file.relative_to(self.root)}{f':{line}' if line else ''}"


def files_below(folder: Path, ending: str) -> Iterator[Path]:
    """The files of a folder that are written by hand. What is built or installed there is not entered: another process may
    be at it."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - MADE)
        yield from (Path(place, name) for name in sorted(names) if name.endswith(ending))


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def texts_of(file: Path) -> Iterator[Text]:
    """Every string of a file; of an f-string, its fixed parts together."""
    tree = tree_of(file)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree)
                  if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                  and node.body and isinstance(node.body[0], ast.Expr)}
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            inside |= {id(part) for part in parts}
            yield Text(file, node.lineno, "?".join(str(part.value) for part in parts), False)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield Text(file, node.lineno, node.value, id(node) in docstrings)


def is_sql(text: Text) -> bool:
    return bool(SQL.search(text.value))
