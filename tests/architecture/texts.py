"""Every text in Chinese and in English, every code with its sentence."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.architecture.house import House, texts_of, tree_of

CHINESE = re.compile(r"[\u3400-\u9fff]")
OURS = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
LANGUAGES = ("zh", "en")
SAYING = {"SAY", "LaunchError", "step"}
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


def faults_in_use(house: House) -> Iterator[str]:
    """What the operator reads: nothing is said that no catalogue has, and nothing is kept that nobody says."""
    said = Said.of(house.python(house.packages["haian"], house.packages["server"]))
    files = [house.packages["haian"] / "settings.toml", house.packages["server"] / "console.toml"]
    kept = {key: house.place(file) for file in files for key in tomllib.loads(file.read_text(encoding="utf-8"))}
    yield from (f"{place}: nothing says {key}" for key, place in kept.items() if not said.may_be(key))
    yield from (f"{house.place(files[-1])} lacks {key}" for key in sorted(said.codes - set(kept)))


@dataclass(frozen=True)
class Said:
    """The words of a package by which it may name a text. `codes`: those that must name one; `made`: of f-strings."""

    words: frozenset[str]
    codes: frozenset[str]
    made: frozenset[str]

    @staticmethod
    def of(files: Iterator[Path]) -> Said:
        nodes = [node for file in files for node in ast.walk(tree_of(file))]
        fields = {node.target.id for node in nodes if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)}
        words = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        codes = {str(node.args[0].value) for node in nodes if isinstance(node, ast.Call) and node.args
                 and ast.unparse(node.func) in SAYING and isinstance(node.args[0], ast.Constant)}
        made = {"".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in node.values)
                for node in nodes if isinstance(node, ast.JoinedStr)
                and any(isinstance(part, ast.Constant) and re.search("[a-z]", str(part.value)) for part in node.values)}
        return Said(frozenset(words | fields), frozenset(codes), frozenset(made))

    def may_be(self, key: str) -> bool:
        return key in self.words or any(re.fullmatch(pattern, key) for pattern in self.made)
