"""Nobody is faster by answering less: before a workload is measured all are asked the same, and must say the same."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from typing import Any

from bench.ground import Ground, Player
from bench.targets import Running
from bench.workloads import Workload

TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)")


class Unequal(Exception):
    """Two servers answer differently."""


def check_equal(ground: Ground, able: list[Running], workload: Workload, document: str) -> None:
    """Unequal, where the answers to the same request differ in more than how they write a time or an ID that was made."""
    players = ground.players(workload.players)
    cases = []
    for pair in workload.variables(ground, players):
        cases.append(pair)
        if len(cases) == workload.compared:
            break
    for player, variables in cases:
        answers = {}
        for server in able:
            answers[server.target.name] = plain(answer(server, workload, document, player, variables))
            if workload.once:
                ground.sql("reset")
        first, *rest = answers.items()
        for name, said in rest:
            if said != first[1]:
                raise Unequal(f"{workload.name}: {first[0]} and {name} differ\n{dumped(first[1])}\n{dumped(said)}")


def dumped(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False, indent=1)[:4000]


def answer(server: Running, workload: Workload, document: str, player: Player, variables: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.target.port}{server.target.path(workload)}",
        data=server.target.body(workload, document, variables),
        headers={"content-type": "application/json", "accept": "application/json", "authorization": f"Bearer {player.token}",
                 "x-forwarded-for": "10.99.0.1"})
    try:
        with urllib.request.urlopen(request, timeout=30) as found:
            return json.loads(found.read())
    except urllib.error.HTTPError as error:
        raise Unequal(f"{server.target.name}: {error.code} {error.read()[:2000]!r}") from error


def plain(said: Any, key: str = "") -> Any:
    """Times in one way of writing, to the millisecond; cursors and the IDs of new rows left out."""
    if isinstance(said, dict):
        made = said.get("__typename") == "HealthcareAppointment"
        return {name: plain(value, name) for name, value in sorted(said.items()) if not (made and name == "id")}
    if isinstance(said, list):
        return [plain(each) for each in said]
    if key in ("cursor", "endCursor"):
        return said and True
    if isinstance(said, str) and TIME.fullmatch(said):
        return TIME.sub(lambda found: f"{found[1]}.{(found[2] or '')[:3].ljust(3, '0')}", said)
    return said
