"""OAuth 2.1 for clients outside the browser: where a citizen is sent to, and where tokens are given (docs/protocols.md)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from haian.call import Call, Platform
from haian.errors import InvalidArgument
from identity.tokens import LIFETIME
from oauth import granting, service
from oauth.errors import OAuthRefused
from oauth.proofs import ALGORITHMS
from onecode import partners
from onecode.errors import ProofInvalid, ProofReplayed, ProofStale, VerifierRevoked
from server.caller import address_of, admit_address, call_of
from server.gates import call_of as gate_call
from server.incoming import Incoming

MOST_PARAMETERS, LARGEST_FORM, MOST_BYTES = 20, 16_384, 65_536
FORM = "application/x-www-form-urlencoded"
PERSONAL = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


@get("/.well-known/oauth-authorization-server", sync_to_thread=False)
def metadata(platform: NamedDependency[Platform]) -> Response[dict[str, Any]]:
    """RFC 8414."""
    issuer = platform.settings.public_origin
    return Response({
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}{granting.PATH}",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": sorted(platform.registry.client_scopes),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", partners.GRANT],
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS.values()),
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": sorted(ALGORITHMS.values()),
        "authorization_response_iss_parameter_supported": True,
    }, headers={"cache-control": "public, max-age=300"})


@get("/oauth/authorize")
async def authorize(request: Request[Any, Any, Any], platform: NamedDependency[Platform]) -> Redirect:
    """A browser that a client has sent: on to the page that asks its citizen. Nothing of it is believed there that is not
    registered; what comes twice is refused (RFC 6749, 3.1)."""
    incoming = Incoming.of(request.scope)
    await admit_address(incoming, platform)
    try:
        given = _once(incoming.query.decode("utf-8"))
    except (OAuthRefused, UnicodeDecodeError):
        return _to("/authorize?wrong=1", incoming)
    return _to(await service.ask(platform, given), incoming)


@get(["/oauth/continue", "/en/oauth/continue"])
async def go_on(request: Request[Any, Any, Any], platform: NamedDependency[Platform]) -> Redirect:
    """The citizen has decided in this browser: back to the client."""
    incoming = Incoming.of(request.scope)
    call: Call = await call_of(incoming, platform)
    session = None if call.viewer.by_token else call.viewer.session
    return _to(await service.finish(platform, session, incoming.parameters().get("request", "")), incoming)


@post(granting.PATH, status_code=200, request_max_body_size=MOST_BYTES)
async def token(request: Request[Any, Any, Any], platform: NamedDependency[Platform]) -> Response[dict[str, Any]]:
    """Tokens for a code or a refresh token (RFC 6749, 5)."""
    incoming = Incoming.of(request.scope)
    try:
        given = await _form(request, incoming, platform)
        if given.get("grant_type") == partners.GRANT:
            return await _for_itself(request, platform, given)
        proof = "" if len(request.headers.getall("dpop", [])) > 1 else incoming.header(b"dpop")
        made = await granting.grant(platform, given, proof, address_of(incoming, platform))
    except OAuthRefused as refused:
        return _refused(refused)
    return Response({"access_token": made.access, "token_type": "Bearer", "expires_in": LIFETIME,
                     "refresh_token": made.refresh, "scope": " ".join(sorted(made.scopes))}, headers=PERSONAL)


async def _for_itself(request: Request[Any, Any, Any], platform: Platform,
                      given: dict[str, str]) -> Response[dict[str, Any]]:
    """The token of a third party that reads codes: no citizen's (RFC 6749, 4.4). OAuthRefused."""
    addresses = {address for origin in platform.settings.public_origins for address in (origin, origin + granting.PATH)}
    try:
        token_ = await partners.token(gate_call(request, platform), given, addresses)
    except InvalidArgument:
        raise OAuthRefused("invalid_scope", f"The scope is {partners.SCOPE}.") from None
    except (ProofInvalid, ProofStale, ProofReplayed, VerifierRevoked) as refused:
        raise OAuthRefused("invalid_client", refused.code) from None
    return Response({"access_token": token_, "token_type": "Bearer", "expires_in": partners.SECONDS,
                     "scope": partners.SCOPE}, headers=PERSONAL)


@post("/oauth/revoke", status_code=200, request_max_body_size=MOST_BYTES)
async def revoke(request: Request[Any, Any, Any], platform: NamedDependency[Platform]) -> Response[dict[str, Any]]:
    """End a token (RFC 7009)."""
    try:
        await granting.revoke(platform, await _form(request, Incoming.of(request.scope), platform))
    except OAuthRefused as refused:
        return _refused(refused)
    return Response({}, headers=PERSONAL)


async def _form(request: Request[Any, Any, Any], incoming: Incoming, platform: Platform) -> dict[str, str]:
    await admit_address(incoming, platform)
    if incoming.header(b"content-type").split(";")[0].strip().lower() != FORM:
        raise OAuthRefused("invalid_request", f"Send {FORM}.")
    body = await request.body()
    if len(body) > LARGEST_FORM:
        raise OAuthRefused("invalid_request", "That is too much.")
    return _once(body.decode("utf-8", "replace"))


def _once(text: str) -> dict[str, str]:
    """Parameters, each of which comes once; without those that are empty. OAuthRefused."""
    try:
        pairs = parse_qsl(text, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise OAuthRefused("invalid_request", "Too many parameters.") from None
    given = dict(pairs)
    if len(given) < len(pairs) or "\x00" in text or "%00" in text:
        raise OAuthRefused("invalid_request", "A parameter comes twice, or holds NUL.")
    return given


def _to(address: str, incoming: Incoming) -> Redirect:
    """303, so that nothing is ever posted on; our own pages in the language of the browser."""
    own = address.startswith("/") and incoming.locale == "en"
    return Redirect(f"/en{address}" if own else address, status_code=303, headers=PERSONAL)


def _refused(refused: OAuthRefused) -> Response[dict[str, Any]]:
    said = {"error": refused.error, **({"error_description": refused.words} if refused.words else {})}
    return Response(said, status_code=refused.status, headers=PERSONAL)


ROUTES = [metadata, authorize, go_on, token, revoke]
