"""The checks are worth something: each planted violation is caught, and a copy without one is clean."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import strawberry
from tests.architecture import anatomy, docs, sql, texts
from tests.architecture.house import House

from gateway.composition import RuleMissing, compose
from haian import fields
from haian.registry import Registry
from haian.rules import PUBLIC
from haian.settings import PROJECT

MESSAGES, IDENTITY = "backend/messages", "backend/identity"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One copy for all: each test puts its file back."""
    return anatomy.copied(House(PROJECT), tmp_path_factory.mktemp("house"))


@pytest.fixture
def plant(sources: House) -> Iterable[Callable[[str, str], House]]:
    """Append to a file of the copy, or make it; undone afterwards."""
    before: dict[Path, str | None] = {}

    def plant(name: str, text: str) -> House:
        file = sources.root / name
        before[file] = file.read_text(encoding="utf-8") if file.exists() else None
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text((before[file] or "") + text, encoding="utf-8")
        return House(sources.root)
    yield plant
    for file, text in before.items():
        if text is None:
            file.unlink()
        else:
            file.write_text(text, encoding="utf-8")
    for name in ("graphql/__init__.py", "shop"):
        shutil.rmtree(sources.root / name, ignore_errors=True)


Plant = Callable[[str, str], House]


def lint(house: House) -> str:
    """What import-linter says of a copy; empty where all is well."""
    roots = ":".join(str(house.root / root) for root in ("backend", "graphql", "mini-apps", "frontend"))
    said = subprocess.run([f"{sys.prefix}/bin/lint-imports", "--no-cache"], cwd=house.root, capture_output=True, text=True,
                          env=os.environ | {"PYTHONPATH": roots, "NO_COLOR": "1"})
    return said.stdout if said.returncode else ""


IMPORTS = {
    "the kernel imports a capability": ("backend/haian/codes.py", "\nimport identity.store\n", "One arrow"),
    "a capability imports another": (f"{MESSAGES}/service.py", "\nimport identity.service\n", "One arrow"),
    "a capability imports the gateway": (f"{IDENTITY}/service.py", "\nimport gateway.limits\n", "One arrow"),
    "the gateway imports the server": ("graphql/gateway/limits.py", "\nimport server.app\n", "One arrow"),
    "a service imports its schema": (f"{MESSAGES}/service.py", "\nfrom messages import schema\n", "Inside a noun"),
    "a store imports its service": (f"{IDENTITY}/store.py", "\nfrom identity import service\n", "Inside identity"),
    "a noun has a stray module": (f"{MESSAGES}/helpers.py", "", "Inside a noun"),
    "the kernel has a stray module": ("backend/haian/utils.py", "", "Inside the kernel"),
    "a service speaks to PostgreSQL itself": (f"{MESSAGES}/service.py", "\nimport asyncpg\n", "Only the kernel"),
}


@pytest.mark.parametrize(("file", "text", "contract"), IMPORTS.values(), ids=IMPORTS)
def test_import_linter_catches_it_when(plant: Plant, file: str, text: str, contract: str) -> None:
    said = lint(plant(file, text))
    assert any(line.startswith(contract) and line.endswith("BROKEN") for line in said.splitlines()), said


def test_import_linter_has_nothing_against_a_copy_without(sources: House) -> None:
    assert not lint(sources)


FILES: dict[str, tuple[Callable[[House], Iterable[str]], str, str, str]] = {
    "a stray module": (anatomy.faults_in_nouns, f"{MESSAGES}/helpers.py", "", "helpers.py is no part of a noun"),
    "a stray folder": (anatomy.faults_in_nouns, f"{MESSAGES}/static/a.txt", "x", "static is no part of a noun"),
    "a name that says nothing": (anatomy.faults_in_module_names, "backend/server/utils.py", "", "'utils' says nothing"),
    "graphql as a package": (anatomy.faults_at_the_top, "graphql/__init__.py", "", "shadow graphql-core"),
    "a new top-level folder": (anatomy.faults_at_the_top, "shop/a.txt", "x", "shop: no such thing"),
    "a package that nobody declared": (anatomy.faults_at_the_top, "backend/billing/__init__.py", "", "does not know billing"),
    "a package outside the layers": (anatomy.faults_in_contracts, "backend/billing/__init__.py", "", "one_arrow forgets billing"),
    "tests of nothing": (anatomy.faults_at_the_top, "tests/misc/test_a.py", "", "tests/misc mirrors no source"),
    "a gap between migrations": (anatomy.faults_in_migrations, f"{MESSAGES}/migrations/0009_later.sql", "SELECT 1;", "expected 000"),
    "a long function": (anatomy.faults_in_sizes, f"{MESSAGES}/service.py", "\ndef long() -> None:\n" + "    print()\n" * 46, "long has 47"),
    "a long module": (anatomy.faults_in_sizes, f"{MESSAGES}/models.py", "\n" * 331, "split it by noun"),
    "a resolver that decides": (
        anatomy.faults_in_resolvers, f"{MESSAGES}/schema.py",
        "\nclass A:\n    @fields.field()\n    def b(self) -> int:\n        if self.c:\n            return 1\n        return 2\n",
        "b of messages decides something"),
    "a read that looks at its row": (
        anatomy.faults_in_reads, f"{MESSAGES}/schema.py",
        "\nclass A:\n    @fields.field()\n    def b(self) -> int:\n        return store.c(1 if self.d is None else 2)\n",
        "b of messages looks at a column"),
    "a read that is chosen by its row": (
        anatomy.faults_in_reads, f"{MESSAGES}/schema.py",
        "\nclass A:\n    @fields.field()\n    def b(self) -> int:\n        return store.c() if self.d else store.e()\n",
        "b of messages looks at a column"),
    "a service that looks at roles": (
        anatomy.faults_in_posts, f"{MESSAGES}/service.py",
        "\ndef a(call: Call) -> bool:\n    return \"editor\" in call.viewer.roles\n", "messages looks at the viewer's roles"),
    "a short read that looks at its row": (
        anatomy.faults_in_reads, f"{MESSAGES}/schema.py",
        "\nclass A:\n    b: int = fields.field(lambda self: store.c(self.d is None))\n",
        "a field of messages looks at a column"),
    "a skipped test": (anatomy.faults_in_tests, "tests/identity/test_a.py", "@pytest.mark.s" + "kip\ndef test_a(): ...\n", "kip"),
    "a test that sleeps": (anatomy.faults_in_tests, "tests/identity/test_a.py", "time.sle" + "ep(2)\n", "ep(2)"),
    "an ignored type without a code": (anatomy.faults_in_tests, "tests/identity/test_a.py", "a = b  # type: ig" + "nore\n", "nore"),
    "SQL in a service": (sql.faults_in_place, f"{MESSAGES}/service.py", '\nA = "SELECT 1 FROM messages.news"\n', "SQL outside"),
    "a foreign schema": (sql.faults_in_reach, f"{MESSAGES}/store.py", '\nA = "SELECT * FROM identity.citizen"\n', "identity.citizen"),
    "a foreign schema in a join": (sql.faults_in_reach, f"{MESSAGES}/providers.py",
                                   '\nA = f"SELECT 1 FROM messages.news n, identity.device d WHERE {1}"\n', "identity.device"),
    "a kernel table": (sql.faults_in_reach, f"{MESSAGES}/demo.py", '\nA = "DELETE FROM haian.outbox"\n', "haian.outbox"),
    "a foreign key to another schema": (sql.faults_in_migrations, f"{MESSAGES}/migrations/0001_messages.sql",
                                        "\nCREATE TABLE messages.a (b uuid REFERENCES identity.citizen);", "identity.citizen"),
    "a table in another schema": (sql.faults_in_migrations, f"{MESSAGES}/migrations/0001_messages.sql",
                                  "\nCREATE TABLE public.a ();", "public.a"),
    "a promise taken back": (sql.faults_in_promises, f"{MESSAGES}/migrations/0001_messages.sql",
                             "\nALTER TABLE messages.news ALTER COLUMN title DROP NOT NULL;", "takes back a promise"),
    "the database's clock": (sql.faults_in_time, f"{MESSAGES}/store.py", '\nA = "SELECT * FROM messages.news WHERE a < now()"\n', "time"),
    "the database's clock in a default": (sql.faults_in_time, f"{MESSAGES}/migrations/0001_messages.sql",
                                          "\nCREATE TABLE messages.a (b timestamptz DEFAULT current_timestamp);", "time"),
    "the machine's clock": (sql.faults_in_time, f"{MESSAGES}/service.py", "\nA = datetime.now()\n", "asks the machine"),
    "the machine's clock on a page": (sql.faults_in_time, "frontend/webapp/__init__.py", "\nA = time.time()\n", "asks the machine"),
    "a refusal that nobody sees": (anatomy.faults_in_refusals, "frontend/webapp/__init__.py",
                                   "class A(Session):\n    def load(self):\n        with self._telling():\n            pass\n", "nobody sees"),
    "a code without a sentence": (texts.faults_in_codes, f"{MESSAGES}/errors.py",
                                  '\nclass A(PublicError):\n    code = "MESSAGES_A"\n', "MESSAGES_A has no sentence"),
    "a sentence without a code": (texts.faults_in_codes, f"{MESSAGES}/messages.toml",
                                  '\n[MESSAGES_B]\nzh = "不"\nen = "no"\n', "nothing raises MESSAGES_B"),
    "a code of another noun": (texts.faults_in_codes, f"{MESSAGES}/messages.toml",
                               '\n[PARKING_B]\nzh = "不"\nen = "no"\n', "does not begin with MESSAGES_"),
    "a missing language": (texts.faults_in_sentences, f"{MESSAGES}/messages.toml", '\n[MESSAGES_C]\nzh = "不"\n', "lacks en"),
    "different blanks": (texts.faults_in_sentences, f"{MESSAGES}/messages.toml",
                         '\n[MESSAGES_D]\nzh = "{a}不"\nen = "no"\n', "fills ['a'] in zh"),
    "a dead link": (docs.faults_in_links, f"{MESSAGES}/README.md", "\n[there](nowhere.md)\n", "nowhere.md leads nowhere"),
    "a link to no heading": (docs.faults_in_links, f"{MESSAGES}/README.md", "\n[there](#nowhere)\n", "#nowhere is no heading"),
    "a target that make lacks": (docs.faults_in_commands, f"{MESSAGES}/README.md", "\n`make hay`\n", "no `make hay`"),
    "a command that the server lacks": (docs.faults_in_commands, f"{MESSAGES}/README.md", "\n`python -m server dance`\n", "server dance"),
    "a file that is not there": (docs.faults_in_paths, f"{MESSAGES}/README.md", "\n`tests/nowhere.py`\n", "tests/nowhere.py is not there"),
    "an operator's text that nobody says": (texts.faults_in_use, "backend/server/console.toml",
                                            '\n[never_said]\nzh = "不"\nen = "no"\n', "nothing says never_said"),
    "an operator's text that is not there": (texts.faults_in_use, "backend/server/console.py",
                                             '\nraise LaunchError("never_kept")\n', "lacks never_kept"),
    "Chinese in a service": (texts.faults_in_code, f"{MESSAGES}/service.py", '\nA = "不行"\n', "belongs in a catalogue"),
}


@pytest.mark.parametrize(("check", "file", "text", "said"), FILES.values(), ids=FILES)
def test_the_house_is_found_wanting_by(
        plant: Plant, check: Callable[[House], Iterable[str]], file: str, text: str, said: str) -> None:
    house = plant(file, text)
    assert [fault for fault in check(house) if said in fault], list(check(house))


def test_a_noun_without_one_of_its_files_is_found(sources: House) -> None:
    file = sources.root / MESSAGES / "errors.py"
    kept = file.read_text(encoding="utf-8")
    file.unlink()
    try:
        assert f"{MESSAGES} lacks errors.py" in list(anatomy.faults_in_nouns(House(sources.root)))
    finally:
        file.write_text(kept, encoding="utf-8")


def test_a_field_without_a_rule_is_not_served() -> None:
    @strawberry.type
    class Open:
        @fields.field(allow=PUBLIC)
        def declared(self) -> int:
            return 1

        @strawberry.field
        def forgotten(self) -> int:
            return 2

    class App:
        noun = "open"
        schema = type("Module", (), {"Query": Open})
        live = None
    with pytest.raises(RuleMissing, match=r"Query.forgotten"):
        compose(Registry([App()]))  # type: ignore[list-item]
