"""Every text in Chinese and in English, every code with its sentence."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.architecture.house import House, texts_of, tree_of

CHINESE = re.compile(r"[\u3400-\u9fff]")
OURS = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
LANGUAGES = ("zh", "en")
SPOKEN = {"schema.py", "service.py", "store.py", "errors.py"}


def faults_in_codes(house: House) -> Iterator[str]:
    """Each code has its sentence, each sentence its code, and a noun's codes begin with its name."""
    kernel = [file for name in ("haian", "gateway", "server") for file in house.python(house.packages[name])]
    yield from _compared(house, kernel, house.root / "backend/haian/messages.toml", "")
    for noun, folder in house.nouns.items():
        yield from _compared(house, [folder / "errors.py"], folder / "messages.toml", f"{noun.upper()}_")


def _compared(house: House, files: list[Path], catalogue: Path, prefix: str) -> Iterator[str]:
    said = set(tomllib.loads(catalogue.read_text(encoding="utf-8")))
    raised = {code: file for file in files for code in codes_in(file)}
    place = house.place(catalogue)
    yield from (f"{house.place(raised[code])}: {code} has no sentence in {place}" for code in sorted(set(raised) - said))
    yield from (f"{place}: nothing raises {code}" for code in sorted(said - set(raised)))
    yield from (f"{place}: {code} does not begin with {prefix}" for code in sorted(said) if not code.startswith(prefix))


def codes_in(file: Path) -> Iterator[str]:
    """The codes of the error classes in a file: `code = "…"`."""
    for node in ast.walk(tree_of(file)):
        for inner in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(inner, ast.Assign | ast.AnnAssign) and isinstance(inner.value, ast.Constant):
                target = inner.targets[0] if isinstance(inner, ast.Assign) else inner.target
                if ast.unparse(target) == "code" and OURS.fullmatch(str(inner.value.value)):
                    yield str(inner.value.value)


def faults_in_sentences(house: House) -> Iterator[str]:
    """Both languages, the Chinese one in Chinese, the English one not, with the same blanks."""
    for file in catalogues(house):
        for code, texts in leaves(tomllib.loads(file.read_text(encoding="utf-8"))):
            yield from (f"{house.place(file)}: {code} {fault}" for fault in faults_of(texts))


def catalogues(house: House) -> Iterator[Path]:
    for folder in house.packages.values():
        yield from sorted(file for file in folder.rglob("*.toml") if {"zh", "en"} & keys_below(file))


def keys_below(file: Path) -> set[str]:
    return {key for _, texts in leaves(tomllib.loads(file.read_text(encoding="utf-8"))) for key in texts}


def leaves(table: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """The innermost tables of a catalogue with their names."""
    if any(isinstance(value, str) for value in table.values()):
        yield path, {key: value for key, value in table.items() if isinstance(value, str)}
    for key, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}.{key}".strip("."))


def faults_of(texts: dict[str, str]) -> Iterator[str]:
    """What is wrong with the two texts of one thing."""
    if missing := [language for language in LANGUAGES if not texts.get(language, "").strip()]:
        yield f"lacks {' and '.join(missing)}"
        return
    if CHINESE.search(texts["en"]) and not texts["en"].isascii() and not CHINESE.search(texts["zh"]):
        yield "has its languages exchanged"
    blanks = [{name for _, name, *_ in string.Formatter().parse(texts[language]) if name}
              - set(LANGUAGES) for language in LANGUAGES]
    if blanks[0] != blanks[1]:
        yield f"fills {sorted(blanks[0])} in zh and {sorted(blanks[1])} in en"


def faults_in_code(house: House) -> Iterator[str]:
    """What a person reads is in a catalogue, not in the code that decides."""
    for folder in house.nouns.values():
        for file in [folder / name for name in sorted(SPOKEN)]:
            yield from (f"{house.place(file, text.line)}: {text.value!r} belongs in a catalogue" for text in texts_of(file)
                        if not text.is_docstring and CHINESE.search(text.value))
