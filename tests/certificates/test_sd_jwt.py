"""SD-JWT VC (RFC 9901): what is issued is verified, shows what was chosen, and everything that must be refused is."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from certificates import sd_jwt
from certificates.sd_jwt import Invalid, b64, digest, jwk, sign, unb64

NOW = 1_800_000_000
ISSUER, HOLDER, OTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
ISS, KID, VCT = "https://issuer.example/credentials", "key", "https://issuer.example/credentials/type/id_card"
NAMES = st.text("abcdefghijklmnop_éß中文 .\"\\", min_size=1, max_size=8).filter(
    lambda name: name not in sd_jwt.NEVER_HIDDEN | {"_sd", "...", "_sd_alg"})
VALUES = st.recursive(st.none() | st.booleans() | st.integers(-10**9, 10**9) | st.text(max_size=8),
                      lambda inner: st.lists(inner, max_size=3), max_leaves=4)


def payload(**more: Any) -> dict[str, Any]:
    return {"iss": ISS, "vct": VCT, "iat": NOW - 100, "exp": NOW + 1000, "cnf": {"jwk": jwk(HOLDER.public_key())}, **more}


HIDDEN: dict[sd_jwt.Path, Any] = {("name",): "王海燕", ("birthdate",): "1988-05-12",
                                  ("age_equal_or_over", "18"): True, ("age_equal_or_over", "65"): False}


def key_for(iss: str, kid: str) -> Any:
    return ISSUER.public_key() if (iss, kid) == (ISS, KID) else None


def credential(hidden: dict[sd_jwt.Path, Any] | None = None, **more: Any) -> str:
    return sd_jwt.issue(payload(**more), HIDDEN if hidden is None else hidden, ISSUER, KID)


def verified(text: str, now: float = NOW, audience: str = "verifier", nonce: str = "n-1") -> sd_jwt.Verified:
    return sd_jwt.verify(text, key_for, now, audience=audience, nonce=nonce, types={VCT})


def presented(wanted: set[str], made: str | None = None, **said: Any) -> str:
    """A presentation; `said` takes the place of what a holder says."""
    chosen = sd_jwt.select(made or credential(), wanted)
    return sd_jwt.bind(chosen, said.get("key", HOLDER), said.get("audience", "verifier"), said.get("nonce", "n-1"),
                       said.get("now", NOW))


def why(text: str, **asked: Any) -> str:
    with pytest.raises(Invalid) as refused:
        verified(text, **asked)
    return refused.value.reason


def signed(said: dict[str, Any], *disclosures: str, header: dict[str, Any] | None = None) -> str:
    """A credential that an issuer signed with its own hand, and the holder's binding."""
    head = sign({**payload(), **said}, ISSUER, **{"typ": "dc+sd-jwt", "kid": KID} | (header or {}))
    return sd_jwt.bind("~".join([head, *disclosures, ""]), HOLDER, "verifier", "n-1", NOW)


def disclosure(*said: Any) -> str:
    return b64(json.dumps(said).encode())


def test_over_18_is_shown_without_the_birth_date() -> None:
    found = verified(presented({"18"}))
    assert found.claims["age_equal_or_over"] == {"18": True}
    assert not found.claims.keys() & {"birthdate", "name", "_sd", "_sd_alg"}
    shown = presented({"18"})
    assert "1988" not in "".join(unb64(part).decode(errors="ignore") for part in shown.replace("~", ".").split(".") if part)


@given(st.dictionaries(NAMES, VALUES, max_size=6), st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_chosen_is_what_is_seen(claims: dict[str, Any], data: st.DataObject) -> None:
    wanted = data.draw(st.sets(st.sampled_from(sorted(claims)))) if claims else set()
    found = verified(presented(wanted, credential({(name,): value for name, value in claims.items()})))
    assert {name: found.claims[name] for name in found.claims.keys() - payload().keys()} == {
        name: claims[name] for name in wanted}
    assert set(found.disclosed) == wanted


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_no_other_sign_anywhere_is_taken(data: st.DataObject) -> None:
    """One sign of a presentation is another: it is refused, but where base64url has bits that say nothing."""
    text = WHOLE
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("Aa0_-~.") .filter(lambda sign_: sign_ != text[at]))
    changed = text[:at] + other + text[at + 1:]
    try:
        found = verified(changed)
    except Invalid:
        return
    last = at + 1 == len(text) or text[at + 1] == "."
    assert last and found == verified(text), "only the last sign of a signature has such bits"


WHOLE = presented({"name", "18"})


@pytest.mark.parametrize("text", ["", "~", "a", "a.b.c~", "a.b.c~~d", "é~x", "~~~", "." * 500, "~" * 200, "a" * 70_000])
def test_what_is_no_presentation_is_refused(text: str) -> None:
    assert why(text) in {"form", "unbound", "encoding", "signature"}


def test_disclosures_that_were_not_issued_are_refused() -> None:
    head, *_ = credential().split("~")
    forged = disclosure("salt", "name", "别人")
    twice = sd_jwt.select(credential(), {"name"})
    one = twice.split("~")[1]
    bound = [sd_jwt.bind("~".join([*parts, ""]), HOLDER, "verifier", "n-1", NOW)
             for parts in ([head, forged], [twice.split("~")[0], one, one])]
    assert [why(each) for each in bound] == ["unreferenced", "duplicate"]


@pytest.mark.parametrize(("said", "disclosures", "reason"), [
    ({"_sd": [digest(disclosure("s", "a", 1))] * 2}, [disclosure("s", "a", 1)], "digest_twice"),
    ({"_sd": ["x"], "in": {"_sd": ["x"]}}, [], "digest_twice"),
    ({"_sd": ["x"], "list": [{"...": "x"}]}, [], "digest_twice"),
    ({"_sd": [digest(disclosure("s", "a", 1))], "a": 2}, [disclosure("s", "a", 1)], "collision"),
    ({"_sd": [digest(disclosure("s", "a", 1)), digest(disclosure("t", "a", 2))]},
     [disclosure("s", "a", 1), disclosure("t", "a", 2)], "collision"),
    ({"_sd": [digest(disclosure("s", "_sd", []))]}, [disclosure("s", "_sd", [])], "name"),
    ({"_sd": [digest(disclosure("s", "...", "x"))]}, [disclosure("s", "...", "x")], "name"),
    ({"in": {"_sd": [digest(disclosure("s", "_sd", []))]}}, [disclosure("s", "_sd", [])], "name"),
    ({"_sd": [digest(disclosure("s", "exp", NOW + 10**6))]}, [disclosure("s", "exp", NOW + 10**6)], "name"),
    ({"_sd": [digest(disclosure("s", "status", {}))]}, [disclosure("s", "status", {})], "name"),
    ({"_sd": [digest(disclosure("s", "aka_vcts", ["t"]))]}, [disclosure("s", "aka_vcts", ["t"])], "name"),
    ({"_sd": [digest(disclosure("s", "a", {"...": "x"}))]}, [disclosure("s", "a", {"...": "x"})], "name"),
    ({"list": [{"...": "x", "more": 1}]}, [], "name"),
    ({"_sd": [digest(disclosure("s", 1, 1))]}, [disclosure("s", 1, 1)], "name"),
    ({"_sd": [digest(disclosure("s", 1))]}, [disclosure("s", 1)], "disclosure"),
    ({"list": [{"...": digest(disclosure("s", "a", 1))}]}, [disclosure("s", "a", 1)], "disclosure"),
    ({"_sd": [digest(disclosure(7, "a", 1))]}, [disclosure(7, "a", 1)], "disclosure"),
    ({"_sd": [digest(b64(b"{}"))]}, [b64(b"{}")], "disclosure"),
    ({"_sd": [digest(b64(b"["))]}, [b64(b"[")], "encoding"),
    ({"_sd": [7]}, [], "digest"), ({"_sd": "x"}, [], "digest"), ({"_sd": [["x"]]}, [], "digest"),
    ({"_sd_alg": "md5"}, [], "hash"), ({"_sd_alg": None}, [], "hash"),
    ({"vct": "another"}, [], "type"), ({"iss": "https://evil.example"}, [], "issuer"),
    ({"exp": NOW - 61}, [], "expired"), ({"nbf": NOW + 61}, [], "not_yet"), ({"iat": NOW + 61}, [], "not_yet"),
    ({"exp": "later"}, [], "time"), ({"nbf": True}, [], "time"),
    ({"cnf": {}}, [], "key"), ({"cnf": None}, [], "key"), ({"cnf": {"jwk": {"kty": "oct", "k": "AA"}}}, [], "key"),
])
def test_what_no_issuer_may_say_is_refused_though_it_is_signed(
        said: dict[str, Any], disclosures: list[str], reason: str) -> None:
    assert why(signed(said, *disclosures)) == reason


def test_array_elements_are_shown_or_left_out() -> None:
    shown, kept = disclosure("s", "蓝"), disclosure("t", "红")
    found = verified(signed({"colours": ["白", {"...": digest(shown)}, {"...": digest(kept)}]}, shown))
    assert found.claims["colours"] == ["白", "蓝"]


def test_disclosures_within_disclosures_are_read_and_each_digest_once() -> None:
    inner = disclosure("s", "street", "演示路")
    outer = disclosure("t", "address", {"_sd": [digest(inner)], "city": "青岛"})
    assert verified(signed({"_sd": [digest(outer)]}, outer, inner)).claims["address"] == {"city": "青岛", "street": "演示路"}
    assert why(signed({"_sd": [digest(outer)]}, inner)) == "unreferenced"


@pytest.mark.parametrize(("said", "asked", "reason"), [
    ({"nonce": "n-2"}, {}, "nonce"), ({"audience": "another"}, {}, "audience"), ({"key": OTHER}, {}, "binding_signature"),
    ({"now": NOW - 301}, {}, "binding_time"), ({"now": NOW + 61}, {}, "binding_time"),
    ({}, {"nonce": "n-2"}, "nonce"), ({}, {"audience": "another"}, "audience"), ({}, {"now": NOW + 1061}, "expired"),
])
def test_a_binding_is_for_this_verifier_this_request_and_this_moment(
        said: dict[str, Any], asked: dict[str, Any], reason: str) -> None:
    assert why(presented({"name"}, **said), **asked) == reason


@pytest.mark.parametrize("said", [{"exp": NOW - 60}, {"nbf": NOW + 61}, {"exp": "soon"}, {"iat": 10**400}])
def test_a_binding_that_says_when_it_is_good_is_good_then(said: dict[str, Any]) -> None:
    shown = sd_jwt.select(credential(), {"name"})
    kb = {"iat": NOW, "aud": "verifier", "nonce": "n-1", "sd_hash": digest(shown)}
    assert verified(shown + sign({**kb, "exp": NOW + 1, "nbf": NOW}, HOLDER, typ="kb+jwt")).claims["name"] == "王海燕"
    assert why(shown + sign({**kb, **said}, HOLDER, typ="kb+jwt")) == "binding_time"


def test_a_binding_covers_exactly_what_is_shown() -> None:
    """A disclosure more, one less, or another's binding."""
    made = credential()
    more, less = sd_jwt.select(made, {"name", "18"}), sd_jwt.select(made, {"name"})
    bindings = {text: sd_jwt.bind(text, HOLDER, "verifier", "n-1", NOW)[len(text):] for text in (more, less)}
    assert why(more + bindings[less]) == why(less + bindings[more]) == "sd_hash"
    assert why(less) == "unbound"


@pytest.mark.parametrize(("header", "reason"), [
    ({"typ": "JWT"}, "header"), ({"typ": "vc+sd-jwt"}, "header"), ({"kid": "another"}, "issuer"),
])
def test_the_header_says_what_it_is(header: dict[str, Any], reason: str) -> None:
    assert why(signed({}, header=header)) == reason


def test_no_algorithm_but_es256_is_taken() -> None:
    said, header = json.dumps(payload()).encode(), {"typ": "dc+sd-jwt", "kid": KID}
    none = ".".join([b64(json.dumps({"alg": "none", **header}).encode()), b64(said), ""])
    hmac = jwt.PyJWS().encode(said, b"k" * 32, algorithm="HS256", headers=header)
    bound = [sd_jwt.bind(f"{head}~", HOLDER, "verifier", "n-1", NOW) for head in (none, none + "AA", hmac)]
    assert [why(each) for each in bound] == ["signature", "header", "header"]
    shown = sd_jwt.select(credential(), set())
    kb = {"iat": NOW, "aud": "verifier", "nonce": "n-1", "sd_hash": digest(shown)}
    unsigned = ".".join([b64(b'{"alg":"none","typ":"kb+jwt"}'), b64(json.dumps(kb).encode()), "AA"])
    assert why(shown + unsigned) == "binding_header"
    assert why(shown + sign(kb, HOLDER, typ="JWT")) == "binding_header"


def test_a_name_twice_in_an_object_is_refused() -> None:
    text = b64(b'["s", "a", {"b": 1, "b": 2}]')
    assert why(signed({"_sd": [digest(text)]}, text)) == "encoding"
    deep = b64(b'["s", "a", ' + b"[" * 3000 + b"]" * 3000 + b"]")
    assert why(signed({"_sd": [digest(deep)]}, deep)) == "encoding"
