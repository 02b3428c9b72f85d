"""What is asked: the documents, and the requests of all players for one server.

`home` is what the home page reads for a signed-in citizen: IdentityViewer, HomeThings and MessagesNews made one document,
as `home_document` puts them together from the trusted documents, so that it changes with the page.
"""

from __future__ import annotations

import hashlib
import json
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

from graphql import DocumentNode, FragmentDefinitionNode, NameNode, OperationDefinitionNode, parse, print_ast

from bench.ground import Ground, Player
from bench.load import BLANK
from gateway.documents import MANIFEST

HOME = ("IdentityViewer", "HomeThings", "MessagesNews")
NEWS = 5
WORDS = ("停车", "儿科", "王", "牙", "演示第一医院", "guahao", "口腔科", "车位", "小学", "骨科 王", "一码", "疫苗", "李建国",
         "社区", "erke", "中医", "眼科", "丁家河", "预约", "张秀英")


@dataclass(frozen=True)
class Workload:
    """`variables` makes the variables of each request; `once`: no request is sent twice; `expect`: in each right answer;
    `compared`: in how many answers all servers are compared first; `rated`: keys of rates that are forgotten after each
    round, since few players do what a whole city does; `second`: what a guard asks with the code of the first answer."""

    name: str
    title: str
    document: str
    variables: Callable[[Ground, list[Player]], Iterator[tuple[Player, dict[str, Any]]]]
    players: str = "player"
    once: bool = False
    expect: str = ""
    compared: int = 5
    rated: str = ""
    second: str = ""


def plain(ground: Ground, players: list[Player]) -> Iterator[tuple[Player, dict[str, Any]]]:
    return ((player, {}) for player in players)


def searches(ground: Ground, players: list[Player]) -> Iterator[tuple[Player, dict[str, Any]]]:
    return ((player, {"text": WORDS[i % len(WORDS)], "first": 20}) for i, player in enumerate(players))


def bookings(ground: Ground, players: list[Player]) -> Iterator[tuple[Player, dict[str, Any]]]:
    """Each player books in turn in each department on each day but once, spread over all slots that have seats."""
    deal = random.Random(ground.rows("SELECT count(*) FROM healthcare.slot")[0][0])
    seats: dict[tuple[Any, Any], list[str]] = {}
    for row in ground.rows("""SELECT id, department_id, day, remaining FROM healthcare.slot
                              WHERE open AND remaining > 0 AND starts_at > now() + interval '1 hour'
                              ORDER BY md5(id::text)"""):
        seats.setdefault((row["department_id"], row["day"]), []).extend([str(row["id"])] * row["remaining"])
    taken = {(str(row["patient_id"]), row["department_id"], row["day"]) for row in ground.rows(
        "SELECT patient_id, department_id, day FROM healthcare.appointment WHERE status <> 'cancelled'")}
    places = list(seats)
    deal.shuffle(places)
    for place in places:
        for player in players:
            if seats[place] and (player.citizen, *place) not in taken:
                yield player, {"slot": seats[place].pop(), "patient": player.citizen, "key": str(uuid4())}


def contended(ground: Ground, players: list[Player]) -> Iterator[tuple[Player, dict[str, Any]]]:
    """抢号: all players want one of the same 20 slots of one department at once; most are told that it is sold out."""
    wanted = ground.rows("""SELECT id FROM healthcare.slot WHERE open AND remaining > 0
        AND (department_id, day) = (SELECT department_id, day FROM healthcare.slot
            WHERE open AND starts_at > now() + interval '5 days' ORDER BY department_id, day LIMIT 1)
        ORDER BY id LIMIT 20""")
    for i in range(20_000):
        player = players[i % len(players)]
        yield player, {"slot": str(wanted[i % len(wanted)]["id"]), "patient": player.citizen, "key": str(uuid4())}


def shown(ground: Ground, players: list[Player]) -> Iterator[tuple[Player, dict[str, Any]]]:
    """So many codes are shown, by all in turn."""
    return ((player, {}) for player in cycle(players))


def scans(ground: Ground) -> Iterator[tuple[Player, dict[str, Any]]]:
    """Whatever code was shown just before is read at a gate, by all guards in turn, each time with another nonce."""
    return ((guard, {"code": BLANK.decode(), "nonce": str(uuid4())}) for guard in cycle(ground.players("guard")))


VIEWER = "query BenchViewer { identityViewer { id name level children { id name born relation } } }"
WORKLOADS = {each.name: each for each in (
    Workload("home", "home", "BenchHome", plain, expect="homeThings"),
    Workload("viewer", "small viewer query", "BenchViewer", plain, expect="identityViewer"),
    Workload("search", "search", "SearchFind", searches, expect="searchFind", compared=len(WORDS)),
    Workload("book", "book a slot", "HealthcareBook", bookings, once=True, expect="HealthcareAppointment"),
    Workload("untrusted", "untrusted, seen before", "BenchHome", plain, "developer", expect="homeThings"),
    Workload("issue", "a code to show", "OnecodeIssue", plain, expect="onecodeIssue", rated="onecode:issue:*"),
    Workload("pair", "a code shown and read", "OnecodeIssue", shown, once=True, compared=1, expect='"verdict"',
             rated="onecode:*", second="OnecodeScan"),
    Workload("contention", "抢号: 500 residents, 20 slots", "HealthcareBook", contended, once=True, expect="healthcareBook"),
)}


def home_document(bodies: dict[str, str]) -> str:
    """One operation with the root fields of the home page's documents and their fragments, each once."""
    fields: dict[str, Any] = {}
    fragments: dict[str, FragmentDefinitionNode] = {}
    for name in HOME:
        for definition in parse(bodies[name], no_location=True).definitions:
            if isinstance(definition, FragmentDefinitionNode):
                fragments[definition.name.value] = definition
            elif isinstance(definition, OperationDefinitionNode):
                fields |= {print_ast(field): field for field in definition.selection_set.selections}
    text = print_ast(DocumentNode(definitions=(*fragments.values(),)))
    selected = "\n".join(fields).replace("street: $street, first: $first, after: $after", f"first: {NEWS}")
    operation = parse(f"query BenchHome {{ {selected} }}", no_location=True).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert isinstance(operation.name, NameNode)
    return f"{print_ast(operation)}\n\n{text}"


def documents() -> dict[str, str]:
    """The trusted documents by name, with those of the bench."""
    entries = json.loads(MANIFEST.read_text(encoding="utf-8"))["operations"]
    bodies = {entry["name"]: entry["body"] for entry in entries}
    return bodies | {"BenchHome": home_document(bodies), "BenchViewer": VIEWER}


def manifest(bodies: dict[str, str]) -> str:
    """The manifest that the gateway reads in a run."""
    made = json.loads(MANIFEST.read_text(encoding="utf-8"))
    for name in ("BenchHome", "BenchViewer"):
        made["operations"].append({"id": id_of(bodies[name]), "name": name, "type": "query", "body": bodies[name]})
    return json.dumps(made, ensure_ascii=False)


def id_of(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def http(path: str, port: int, player: Player, body: bytes, n: int) -> bytes:
    """One request; each player comes from an address of their own, through the proxy that the server trusts."""
    address = f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
    head = (f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Accept: application/json\r\nAuthorization: Bearer {player.token}\r\n"
            f"X-Forwarded-For: {address}\r\nContent-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


def write(file: Path, requests: list[bytes]) -> None:
    file.write_bytes(b"".join(struct.pack("!I", len(request)) + request for request in requests))
