"""What any wallet and verifier is told over HTTP: who signs our credentials (SD-JWT VC: JWT VC Issuer Metadata), what their
types say, whether they still count (Token Status List), how they are issued (OpenID4VCI 1.0), what we ask to be shown,
and where it is shown (OpenID4VP 1.0).

Nothing here knows a cookie: what is asked and answered is known by a token of 130 random bits.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath

from certificates import credentials, issuing, presenting, status_list
from certificates.signing import signing
from haian.addresses import neighbourhood
from haian.call import Call, Platform
from server.caller import admit_address
from server.incoming import Incoming

KEPT = {"cache-control": f"public, max-age={status_list.TTL}", "access-control-allow-origin": "*"}
NEVER = {"cache-control": "no-store"}
MOST_BYTES = 200_000


@get("/.well-known/jwt-vc-issuer/credentials", sync_to_thread=False)
def issuer(platform: NamedDependency[Platform]) -> Response[dict[str, Any]]:
    """The keys of our credentials."""
    key = signing(platform, "issuer")
    said = {"issuer": credentials.issuer_id(platform),
            "jwks": {"keys": [{**key.public, "kid": key.kid, "use": "sig", "alg": "ES256"}]}}
    return Response(said, headers=KEPT)


@get("/credentials/iaca", sync_to_thread=False)
def authority(platform: NamedDependency[Platform]) -> Response[bytes]:
    """Who certifies the signers of our driving licences (ISO/IEC 18013-5, Annex B): for verifiers that trust us."""
    return Response(signing(platform, "iaca").der, media_type="application/pkix-cert", headers=KEPT)


@get("/credentials/type/{kind:str}")
async def type_metadata(platform: NamedDependency[Platform], kind: FromPath[str]) -> Response[dict[str, Any]]:
    """What a kind of credential says, in both languages."""
    found = await credentials.type_metadata(Call(platform), kind)
    if found is None:
        raise NotFoundException
    return Response(found, headers=KEPT)


@get("/credentials/status/{number:int}")
async def status(platform: NamedDependency[Platform], number: FromPath[int]) -> Response[bytes]:
    """A signed status list."""
    token = await credentials.status_token(Call(platform), number)
    if token is None:
        raise NotFoundException
    return Response(token.encode(), media_type=status_list.MEDIA_TYPE, headers=KEPT)


@get("/credentials/request/{token:str}")
async def request_object(platform: NamedDependency[Platform], token: FromPath[str]) -> Response[bytes]:
    """What a verifier of ours asks."""
    return _asked(await presenting.request_object(platform, token))


@post("/credentials/request/{token:str}", status_code=200)
async def request_object_posted(request: Request[Any, Any, Any], platform: NamedDependency[Platform],
                                token: FromPath[str]) -> Response[bytes]:
    """The same, for a wallet that has a nonce of its own (OpenID4VP 1.0, §5.10)."""
    form = await form_of(request) or {}
    return _asked(await presenting.request_object(platform, token, form.get("wallet_nonce", "")[:200]))


def _asked(said: str | None) -> Response[bytes]:
    if said is None:
        raise NotFoundException
    return Response(said.encode(), media_type="application/oauth-authz-req+jwt", headers=NEVER)


@post("/credentials/response/{token:str}", status_code=200)
async def response(request: Request[Any, Any, Any], platform: NamedDependency[Platform],
                   token: FromPath[str]) -> Response[dict[str, str]]:
    """What a wallet shows, by direct_post.jwt."""
    form = await form_of(request)
    if form is None or not await presenting.answered(platform, token, form):
        return Response({"error": "invalid_request"}, status_code=400, headers=NEVER)
    return Response({}, headers=NEVER)


async def form_of(request: Request[Any, Any, Any]) -> dict[str, str] | None:
    """The fields of a form, each once; None for what is none, or too large."""
    kind, length = request.content_type[0], request.headers.get("content-length", "")
    if kind != "application/x-www-form-urlencoded" or not length.isdecimal() or int(length) > MOST_BYTES:
        return None
    given = list((await request.form()).multi_items())
    fields = {name: value for name, value in given if isinstance(value, str)}
    return fields if len(fields) == len(given) else None


@get("/.well-known/openid-credential-issuer/credentials")
async def credential_issuer(platform: NamedDependency[Platform]) -> Response[dict[str, Any]]:
    """What any wallet may be issued (OpenID4VCI 1.0, §12.2)."""
    return Response(await issuing.metadata(Call(platform)), headers=KEPT)


@get("/.well-known/oauth-authorization-server/credentials", sync_to_thread=False)
def authorization_server(platform: NamedDependency[Platform]) -> Response[dict[str, Any]]:
    """Where a pre-authorised code becomes a token (RFC 8414); other tokens of ours are of another server."""
    return Response(issuing.server_metadata(platform), headers=KEPT)


@get("/credentials/offer/{handle:str}")
async def offer(platform: NamedDependency[Platform], handle: FromPath[str]) -> Response[dict[str, Any]]:
    found = await issuing.offered(platform, handle)
    if found is None:
        raise NotFoundException
    return Response(found, headers=NEVER)


@post("/credentials/token", status_code=200)
async def token(request: Request[Any, Any, Any], platform: NamedDependency[Platform]) -> Response[dict[str, Any]]:
    return await _told(issuing.token(platform, await form_of(request) or {}))


@post("/credentials/nonce", status_code=200)
async def nonce(request: Request[Any, Any, Any], platform: NamedDependency[Platform]) -> Response[dict[str, Any]]:
    address = neighbourhood(request.client.host) if request.client else ""
    return Response({"c_nonce": await issuing.nonce(platform, address)}, headers=NEVER)


@post("/credentials/credential", status_code=200)
async def credential(request: Request[Any, Any, Any], platform: NamedDependency[Platform]) -> Response[dict[str, Any]]:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    length = request.headers.get("content-length", "")
    try:
        asked = json.loads(await request.body()) if length.isdecimal() and int(length) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        asked = None
    return await _told(issuing.credential(platform, bearer if scheme.lower() == "bearer" else "", asked))


async def _told(answer: Awaitable[dict[str, Any]]) -> Response[dict[str, Any]]:
    """The answer, or the error by its own name."""
    try:
        return Response(await answer, headers=NEVER)
    except issuing.Refusal as refused:
        challenge = {"www-authenticate": f'Bearer error="{refused.error}"'} if refused.status == 401 else {}
        return Response({"error": refused.error}, status_code=refused.status, headers=NEVER | challenge)


async def admitted(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """RateLimited: anybody may come, each address as often as to what else is public."""
    await admit_address(Incoming.of(connection.scope), connection.app.state.platform)


ROUTES = Router("/", guards=[admitted], route_handlers=[
    credential_issuer, authorization_server, offer, token, nonce, credential, issuer, authority, type_metadata, status,
    request_object, request_object_posted, response])
