"""Access tokens: only ours, of our kind, in time, for a session that still lives. Keys may turn over meanwhile."""

from __future__ import annotations

import base64
import json
import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.clients import Served

from haian.clock import Clock
from haian.errors import Unauthenticated
from haian.pseudonyms import Pseudonyms
from haian.settings import Settings
from identity.tokens import LIFETIME, LOOK_SECONDS, KeyRing, Tokens

ISSUER = "https://haian.example.cn"


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "tokens")


@pytest.fixture
def tokens(ring: KeyRing) -> Tokens:
    return Tokens(ring, ISSUER, Clock())


def changed(tokens: Tokens, header: dict[str, Any] | None = None, key: Any = None, drop: str = "", **claims: Any) -> str:
    """A token like a right one, but for something."""
    ring = tokens.ring.load()
    right = jwt.decode(tokens.make("c", "s"), options={"verify_signature": False})
    right |= claims
    right.pop(drop, None)
    return jwt.encode(right, key or ring.keys[ring.newest], algorithm="EdDSA",
                      headers={"kid": ring.newest, "typ": "at+jwt"} | (header or {}))


def said(tokens: Tokens, token: str) -> tuple[str, str]:
    """The citizen and the session of a token."""
    claims = tokens.check(token)
    return claims.citizen, claims.session


def b64(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_a_token_names_its_citizen_and_session_for_ten_minutes(tokens: Tokens) -> None:
    token = tokens.make("citizen", "session")
    assert said(tokens, token) == ("citizen", "session")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert set(claims) == {"iss", "aud", "sub", "sid", "exp", "iat", "jti"}
    assert claims["exp"] - claims["iat"] == LIFETIME == 600
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "exp", "iat", "jti"])
def test_every_claim_must_be_there(tokens: Tokens, claim: str) -> None:
    with pytest.raises(Unauthenticated):
        tokens.check(changed(tokens, drop=claim))


WRONG: dict[str, dict[str, Any]] = {
    "another kind": {"header": {"typ": "JWT"}},
    "no kind": {"header": {"typ": None}},
    "an unknown key": {"header": {"kid": "x"}},
    "a key that is a path": {"header": {"kid": "../../etc/passwd"}},
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "other"},
    "audiences that are not ours": {"aud": ["other", "another"]},
    "a longer life": {"exp": 2**33},
    "an end before its beginning": {"exp": 1},
    "a beginning to come": {"iat": 2**33, "exp": 2**33 + 60},
    "an end that is no number": {"exp": "never"},
    "an end that is half a number": {"exp": 1.5},
    "a subject that is no text": {"sub": 7},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_token_is_refused_that_has(tokens: Tokens, wrong: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        tokens.check(changed(tokens, **wrong))


def test_a_token_of_another_key_under_our_name_is_refused(tokens: Tokens) -> None:
    with pytest.raises(Unauthenticated):
        tokens.check(changed(tokens, key=Ed25519PrivateKey.generate()))


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c"])
def test_a_token_does_not_bring_its_own_key(tokens: Tokens, name: str) -> None:
    """RFC 8725, 3.10: neither a key in the header nor an address of keys is looked at; nobody is asked."""
    key = Ed25519PrivateKey.generate()
    own = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key()))
    with socket.create_server(("127.0.0.1", 0)) as evil:
        address = f"http://127.0.0.1:{evil.getsockname()[1]}/keys"
        given = {"jku": address, "x5u": address, "jwk": own, "x5c": [base64.b64encode(b"x").decode()]}[name]
        for kid in (tokens.ring.newest, "evil", address):
            with pytest.raises(Unauthenticated):
                tokens.check(changed(tokens, key=key, header={name: given, "kid": kid}))
        evil.setblocking(False)
        with pytest.raises(BlockingIOError):
            evil.accept()


def test_algorithms_cannot_be_confused(tokens: Tokens) -> None:
    """RFC 8725, 3.1: `none`, and HMAC with our public key as the secret."""
    header, body, signature = tokens.make("c", "s").split(".")
    kid = tokens.ring.newest
    for algorithm in ("none", "None", "NONE", ""):
        for proof in ("", signature):
            with pytest.raises(Unauthenticated):
                tokens.check(f"{b64({'alg': algorithm, 'kid': kid, 'typ': 'at+jwt'})}.{body}.{proof}")
    public = tokens.ring.keys[kid].public_key()
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    claims = jwt.decode(f"{header}.{body}.{signature}", options={"verify_signature": False})
    forged = jwt.encode(claims, raw, algorithm="HS256", headers={"kid": kid, "typ": "at+jwt"})
    with pytest.raises(Unauthenticated):
        tokens.check(forged)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "\ud800", "e30.e30.e30", "x" * 100_000, f"{b64([])}.{b64({})}.",
                                  f"{b64({'kid': {}})}.e30.", f"{b64({'kid': []})}.e30.e30", f"{b64(b'[' * 5000)}.e30."])
def test_what_is_no_token_is_refused(tokens: Tokens, text: str) -> None:
    with pytest.raises(Unauthenticated):
        tokens.check(text)


def test_a_changed_token_is_refused(tokens: Tokens) -> None:
    header, body, signature = tokens.make("c", "s").split(".")
    other = tokens.make("d", "s").split(".")
    for token in (f"{header}.{other[1]}.{signature}", f"{header}.{body}.{other[2]}", f"{header}.{body}", f"{header}.{body}.",
                  f"{header}.{body}.{signature[:-4]}"):
        with pytest.raises(Unauthenticated):
            tokens.check(token)


def test_a_token_ends_after_ten_minutes_by_the_products_clock(tokens: Tokens) -> None:
    token = tokens.make("c", "s")
    tokens.clock.move(timedelta(minutes=9))
    tokens.check(token)
    tokens.clock.move(timedelta(minutes=1, seconds=1))
    with pytest.raises(Unauthenticated):
        tokens.check(token)


def test_old_tokens_stay_good_while_keys_turn_over_and_end_with_their_key(ring: KeyRing, tokens: Tokens) -> None:
    old = tokens.make("c", "s")
    [first] = ring.folder.glob("*.pem")
    ring.rotate()
    os.utime(ring.folder, (1, 1))  # a file system whose clock is coarse
    new = tokens.make("c", "s")
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]
    assert said(tokens, old) == said(tokens, new) == ("c", "s")
    assert len(ring.jwks()["keys"]) == 2
    first.unlink()
    ring.looked -= LOOK_SECONDS
    with pytest.raises(Unauthenticated):
        tokens.check(old)
    assert said(tokens, new) == ("c", "s")


def test_two_processes_that_start_at_once_have_the_same_keys(ring: KeyRing) -> None:
    """Otherwise one would refuse what the other made."""
    other = KeyRing(ring.folder)
    first, second = Tokens(ring, ISSUER, Clock()), Tokens(other, ISSUER, Clock())
    assert said(first, second.make("c", "s")) == said(second, first.make("c", "s"))


def test_keys_are_for_their_owner_only(ring: KeyRing) -> None:
    ring.load()
    assert ring.folder.stat().st_mode & 0o777 == 0o700
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in ring.folder.glob("*.pem"))


def test_half_a_key_is_never_read(ring: KeyRing, tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process looks while a new key is being written."""
    old, seen = tokens.make("c", "s"), []
    write = Path.write_bytes

    def written(self: Path, data: bytes) -> int:
        seen.append(said(Tokens(KeyRing(ring.folder), ISSUER, Clock()), old))
        return write(self, data)
    monkeypatch.setattr(Path, "write_bytes", written)
    ring.rotate()
    assert seen == [("c", "s")]


def test_the_published_keys_verify_a_token_and_hold_no_secret(ring: KeyRing, tokens: Tokens) -> None:
    token = tokens.make("c", "s")
    published = jwt.PyJWKSet.from_dict(ring.jwks())
    key = published[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key.key, algorithms=["EdDSA"], audience="haian", issuer=ISSUER)["sub"] == "c"
    assert all(set(key) == {"kty", "crv", "x", "kid", "use", "alg"} for key in ring.jwks()["keys"])


async def test_a_token_speaks_for_its_citizen_until_the_session_ends(shared: Served) -> None:
    phone = await shared.signed_in("elder")
    raw = "mutation { identityAccessToken { token expiresIn } }"
    developer = await shared.signed_in("developer")
    answer = (await developer.http.post("/graphql", json={"query": raw})).json()
    made = answer["data"]["identityAccessToken"]
    assert made["expiresIn"] == 600
    client = shared.phone()
    client.http.headers["Authorization"] = f"Bearer {made['token']}"
    del client.http.headers["Origin"]
    assert (await client.ask("IdentityViewer"))["identityViewer"]["id"] == developer.id != phone.id
    answer = (await client.http.post("/graphql", json={"query": raw})).json()
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN", "no token renews itself"
    assert await client.refused("ConsentExport") == "FORBIDDEN", "it never shows a second factor"
    await developer.ask("IdentitySignOut")
    assert await client.refused("IdentityViewer") == "UNAUTHENTICATED"


@pytest.mark.parametrize("bearer", ["Bearer x", "Bearer", "Basic eDp5", "Bearer a.b.c", "bearer"])
async def test_a_wrong_token_is_refused_and_not_taken_for_nobody(shared: Served, bearer: str) -> None:
    phone = await shared.signed_in("resident")
    phone.http.headers["Authorization"] = bearer
    answer = await phone.send("IdentityViewer")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_the_key_set_is_public(shared: Served) -> None:
    answer = await shared.phone().http.get("/.well-known/jwks.json")
    assert answer.json() == shared.platform.services["tokens"].ring.jwks()


def test_each_client_calls_a_citizen_by_a_name_of_its_own(ring: KeyRing) -> None:
    old, new, citizen = b"o" * 32, b"n" * 32, str(uuid4())

    def known(newest: bytes, *older: bytes) -> Tokens:
        return Tokens(ring, ISSUER, Clock(), Pseudonyms(Settings(env="test", index_key=newest, index_keys_old=older)))
    before, made = known(old), [known(old).make(citizen, "s", client) for client in ("one", "one", "another")]
    names = [jwt.decode(token, options={"verify_signature": False})["sub"] for token in made]
    assert names[0] == names[1] != names[2] and citizen not in names
    assert [before.check(token).citizen for token in made] == [known(new, old).check(token).citizen for token in made]
    assert before.check(made[0]).citizen == citizen
    for wrong in (known(new), before):
        with pytest.raises(Unauthenticated):
            wrong.check(changed(wrong, sub=names[0], client_id="another"))
