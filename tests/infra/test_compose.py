"""The compose file says what the code knows: all subgraphs, commands and settings by their names, scripts that parse."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
import yaml

from gateway.federation import subgraphs
from haian.addresses import is_postgres, is_redis
from haian.settings import PROJECT, Settings, variable_of
from server.apps import registry
from server.cli import parse

FOLDER = PROJECT / "infra" / "scale"
FILE = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = FILE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] in ("haian", "haian-web")}
GIVEN = re.compile(r"\$\{[A-Z_]+(:[-?][^}]*)?\}")


def test_every_subgraph_is_a_service_with_its_name() -> None:
    served = {name for name, service in SERVICES.items() if service.get("command", [""])[0] == "subgraph"}
    assert served == set(subgraphs(registry()))
    assert all(SERVICES[name]["command"] == ["subgraph", name] for name in served)
    assert served <= set(SERVICES["router"]["depends_on"])


@pytest.mark.parametrize("name", [name for name, service in OURS.items() if "command" in service])
def test_a_command_is_one_of_ours(name: str) -> None:
    assert parse(OURS[name]["command"]) == OURS[name]["command"][0]


def test_settings_have_names_that_are_read() -> None:
    known = {variable_of(field) for field in Settings.model_fields}
    named = {variable for service in OURS.values() for variable in service["environment"]}
    assert named <= known
    assert {"DATABASE_REPLICA_URL", "HAIAN_ROUTER_KEY", "HAIAN_STATES_REDIS_URL"} <= named


def test_each_address_key_and_token_that_an_operator_gives_is_handed_on() -> None:
    given = {variable_of(name) for name, field in Settings.model_fields.items()
             if re.search("_(url|token|keys?)(_old)?$", name) and field.annotation is not int}
    assert given - {variable for service in OURS.values() for variable in service["environment"]} == set()


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_REPLICA_URL", "REDIS_URL", "HAIAN_STATES_REDIS_URL"])
def test_addresses_are_taken_and_name_services(variable: str) -> None:
    url = GIVEN.sub("secret", OURS["parking"]["environment"][variable])
    assert is_redis(url) if "REDIS" in variable else is_postgres(url)
    hosts = re.findall(r"(?:@|,)([a-z0-9-]+):\d+", url)
    assert hosts and set(hosts) <= set(SERVICES)


def test_what_is_waited_for_and_mounted_exists() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", ())) <= set(SERVICES)
        for mounted in service.get("volumes", ()):
            source = mounted.split(":")[0]
            assert (FOLDER / source).is_file() if source.startswith("./") else source in FILE["volumes"]


def test_every_value_that_must_be_given_is_in_the_example() -> None:
    text = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
    needed = set(re.findall(r"\$\{([A-Z_]+):\?", text))
    given = {line.partition("=")[0] for line in (FOLDER / "example.env").read_text(encoding="utf-8").splitlines()}
    assert needed <= given


@pytest.mark.parametrize("script", sorted(path.name for path in FOLDER.glob("*.sh")))
def test_a_script_parses(script: str) -> None:
    text = (FOLDER / script).read_text(encoding="utf-8")
    shell = "bash" if text.startswith("#!/bin/bash") else "sh"
    assert subprocess.run([shell, "-n", FOLDER / script], check=False).returncode == 0


def test_the_images_are_made_of_files_that_exist() -> None:
    for line in (FOLDER / "Dockerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY") and "--from" not in line:
            for source in [part for part in line.split()[1:-1] if not part.startswith("--")]:
                assert (PROJECT / source).exists()
