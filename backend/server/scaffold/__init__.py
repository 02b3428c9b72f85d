"""`make mini-app name=library`: a mini-app that runs, in all the places where a mini-app stands.

The templates are a small mini-app of their own: a citizen files a request, sees it, takes it back. Their names and texts
are replaced; what the developer keeps of it is theirs to choose.
"""

from __future__ import annotations

import argparse
import keyword
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from haian.settings import PROJECT
from server.apps import NOUNS

TEMPLATES = Path(__file__).with_name("templates")
PLACES = {
    "mini-app": "mini-apps/{noun}",
    "documents": "graphql/documents",
    "pages": "frontend/webapp/pages",
    "texts": "frontend/webapp/texts",
    "tests": "tests/{noun}",
}
CONTRACTS = {"one_anatomy": "containers", "client_apart": "forbidden_modules", "drivers_below": "source_modules"}
"""The contracts of import-linter that list every mini-app, and the list."""
TAKEN = {"haian", "server", "gateway", "webapp", "tests", "graphql", "home"}


class NameRefused(Exception):
    """The name can't be a noun of the product; the message says why."""


def main(arguments: list[str] | None = None) -> int:
    """Write the mini-app. Exit code 2 where the name or a file is taken; then nothing is written."""
    parser = argparse.ArgumentParser(prog="python -m server.scaffold")
    parser.add_argument("noun")
    parser.add_argument("--zh", default="新服务", help="its Chinese name")
    given = parser.parse_args(arguments)
    try:
        written = write(given.noun, given.zh, PROJECT)
    except NameRefused as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    for path in written:
        sys.stdout.write(f"  {path.relative_to(PROJECT)}\n")
    return 0


def write(noun: str, zh: str, root: Path) -> list[Path]:
    """All files of a new mini-app, and its name where nouns are listed. NameRefused."""
    check(noun, root)
    made = []
    for target, text in files(noun, zh, root):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        made.append(target)
    return [*made, *enlist(noun, root)]


def check(noun: str, root: Path) -> None:
    """A noun is one lower-case word of 3 to 20 letters that nothing else is called by."""
    if not re.fullmatch(r"[a-z]{3,20}", noun) or keyword.iskeyword(noun) or noun in sys.stdlib_module_names:
        raise NameRefused(f"{noun}: a name is one word of 3 to 20 small letters that Python does not use, such as library")
    if noun in TAKEN | set(NOUNS) or (root / "mini-apps" / noun).exists():
        raise NameRefused(f"{noun}: something is called that already")


def files(noun: str, zh: str, root: Path) -> Iterator[tuple[Path, str]]:
    """Each file with its text."""
    for template in sorted(TEMPLATES.rglob("*.tmpl")):
        kind, *rest = template.relative_to(TEMPLATES).parts
        name = "/".join(rest).removesuffix(".tmpl").replace("noun", noun)
        yield root / PLACES[kind].format(noun=noun) / name, filled(template.read_text(encoding="utf-8"), noun, zh)


def filled(text: str, noun: str, zh: str) -> str:
    for mark, value in {"«noun»": noun, "«Noun»": noun.title(), "«NOUN»": noun.upper(), "«zh»": zh}.items():
        text = text.replace(mark, value)
    return text


def enlist(noun: str, root: Path) -> list[Path]:
    """Add the noun to the registry, to the lists of the checks, and to the servers of the scaled product."""
    registry, project = root / "backend/server/apps.py", root / "pyproject.toml"
    added(registry, r"(NOUNS = \((?:\n    \"[a-z]+\",)+)", f'\n    "{noun}",')
    added(project, r"(root_packages = \[(?:\n    \"[a-z]+\",)+)", f'\n    "{noun}",')
    for contract, names in CONTRACTS.items():
        added(project, rf"(id = \"{contract}\"(?s:.)*?\n{names} = \[(?:\n    \"[a-z]+\",)+)", f'\n    "{noun}",')
    added(project, r"(layers = \[\n    \"server\",\n    \"gateway\",\n    \"[^\"]+)", f" | ({noun})")
    scaled = root / "infra/scale/compose.yaml"
    added(scaled, r"(  search: \{[^\n]*\})", f"\n  {noun}: {{ <<: *subgraph, command: [subgraph, {noun}] }}")
    added(scaled, r"(depends_on: \[[^\]\n]*education,[^\]]*)", f", {noun}")
    return [registry, project, scaled]


def added(file: Path, pattern: str, what: str) -> None:
    """Put `what` behind the only place that matches. NameRefused where the file is not as it is known."""
    text = file.read_text(encoding="utf-8")
    changed, times = re.subn(pattern, lambda found: found[1] + what, text, count=1)
    if times != 1:
        raise NameRefused(f"{file.name}: the list of nouns was not found; add {what.strip()} by hand")
    file.write_text(changed, encoding="utf-8")
