"""What is written for people is true of the tree: each link leads somewhere, each command and each file it names exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.house import House, files_below, tree_of

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`", re.S)
HEADING = re.compile(r"^#+ (.+)$", re.M)
MAKE = re.compile(r"(?:^|[\s&;])make (?:-\w+ )*([a-z][\w-]*)", re.M)
MODULE = re.compile(r"python -m ([a-z][\w.]*)(?: ([a-z][\w-]*))?")
ELSEWHERE = {"pip", "pytest", "venv"}
TO_BE_MADE = "docs/add-a-mini-app.md"
"""Names what its reader will make; tests/docs does all it says."""


def pages(house: House) -> Iterator[Path]:
    """What is written for people, at the top and below it."""
    yield from sorted(house.root.glob("*.md"))
    for top in ("backend", "docs", "frontend", "graphql", "infra", "mini-apps", "tests"):
        yield from files_below(house.root / top, ".md")


def faults_in_links(house: House) -> Iterator[str]:
    for page in pages(house):
        for link in LINK.finditer(without_code(page)):
            to = link[1] or link[2]
            place, _, anchor = to.partition("#")
            found = page.parent / place if place else page
            if re.match(r"[a-z]+:", to):
                continue
            if not found.exists():
                yield f"{house.place(page)}: {to} leads nowhere"
            elif anchor and found.suffix == ".md" and anchor not in anchors(found):
                yield f"{house.place(page)}: {to} is no heading"


def without_code(page: Path) -> str:
    return CODE.sub("", page.read_text(encoding="utf-8"))


@cache
def anchors(page: Path) -> frozenset[str]:
    """The names by which the headings of a page are linked to."""
    return frozenset(re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
                     for title in HEADING.findall(page.read_text(encoding="utf-8")))


def faults_in_commands(house: House) -> Iterator[str]:
    """`make` has the target, `python -m` the module, the server the command."""
    targets = set(re.findall(r"^([a-z][\w-]*):", (house.root / "Makefile").read_text(encoding="utf-8"), re.M))
    commands = set(subcommands(house))
    for page in pages(house):
        for code in code_of(page):
            yield from (f"{house.place(page)}: no `make {target}`" for target in MAKE.findall(code) if target not in targets)
            for module, command in MODULE.findall(code):
                if module.split(".")[0] not in ELSEWHERE and not is_module(house, module):
                    yield f"{house.place(page)}: no module {module}"
                elif module == "server" and command and command not in commands:
                    yield f"{house.place(page)}: no `python -m server {command}`"


def code_of(page: Path) -> Iterator[str]:
    for block, span in CODE.findall(page.read_text(encoding="utf-8")):
        yield block or span


def subcommands(house: House) -> Iterator[str]:
    """The keys of SUBCOMMANDS."""
    for node in ast.walk(tree_of(house.packages["server"] / "cli.py")):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if ast.unparse(target) == "SUBCOMMANDS":
                yield from (str(key.value) for key in node.value.keys if isinstance(key, ast.Constant))


def is_module(house: House, name: str) -> bool:
    package, *rest = name.split(".")
    folder = house.packages.get(package, house.root / "infra" / package)
    place = folder.joinpath(*rest)
    return place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()


def faults_in_paths(house: House) -> Iterator[str]:
    """A file or folder named in `code` is there, unless it is built and kept by nobody; a record of a decision may name what
    was there when it was made."""
    built = {line.strip("/") for line in (house.root / ".gitignore").read_text(encoding="utf-8").splitlines()}
    named = re.compile(r"(?:\.ci|backend|docs|frontend|graphql|infra|mini-apps|tests)/[\w./-]+")
    for page in pages(house):
        if house.place(page) != TO_BE_MADE and "decisions" not in page.parts:
            yield from (f"{house.place(page)}: {code} is not there" for code in code_of(page) if named.fullmatch(code)
                        and code.strip("/") not in built and not (house.root / code).exists())
