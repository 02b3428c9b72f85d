"""GraphiQL, for developers alone: its page at /graphql in a browser, its files beside the client's, all served by us.

The files are a registry's packages, known by their integrity; `python -m server build` puts them with the built client.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from server.answers import PERSONAL, Answer

HERE = Path(__file__).resolve().parents[2] / "frontend" / "graphiql"
PAGE = HERE / "page.html"
TYPE = "text/html"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Scripts are ours alone. The editor writes its styles as it goes."""
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]


class WrongPackage(RuntimeError):
    """What the registry gave is not what was locked."""


def is_wanted(method: str, accept: str, given: dict[str, Any]) -> bool:
    """Whether a browser opens /graphql as a page: it prefers HTML and asks for nothing."""
    return method == "GET" and accept.startswith(TYPE) and not any(given.values())


def page() -> Answer:
    return Answer(200, PAGE.read_bytes(), "text/html; charset=utf-8", [*PERSONAL, *HEADERS])


def way_in(locale: str) -> Answer:
    """For whoever opens it and is no developer here: the client's page that says whose it is, and how one signs in."""
    to = b"/en/developers" if locale == "en" else b"/developers"
    return Answer(303, b"", "text/plain; charset=utf-8", [*PERSONAL, (b"location", to)])


def install(folder: Path, npm: list[str], environment: dict[str, str]) -> None:
    """Put the files into `folder`. WrongPackage, subprocess.CalledProcessError."""
    folder.mkdir()
    for file in HERE.glob("page.*"):
        if file != PAGE:
            shutil.copy(file, folder)
    packages = json.loads((HERE / "packages.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as parcels:
        named = [f"{name}@{package['version']}" for name, package in packages.items()]
        command = [*npm, "pack", "--silent", "--pack-destination", parcels, *named]
        subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: S603 our own words only
        for name, package in packages.items():
            _unpack(Path(parcels, f"{name}-{package['version']}.tgz").read_bytes(), name, package, folder)


def _unpack(parcel: bytes, name: str, package: dict[str, Any], folder: Path) -> None:
    found = "sha512-" + base64.b64encode(hashlib.sha512(parcel).digest()).decode()
    if found != package["integrity"]:
        raise WrongPackage(f"{name} {package['version']}: {found} instead of {package['integrity']}")
    with tarfile.open(fileobj=io.BytesIO(parcel)) as archive:
        for file in package["files"]:
            inside = archive.extractfile(f"package/{file}")
            assert inside
            to = folder / (f"{name}.{file}.txt" if file == "LICENSE" else Path(file).name)
            to.write_bytes(inside.read())
