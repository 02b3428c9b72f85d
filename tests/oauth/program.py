"""A program outside the browser, as its developer would write it: PKCE, DPoP, and what it was given."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from uuid import UUID

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from tests.clients import Phone, Served

from haian.demo import demo_id

CLIENT = str(demo_id("client:parking"))
REDIRECT = "http://127.0.0.1:43117/callback"
READ, WRITE, HEALTH = "parking.bookings.read", "parking.bookings.write", "healthcare.appointments.read"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Program:
    """A client on one device, which has a key of its own."""

    served: Served
    id: str = CLIENT
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    http: httpx.AsyncClient = field(init=False)
    token: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.http = self.served.phone().http
        del self.http.headers["Origin"]

    @property
    def challenge(self) -> str:
        return b64(hashlib.sha256(self.verifier.encode()).digest())

    def proof(self, address: str = "", **changed: Any) -> str:
        """A DPoP proof of a request for a token."""
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        claims = {"jti": secrets.token_urlsafe(12), "htm": "POST", "htu": address or f"{self.served.origin}/oauth/token",
                  "iat": int(self.served.platform.clock.epoch())} | changed
        return jwt.encode(claims, self.key, algorithm="ES256", headers={"typ": "dpop+jwt", "jwk": public})

    def request(self, *scopes: str, **changed: str) -> str:
        """Where it sends the browser."""
        asked = {"response_type": "code", "client_id": self.id, "redirect_uri": REDIRECT,
                 "scope": " ".join(scopes or (READ,)), "state": self.state,
                 "code_challenge": self.challenge, "code_challenge_method": "S256"} | changed
        return f"/oauth/authorize?{urlencode({name: value for name, value in asked.items() if value})}"

    async def post(self, path: str, proof: str | None = None, **given: str) -> httpx.Response:
        headers = {"DPoP": self.proof() if proof is None else proof}
        return await self.http.post(f"/oauth/{path}", data={"client_id": self.id} | given,
                                    headers={name: value for name, value in headers.items() if value})

    async def exchange(self, code: str, **changed: str) -> httpx.Response:
        return await self.post("token", **{"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT,
                                           "code_verifier": self.verifier} | changed)

    async def refresh(self, token: str = "", proof: str | None = None, **changed: str) -> httpx.Response:
        given = {"grant_type": "refresh_token", "refresh_token": token or self.token["refresh_token"]} | changed
        return await self.post("token", proof, **given)

    async def connect(self, phone: Phone, *scopes: str) -> None:
        """As far as its first tokens, which it keeps."""
        answer = await self.exchange(await code_of(phone, self.request(*scopes)))
        assert answer.status_code == 200, answer.text
        self.token = answer.json()

    def by_access(self) -> Phone:
        """It asks the gateway with its access token."""
        phone = self.served.phone()
        del phone.http.headers["Origin"]
        phone.http.headers["Authorization"] = f"Bearer {self.token['access_token']}"
        return phone

    def device(self) -> UUID:
        return UUID(jwt.decode(self.token["access_token"], options={"verify_signature": False})["sid"])


def answer_of(address: str) -> dict[str, str]:
    """What a browser brings back."""
    return dict(parse_qsl(urlsplit(address).query))


async def asked(phone: Phone, request: str) -> str:
    """The browser comes with a request, and is led to our page: the name of the request there."""
    went = await phone.http.get(request)
    assert went.status_code == 303, went.text
    [name] = parse_qs(urlsplit(went.headers["location"]).query)["request"]
    return name


async def allowed(phone: Phone, request: str, *scopes: str, term: str = "MONTH") -> str:
    """The citizen reads what is asked for and consents to it, or to `scopes` of it; where the browser goes then."""
    name = await asked(phone, request)
    shown = await phone.ask("OauthRequest", request=name)
    await phone.ask("OauthAllow", request=name, scopes=list(scopes) or [each["id"] for each in shown["scopes"]], term=term)
    return await went_on(phone, name)


async def went_on(phone: Phone, name: str) -> str:
    went = await phone.http.get(f"/oauth/continue?request={name}")
    assert went.status_code == 303
    return str(went.headers["location"])


async def code_of(phone: Phone, request: str) -> str:
    return answer_of(await allowed(phone, request))["code"]


async def said(answer: httpx.Response) -> str:
    """The error of an answer that is a refusal, which nobody keeps."""
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.json()["error"])
