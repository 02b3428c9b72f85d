"""The way to a token: a client asks, its citizen reads what for and decides, and the browser takes a code back (RFC 6749,
4.1; PKCE, RFC 7636; native programs, RFC 8252; the issuer in the answer, RFC 9207)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from consent import giving
from consent.models import Asked, Receiver, Term
from haian import codes
from haian.call import Call, Platform
from haian.codes import State
from haian.errors import KeyReused
from haian.transaction import Answer, Transaction
from oauth.connected import registered
from oauth.errors import NothingChosen, RequestStale
from oauth.models import PURPOSE, WORDS, Registered

ASKED, DECIDED, CODE = "authorize.asked", "authorize.decided", "authorize.code"
ASKED_SECONDS, DECIDED_SECONDS, CODE_SECONDS = 600, 120, 60
SHA_256 = re.compile(r"[A-Za-z0-9_-]{43}")
"""In base64url: a challenge (RFC 7636, 4.2), the thumbprint of a key (RFC 7638)."""
LONGEST_STATE = 1000
LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Wanted:
    """A request that may be shown to a citizen."""

    client: Registered
    scopes: tuple[str, ...]
    kept: Mapping[str, Any]


def may_return(registered_: Sequence[str], given: str) -> bool:
    """Whether a citizen may be sent to this address: word for word as registered; on loopback the port is free (RFC 8252,
    7.3)."""
    return given in registered_ or any(_without_port(given, each) == each for each in registered_)


def _without_port(given: str, like: str) -> str:
    """A loopback address without its port, where that is all in which it differs; else nothing that anything is like."""
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme != "http" or parts.hostname not in LOOPBACK or not port:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return given.replace(f":{port}", "", 1) if given.startswith(f"http://{host}:{port}/") and like.startswith(
        f"http://{host}/") else ""


async def ask(platform: Platform, given: Mapping[str, str]) -> str:
    """Where a browser goes that comes with a request of a client: to our page, or back with what is wrong with it. To a
    client or an address that nobody registered nobody is sent: our page says so."""
    client = await registered(platform, given.get("client_id", ""))
    redirect, state = given.get("redirect_uri", ""), given.get("state", "")
    if client is None or not may_return(client.redirects, redirect) or len(state) > LONGEST_STATE:
        return "/authorize?wrong=1"
    scopes = list(dict.fromkeys(given.get("scope", "").split()))
    wrong = _wrong(given, scopes, client)
    if wrong:
        return _back(platform, redirect, state, error=wrong)
    kept = {"client": client.id, "redirect": redirect, "state": state, "scopes": scopes,
            "challenge": given["code_challenge"], "jkt": given.get("dpop_jkt", "")}
    return f"/authorize?request={await codes.issue(platform.line, ASKED, kept, ASKED_SECONDS)}"


def _wrong(given: Mapping[str, str], scopes: Sequence[str], client: Registered) -> str:
    """The error of a request (RFC 6749, 4.1.2.1). A code is given for a challenge by SHA-256 alone; no way leads down."""
    if given.get("response_type") != "code":
        return "unsupported_response_type"
    if given.get("code_challenge_method") != "S256" or not SHA_256.fullmatch(given.get("code_challenge", "")):
        return "invalid_request"
    if "dpop_jkt" in given and not SHA_256.fullmatch(given["dpop_jkt"]):
        return "invalid_request"
    if given.get("response_mode", "query") != "query" or "request" in given or "request_uri" in given:
        return "invalid_request"
    return "" if scopes and set(scopes) <= client.scopes else "invalid_scope"


def _back(platform: Platform, redirect: str, state: str, **said: str) -> str:
    answer = {**said, **({"state": state} if state else {}), "iss": platform.settings.public_origin}
    return f"{redirect}{'&' if '?' in redirect else '?'}{urlencode(answer)}"


async def wanted(call: Call, request: str) -> Wanted | None:
    """What is asked for, while it may be answered: by whomever; once somebody took it, in the same browser alone."""
    found = await codes.seen(call.platform.line, ASKED, codes.digest(request))
    if found.state is State.UNKNOWN or found.by not in ({}, _taker(call)):
        return None
    client = await registered(call.platform, found.payload["client"])
    if client is None:
        return None
    return Wanted(client, tuple(scope for scope in found.payload["scopes"] if scope in client.scopes), found.payload)


async def open_(call: Call, request: str) -> Wanted | None:
    """The same, until it is decided."""
    decided = await codes.seen(call.platform.line, DECIDED, codes.digest(request))
    return await wanted(call, request) if decided.state is State.UNKNOWN else None


def titles(call: Call, scopes: Sequence[str]) -> list[str]:
    """What scopes are called, in the reader's language; one that is not offered any more by its own name."""
    known = call.platform.registry.scopes
    return [known[scope].title[call.viewer.locale] if scope in known else scope for scope in scopes]


async def allow(call: Call, request: str, scopes: Sequence[str], term: Term) -> None:
    """Consent to these of what is asked for: where it was refused at the same moment, to nothing. RequestStale,
    NothingChosen; Forbidden for who may not consent for themself."""
    asked, chosen = await _asked(call, request), sorted(set(scopes))
    if not chosen or not set(chosen) <= set(asked.scopes) or term is Term.ONCE:
        raise NothingChosen

    async def give(tx: Transaction) -> None:
        for scope in chosen:
            assert tx.viewer.id
            await giving.give(tx, tx.viewer.id, agreed(asked.client, scope), term)
    await _decide(call, request, asked, chosen, give, term.value)


async def refuse(call: Call, request: str) -> None:
    """RequestStale."""
    async def nothing(_: Transaction) -> None:
        pass
    await _decide(call, request, await _asked(call, request), [], nothing)


async def _asked(call: Call, request: str) -> Wanted:
    """RequestStale where nobody asks any more, or it is another's to answer."""
    asked = await wanted(call, request)
    if asked is None:
        raise RequestStale
    return asked


def agreed(client: Registered, scope: str) -> Asked:
    """What is agreed to, as it will stand under 我的授权."""
    words = {locale: text.format(name=client.name[locale]) for locale, text in WORDS.items()}
    return Asked(scope, Receiver.MINI_APP, str(client.id), client.name["zh"], PURPOSE, words)


def _taker(call: Call) -> dict[str, Any]:
    return {"session": call.viewer.session}


async def _decide(call: Call, request: str, asked: Wanted, scopes: Sequence[str],
                  do: Callable[[Transaction], Awaitable[None]], term: str = "") -> None:
    """One browser takes the request, in Redis; what was decided there, PostgreSQL keeps once, with the consents: who asks
    again decides the same or nothing. Only what is committed is kept for the browser that goes on, so that whose commit
    failed, or whose answer was lost, may ask again. RequestStale."""
    code, platform = codes.digest(request), call.platform
    async with call.writing("oauth") as tx:
        async def decide() -> Answer:
            await do(tx)
            return {}
        given = {**_taker(call), "scopes": list(scopes), "term": term}
        try:
            await tx.once("oauth.decide", code, given, decide)
        except KeyReused:
            raise RequestStale from None
        taken = await codes.burn(platform.line, ASKED, code, _taker(call))
        if taken.by != _taker(call):
            raise RequestStale
    kept = {**asked.kept, **_taker(call), "scopes": list(scopes), "citizen": call.viewer.id}
    await codes.keep_first(platform.line, DECIDED, code, kept, DECIDED_SECONDS)


async def finish(platform: Platform, session: str | None, request: str) -> str:
    """Where the browser goes once its citizen has decided there: back to the client, with a code or without."""
    burnt = await codes.burn(platform.line, DECIDED, codes.digest(request), {})
    kept = burnt.payload
    if burnt.state is not State.GOOD or not session or kept["session"] != session:
        return "/authorize?over=1"
    if await registered(platform, kept["client"]) is None:  # it was ended meanwhile: nobody is sent there any more
        return "/authorize?over=1"
    if not kept["scopes"]:
        return _back(platform, kept["redirect"], kept["state"], error="access_denied")
    code = await codes.issue(platform.line, CODE, kept, CODE_SECONDS)
    return _back(platform, kept["redirect"], kept["state"], code=code)
