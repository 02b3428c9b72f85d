"""The HTTP API of verifiers that are no person: one request a scan. Litestar documents it at /gates/openapi.json; the
words are in docs/gates.md, the choice in docs/decisions/0030-gates.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from litestar import Request, Router, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import HeaderParameter, JSONBody

from consent.giving import label
from haian.addresses import neighbourhood
from haian.cache import LOST
from haian.call import Call, Platform
from haian.errors import Unavailable
from haian.viewer import Viewer
from onecode import gates, partners
from onecode.errors import ProofInvalid
from onecode.offline import signer as signer_of
from onecode.verifiers import encoded
from server.refusing import unread

Asked: TypeAlias = Request[Any, Any, Any]
MOST_BYTES = 4096
BEAT_SECONDS = 30
Signed = Annotated[str, HeaderParameter(name="authorization", description=
                                        "`Gate <proof>`: a JWT by the device's key, see docs/gates.md")]


@dataclass
class Enrolment:
    """`code`: the one-time code that the manager was shown. `key`: the device's public key as JWK, Ed25519 or P-256;
    the proof is signed by it, `kid` is its thumbprint."""

    code: str
    key: dict[str, str]


@dataclass
class Scan:
    """`code`: the text of the QR code, or the 8 digits below it. `nonce`: 8 to 64 signs, new for each scan; the same again
    where its answer was lost."""

    code: str
    nonce: str


@dataclass
class Fact:
    """One thing that the scene asks: `text`, or whether it `holds`."""

    name: str
    label: str
    text: str | None
    holds: bool | None


@dataclass
class Answer:
    """What a scan came to. ACCEPTED opens; USED (then `first_at`, `first_place`), EXPIRED, SUSPENDED and NOT_ENTITLED
    do not. `withheld`: what the scene asks beyond its base, and the holder has not let you see."""

    scan: UUID
    at: datetime
    verdict: str
    facts: list[Fact]
    withheld: list[str]
    first_at: datetime | None
    first_place: str | None


@dataclass
class Door:
    """What we know of the device. `asks`: the facts that it is told; `beat_seconds`: how often it says that it is
    there; `now`: our time, seconds since 1970."""

    id: UUID
    organisation: str
    place: str
    scene: str
    asks: list[str]
    now: int
    beat_seconds: int


@dataclass
class Settled:
    """`code`: the text of a code that was read without us. `key`: 8 to 64 signs, new for each; the same again where the
    answer was lost."""

    code: str
    key: str


@dataclass
class Known:
    """`after`: `upto` of the answer before; 0 at first, and twice a day, so that what is over leaves the list."""

    after: int = 0


@dataclass
class Key:
    """A key of ours for such codes: Ed25519, base64url; its name, 2 bytes in hexadecimal, stands in the code."""

    name: str
    key: str


@dataclass
class Demand:
    """A fact that the scene asks; `demanded`: no entry where it does not hold."""

    name: str
    label: str
    demanded: bool


@dataclass
class Kit:
    """What a gate needs to read codes while it does not reach us. `offline`: OFFLINE: it may, and settles later; REFUSE or
    NONE: it stays shut. `division`: the first digits of the communities whose people are residents. `revoked`: secrets
    of batches of which no code passes, stopped after `after`; `upto`: what to say as `after` the next time, at once where
    there is `more`; less than what was asked after: forget what was known."""

    offline: str
    asks: list[Demand]
    division: str
    code_seconds: int
    keys: list[Key]
    revoked: list[str]
    upto: int
    more: bool
    now: int


@dataclass
class Beat:
    """Nothing is to be said."""


@dataclass
class Refusals:
    """A refusal: `errors[0].extensions.code` is never renamed; `message` is for people (Accept-Language: zh or en)."""

    errors: list[dict[str, Any]]


REFUSED = {
    400: ResponseSpec(Refusals, description="ONECODE_CODE_UNREADABLE, ONECODE_ENROLMENT_UNKNOWN, ONECODE_KEY_INVALID, "
                                            "ONECODE_NOT_OFFLINE, ONECODE_NOT_AT_POST, IDEMPOTENCY_KEY_REUSED, "
                                            "INVALID_ARGUMENT"),
    401: ResponseSpec(Refusals, description="ONECODE_PROOF_INVALID; ONECODE_PROOF_STALE: set your clock by our Date"),
    403: ResponseSpec(Refusals, description="ONECODE_VERIFIER_REVOKED"),
    409: ResponseSpec(Refusals, description="ONECODE_PROOF_REPLAYED: sign anew, with the same nonce"),
    429: ResponseSpec(Refusals, description="RATE_LIMITED with `retryAfter` in seconds, as in `Retry-After`"),
    503: ResponseSpec(Refusals, description="UNAVAILABLE: try again; nothing was written. `offline` says what the gate's "
                                            "scene allows: OFFLINE, judge an offline code yourself; else stay shut"),
}


@post("/enrol", status_code=200, responses=REFUSED)
async def enrol(request: Asked, platform: NamedDependency[Platform], data: JSONBody[Enrolment], proof: Signed) -> Door:
    """Register the key that signs this request. Sent again within 15 minutes it says the same."""
    call = call_of(request, platform)
    return door_of(call, await gates.enrol(call, data.code, data.key, await signed(request, platform, proof)))


@post("/scan", status_code=200, responses=REFUSED)
async def scan(request: Asked, platform: NamedDependency[Platform], data: JSONBody[Scan], proof: Signed) -> Answer:
    """Read a code: the verdict, and exactly the facts of the scene that the device was registered for."""
    try:
        call, _ = await admitted(request, platform, proof)
        return answer_of(call, await gates.scan(call, data.code, data.nonce))
    except (Unavailable, *LOST):
        if not proof.lower().startswith("gate "):
            raise
        raise await gates.unavailable(call_of(request, platform), await signed(request, platform, proof)) from None


@post("/offline", status_code=200, responses=REFUSED)
async def offline(request: Asked, platform: NamedDependency[Platform], data: JSONBody[Known], proof: Signed) -> Kit:
    """What the device needs to read offline codes while it does not reach us: ask once a minute."""
    call, door = await admitted(request, platform, proof)
    return kit_of(call, await gates.kit(call, door["device_id"], data.after))


@post("/settle", status_code=200, responses=REFUSED)
async def settle(request: Asked, platform: NamedDependency[Platform], data: JSONBody[Settled], proof: Signed) -> Answer:
    """What the device read while it did not reach us, within a week. USED: it was used elsewhere meanwhile."""
    call, _ = await admitted(request, platform, proof)
    return answer_of(call, await gates.settle(call, data.code, data.key))


@post("/heartbeat", status_code=200, responses=REFUSED)
async def heartbeat(request: Asked, platform: NamedDependency[Platform], data: JSONBody[Beat], proof: Signed) -> Door:
    """Say that the device is there, and hear what it is registered for."""
    call, door = await admitted(request, platform, proof)
    await gates.beat(call, door["device_id"])
    return door_of(call, door)


def call_of(request: Asked, platform: Platform, device: UUID | None = None) -> Call:
    locale = "en" if request.headers.get("accept-language", "").startswith("en") else "zh"
    address = neighbourhood(request.client.host) if request.client else ""
    return Call(platform, Viewer(device, locale=locale, address=address))


async def signed(request: Asked, platform: Platform, proof: str) -> gates.Signed:
    """The proof of a request, with what it is for. ProofInvalid where there is none."""
    kind, _, token = proof.partition(" ")
    if kind.lower() != "gate":
        raise ProofInvalid
    addresses = [origin + request.scope["path"] for origin in platform.settings.public_origins]
    return gates.Signed(token, await request.body(), addresses)


async def admitted(request: Asked, platform: Platform, proof: str) -> tuple[Call, Any]:
    """The call of the gate that signed a request, or of the third party whose token it has, and its door."""
    kind, _, token = proof.partition(" ")
    if kind.lower() == "bearer":
        door = await partners.by_token(call_of(request, platform), token)
    else:
        door = await gates.by_proof(call_of(request, platform), await signed(request, platform, proof))
    return call_of(request, platform, door["device_id"]), door


def door_of(call: Call, row: Any) -> Door:
    scene = call.spoken(row["name_zh"], row["name_en"])
    return Door(row["device_id"], row["organisation"], row["place"], scene, [label(call, name) for name in row["facts"]],
                int(call.clock.epoch()), BEAT_SECONDS)


def answer_of(call: Call, row: Any) -> Answer:
    facts = [fact_of(call, fact["name"], fact["value"]) for fact in row["seen"]]
    return Answer(row["id"], row["at"], row["outcome"], facts, [label(call, name) for name in row["held_back"]],
                  row["first_at"], row["first_place"])


def kit_of(call: Call, row: Any) -> Kit:
    signer = signer_of(call.platform)
    asks = [Demand(name, label(call, name), name in row["demands"]) for name in row["facts"]]
    return Kit(row["offline"], asks, row["division"], row["code_seconds"], [Key(signer.name.hex(), encoded(signer.public))],
               row["revoked"], row["upto"], row["more"], int(row["now"].timestamp()))


def fact_of(call: Call, name: str, value: Any) -> Fact:
    says = isinstance(value, str)
    return Fact(name, label(call, name), value if says else None, None if says else bool(value))


GATES = Router("/gates", route_handlers=[enrol, scan, heartbeat, offline, settle], include_in_schema=True,
               exception_handlers={400: unread, RecursionError: unread},
               tags=["核验方 Verifiers"], request_max_body_size=MOST_BYTES, security=[{"proof": []}, {"token": []}],
               response_headers=[ResponseHeader(name="cache-control", value="no-store")])
OPENAPI = OpenAPIConfig(
    title="海岸通 Haian: gates and third parties", version="1", path="/gates", use_handler_docstrings=True,
    render_plugins=[JsonRenderPlugin(path="/openapi.json")],
    components=Components(security_schemes={"proof": SecurityScheme(
        type="http", scheme="Gate", bearer_format="JWT", description="docs/gates.md, A proof"), "token": SecurityScheme(
        type="http", scheme="bearer", description="docs/gates.md, Third parties: everything but /gates/enrol")}))
