"""docs/add-a-mini-app.md, done as it says, in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from haian.settings import PROJECT

PAGE = PROJECT / "docs" / "add-a-mini-app.md"
ROOTS = ("backend", "graphql", "mini-apps", "frontend")


def copy_of_the_project(folder: Path) -> Path:
    """What git knows or would know, with this environment's packages."""
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=PROJECT,
                           capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    (folder / ".venv").symlink_to(PROJECT / ".venv")
    return folder


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command as a developer types it; the copy's sources come first."""
    path = os.pathsep.join(str(folder / root) for root in ROOTS)
    return subprocess.run(command, shell=True, cwd=folder, env=os.environ | {"PYTHONPATH": path, "PYTEST_ADDOPTS": ""},
                          capture_output=True, text=True, timeout=1200)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_project(tmp_path_factory.mktemp("project"))


def test_every_command_of_the_page_does_what_it_says(project: Path) -> None:
    commands = re.findall(r"```sh\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.S)
    assert [command.split()[0] for command in commands] == ["make", "make", ".venv/bin/python"]
    outputs = []
    for command in commands:
        done = run(command, project)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        outputs.append(done.stdout)
    assert "4 passed" in outputs[-1]
    assert "libraryFileRequest" in (project / "graphql/schema.graphql").read_text(encoding="utf-8")


def test_the_new_mini_app_keeps_the_rules_of_the_house(project: Path) -> None:
    for check in (".venv/bin/ruff check mini-apps/library frontend/webapp/pages/library.py tests/library",
                  ".venv/bin/mypy -p library -p webapp", ".venv/bin/lint-imports --no-cache",
                  ".venv/bin/python -m pytest -q tests/architecture/test_house.py"):
        done = run(check, project)
        assert done.returncode == 0, f"{check}\n{done.stdout[-3000:]}\n{done.stderr[-2000:]}"


@pytest.mark.parametrize("name", ["parking", "import", "Library", "ab", "json", "my-app", "haian"])
def test_a_name_that_is_taken_or_no_word_is_refused_and_nothing_is_written(project: Path, name: str) -> None:
    before = sorted(path.name for path in (project / "mini-apps").iterdir())
    done = run(f".venv/bin/python -m server.scaffold {name}", project)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert sorted(path.name for path in (project / "mini-apps").iterdir()) == before
