"""Is every file where DESIGN says it is, and nothing else? Each check returns sentences, one for each fault."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.architecture.house import MADE, House, files_below, tree_of

REQUIRED = {"__init__.py", "manifest.json", "models.py", "errors.py", "store.py", "service.py", "schema.py",
            "providers.py", "messages.toml", "migrations", "README.md"}
OPTIONAL = {"demo.py"}
BUILT = {"__pycache__", ".mypy_cache", ".web", "built", "build"}
VAGUE = re.compile(r"(utils?|helpers?|managers?|commons?|misc|data|tools?)(_.*)?|.*_(utils?|helpers?|manager)")
TOP = {".ci", ".git", ".github", ".gitignore", ".dockerignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile",
       "README.md", "backend", "docs", "frontend", "graphql", "infra", "mini-apps", "pyproject.toml", "requirements.lock",
       "tests"}
LOCAL = {".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis", ".state",
         ".grimp_cache", ".coverage", ".states", "artifacts"}
MIRRORS = {"architecture", "bench", "conformance", "journeys", "infra", "docs", "frontend"}
LONGEST_FUNCTION = 45  # lines without the docstring; DESIGN says about 25
LONGEST_MODULE = 330  # DESIGN says about 300


def contracts(house: House) -> dict[str, Any]:
    """The contracts of import-linter by their id."""
    tool: Any = house.config["tool"]
    return {contract["id"]: contract for contract in tool["importlinter"]["contracts"]}


def modules_allowed(house: House, noun: str) -> set[str]:
    """The modules that import-linter's layers name for a noun: the one list of what may stand in its folder."""
    for contract in contracts(house).values():
        if noun in contract.get("containers", ()):
            return {re.sub(r"[() ]", "", name) for layer in contract["layers"] for name in re.split("[|:]", layer)}
    return set()


def faults_in_nouns(house: House) -> Iterator[str]:
    """Each noun has exactly the files of the anatomy."""
    for noun, folder in house.nouns.items():
        found = {entry.name for entry in folder.iterdir()} - BUILT
        allowed = REQUIRED | OPTIONAL | {f"{module}.py" for module in modules_allowed(house, noun)}
        yield from (f"{house.place(folder)} lacks {name}" for name in sorted(REQUIRED - found))
        yield from (f"{house.place(folder / name)} is no part of a noun" for name in sorted(found - allowed))
        if not modules_allowed(house, noun):
            yield f"import-linter does not know the inside of {noun}: add it to a contract's containers in pyproject.toml"


def faults_in_names(house: House) -> Iterator[str]:
    """One noun names everything: manifest, document file, tests, error codes, registry."""
    registered = (house.root / "backend/server/apps.py").read_text(encoding="utf-8")
    for noun, folder in house.nouns.items():
        if json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["app_id"] != f"cn.haian.{noun}":
            yield f"{house.place(folder)}/manifest.json: app_id must be cn.haian.{noun}"
        if f'"{noun}"' not in registered:
            yield f"{noun} is not in backend/server/apps.py"
        if not (house.root / "graphql/documents" / f"{noun}.graphql").is_file():
            yield f"graphql/documents/{noun}.graphql is missing"
        if not list((house.root / "tests" / noun).glob("test_*.py")):
            yield f"tests/{noun} holds no test"


def faults_in_migrations(house: House) -> Iterator[str]:
    """Plain SQL files, numbered without a gap."""
    for folder in (house.root / "backend/haian", *house.nouns.values()):
        found = sorted(entry.name for entry in (folder / "migrations").iterdir() if entry.name not in BUILT)
        for number, name in enumerate(found, 1):
            if not re.fullmatch(rf"{number:04d}_[a-z_]+\.sql", name):
                yield f"{house.place(folder)}/migrations/{name}: expected {number:04d}_….sql"


def faults_at_the_top(house: House) -> Iterator[str]:
    """Top-level folders are fixed, each source root holds what DESIGN names, and nothing shadows graphql-core."""
    tool: Any = house.config["tool"]
    known = set(tool["importlinter"]["root_packages"])
    for entry in sorted(house.root.iterdir()):
        if entry.name not in TOP | LOCAL:
            yield f"{entry.name}: no such thing at the top"
    if (house.root / "graphql/__init__.py").exists():
        yield "graphql/__init__.py would shadow graphql-core"
    for name in sorted(set(house.packages) - known):
        yield f"import-linter does not know {name}: add it to root_packages in pyproject.toml"
    for entry in sorted((house.root / "tests").iterdir()):
        if entry.is_dir() and entry.name not in MIRRORS | BUILT | set(house.packages):
            yield f"tests/{entry.name} mirrors no source"


def faults_in_contracts(house: House) -> Iterator[str]:
    """import-linter holds every package: a contract that forgets one holds nothing of it."""
    found, ours = contracts(house), set(house.packages) - {"webapp"}
    layered = {re.sub(r"[() ]", "", name) for layer in found["one_arrow"]["layers"] for name in re.split("[|:]", layer)}
    named = {"one_arrow": layered, "client_apart": set(found["client_apart"]["forbidden_modules"]),
             "drivers_below": set(found["drivers_below"]["source_modules"]) | {"haian", "server"}}
    for contract, names in named.items():
        yield from (f"import-linter's {contract} forgets {name}: add it in pyproject.toml" for name in sorted(ours - names))


def faults_in_module_names(house: House) -> Iterator[str]:
    """No `utils`, `helpers`, `manager`, `common`, `data`."""
    for file in house.python():
        names = {file.stem, *file.relative_to(house.root).parts[1:-1]}
        yield from (f"{house.place(file)}: {name!r} says nothing" for name in sorted(names) if VAGUE.fullmatch(name))


def faults_in_sizes(house: House) -> Iterator[str]:
    """Functions about 25 lines, modules about 300, with some slack."""
    for file in house.python():
        lines = len(file.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_MODULE:
            yield f"{house.place(file)}: {lines} lines; split it by noun"
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > LONGEST_FUNCTION:
                yield f"{house.place(file, node.lineno)}: {node.name} has {length(node)} lines; split it"


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines without decorators and docstring."""
    said = function.body[0] if ast.get_docstring(function) else None
    docstring = (said.end_lineno or 0) - said.lineno + 1 if said else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def faults_in_resolvers(house: House) -> Iterator[str]:
    """In schema.py a declared read is one line; what is async may await its service in three."""
    for noun, folder in house.nouns.items():
        file = folder / "schema.py"
        for node in ast.walk(tree_of(file)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not is_resolver(node):
                continue
            body = node.body[1:] if ast.get_docstring(node) else node.body
            most = 3 if isinstance(node, ast.AsyncFunctionDef) else 1
            if sum(isinstance(inner, ast.stmt) for part in body for inner in ast.walk(part)) > most:
                yield f"{house.place(file, node.lineno)}: {node.name} of {noun} decides something; its service should"


def faults_in_reads(house: House) -> Iterator[str]:
    """A declared read of an object hands the columns of its row on as they are. Compiled, it is called once for all rows:
    what it decided by one of them (`is None` can't be caught when it is called) it would decide for all."""
    for noun, folder in house.nouns.items():
        file = folder / "schema.py"
        for node in ast.walk(tree_of(file)):
            if not isinstance(node, ast.FunctionDef) or not is_resolver(node) or not node.args.args[:1]:
                continue
            answer = node.body[-1].value if isinstance(node.body[-1], ast.Return) else None
            if answer is None or "store." not in ast.unparse(answer):
                continue
            if not is_handing_on(answer):
                yield f"{house.place(file, node.lineno)}: {node.name} of {noun} looks at a column; its SQL should"
        for lambda_ in (part for node in ast.walk(tree_of(file)) if isinstance(node, ast.Call)
                        and ast.unparse(node.func) == "fields.field" for part in node.args if isinstance(part, ast.Lambda)):
            if "store." in ast.unparse(lambda_.body) and not is_handing_on(lambda_.body):
                yield f"{house.place(file, lambda_.lineno)}: a field of {noun} looks at a column; its SQL should"


def faults_in_posts(house: House) -> Iterator[str]:
    """No noun looks at the viewer's roles: where its rule needs none they are a guess (`haian.posts`). A rule beside the
    field says who may, or the SQL of a write looks in haian.membership."""
    for noun, folder in house.nouns.items():
        for file in sorted(folder.rglob("*.py")):
            for node in ast.walk(tree_of(file)):
                if isinstance(node, ast.Attribute) and node.attr == "roles" and "viewer" in ast.unparse(node.value):
                    yield f"{house.place(file, node.lineno)}: {noun} looks at the viewer's roles; a rule should"


def is_handing_on(answer: ast.expr) -> bool:
    """Whether an expression is `store.name(...)`, among whose arguments `self` is only `self.column`, or that in a list."""
    if not isinstance(answer, ast.Call) or not ast.unparse(answer.func).startswith("store."):
        return False
    given = [*answer.args, *(keyword.value for keyword in answer.keywords)]
    items = [item for value in given for item in (value.elts if isinstance(value, ast.List) else [value])]
    return not any("self" in {name.id for name in ast.walk(item) if isinstance(name, ast.Name)}
                   and not (isinstance(item, ast.Attribute) and isinstance(item.value, ast.Name)) for item in items)


def is_resolver(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("fields." in ast.unparse(decorator) for decorator in function.decorator_list)


def faults_in_refusals(house: House) -> Iterator[str]:
    """A page whose state keeps a refusal shows it in place of what was refused, not as though nothing were there."""
    for file in house.python(house.packages["webapp"]) if "webapp" in house.packages else ():
        text = file.read_text(encoding="utf-8")
        for name in re.findall(r"^class (\w+)\((?:\w+, )*Session\):(?:(?!^class ).)*?self\._telling\(\)", text, re.M | re.S):
            if not re.search(rf"ui\.(told|desk)\({name}\b", text):
                yield f"{house.place(file)}: {name} keeps a refusal that nobody sees"


def faults_in_tests(house: House) -> Iterator[str]:
    """Nothing is skipped, nothing sleeps for a second, nothing is put off."""
    put_off = re.compile(r"pytest\.(mark\.)?(skip|xfail)|\bsleep\(\s*[1-9]|" + "TO" + "DO|FIX" + "ME"
                         r"|type: " + r"ignore(?!\[)")
    for file in [*house.python(), *files_below(house.root / "tests", ".py")]:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if put_off.search(line):
                yield f"{house.place(file, number)}: {line.strip()}"


def copied(house: House, to: Path) -> House:
    """A copy to plant violations in."""
    import shutil

    for name in ("backend", "graphql", "mini-apps", "tests"):
        if (house.root / name).is_dir():
            shutil.copytree(house.root / name, to / name, ignore=shutil.ignore_patterns(*MADE))
    for name in (".gitignore", "Makefile", "pyproject.toml"):
        shutil.copy(house.root / name, to)
    return House(to)
