"""出示: a verifier asks in a scene, the holder sees exactly what, and taps; what is shown is a credential, verified as any
stranger's."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
    generate_private_key,
)

from certificates import credentials, encrypted, licence, mdoc, store, store_presenting, vault
from certificates.errors import CorrectionInvalid, NothingToPresent, RequestOver
from certificates.models import OFFICER, REQUEST_SECONDS, WORDS, Asked, fits, tidy
from certificates.sd_jwt import Invalid, jwk, sign, unb64
from certificates.signing import signing
from haian import qr
from haian.cache import limit
from haian.call import Call, Platform
from haian.codes import digest, new_token
from haian.errors import Forbidden, NotFound
from haian.reads import Shown
from haian.transaction import Transaction

QUERY, MDOC = "certificate", "mdoc"
"""What our queries of a request are called: a wallet answers one, in the format that it has."""


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


async def ask(call: Call, scene_id: str) -> Asked:
    """Ask in a scene of my post: what is to be shown as a QR code, for three minutes. Forbidden, RateLimited."""
    await limit(call.platform.line, f"certificates:ask:{call.viewer.id}", 120, 60)
    token, origin = new_token(), call.platform.settings.public_origin
    async with call.writing("certificates") as tx:
        post = await store_presenting.my_post_for(tx, scene_id)
        if post is None:
            raise Forbidden
        until = tx.now + timedelta(seconds=REQUEST_SECONDS)
        made = await store_presenting.add_request(tx, token_hash(token), post, secrets.token_urlsafe(24), until)
    await _keep_key(call.platform, token)
    link = f"{origin}/certificates/ask?r={token}"
    wallet = "openid4vp://?" + urlencode({"client_id": signing(call.platform, "verifier").client_id,
                                          "request_uri": f"{origin}{credentials.BASE}/request/{token}"})
    return Asked(str(made), link, wallet, *qr.modules(link), *qr.modules(wallet, "l"), REQUEST_SECONDS)


async def _keep_key(platform: Platform, token: str) -> None:
    """The key to which another wallet's answer is encrypted: for this request, as long as it lasts, in Redis alone."""
    secret = generate_private_key(SECP256R1()).private_numbers().private_value.to_bytes(32)
    await platform.redis.set(_key_place(token), secret, ex=REQUEST_SECONDS)


def _key_place(token: str) -> str:
    return f"haian:certificates:answer:{digest(token)}"


async def _key(platform: Platform, token: str) -> EllipticCurvePrivateKey | None:
    kept = await platform.redis.get(_key_place(token))
    return derive_private_key(int.from_bytes(kept), SECP256R1()) if kept else None


async def present(call: Call, token: str) -> Shown:
    """Show what is asked of me, after my tap: a credential is made for it, with a key of its own, and verified like any
    other. RequestOver, NothingToPresent."""
    async with call.writing("certificates") as tx:
        request = await _open(tx, token)
        mine = await store_presenting.my_certificate(tx, request["kind_id"])
        if mine is None:
            raise NothingToPresent
        text = await _made(call.platform, tx, mine, request)
        await accept(call.platform, tx, request, QUERY, text)
        await store_presenting.end_here(tx, mine["id"])
    return store_presenting.asked_of_me(token)


async def _made(platform: Platform, tx: Transaction, mine: Any, request: Any) -> str:
    holder, claims = credentials.holder_key(), vault.open_(platform.settings, mine["id"], mine["sealed"])
    open_ = await store_presenting.open_claims(tx, mine["kind_id"])
    credential = await credentials.issue(platform, tx, mine, claims, open_, jwk(holder.public_key()), "HERE")
    return credentials.present(credential, request["claims"], holder, signing(platform, "verifier").client_id,
                               request["nonce"], platform.clock.epoch())


async def decline(call: Call, token: str) -> Shown:
    """Show nothing: the verifier is told that, and not who I am. RequestOver."""
    async with call.writing("certificates") as tx:
        request = await _open(tx, token)
        mine = await store_presenting.my_certificate(tx, request["kind_id"])
        await store_presenting.close_request(tx, request["id"], "DECLINED")
        if mine:
            await store.add_use(tx, mine["id"], tx.viewer.id, "DECLINED", request["claims"], request["whom"],
                                request["scene_id"])
        await _tell(tx, request)
    return store_presenting.asked_of_me(token)


async def _open(tx: Transaction, token: str) -> Any:
    request = await store_presenting.open_request(tx, token_hash(token))
    if request is None:
        raise RequestOver
    return request


async def accept(platform: Platform, tx: Transaction, request: Any, query: str, text: str,
                 session: list[Any] | None = None) -> bool:
    """Verify what was presented in answer to a query, and answer the request with it: what was asked, and no more, in the
    holder's uses and ledger. False where it is not to be believed, which the verifier is told."""
    try:
        if query == MDOC and session:
            seen, row = await licence.verified(platform, tx, text, request["claims"], session)
        else:
            seen, row = await credentials.verified(platform, tx, text, request["kind_id"], request["claims"],
                                                   request["nonce"], platform.clock.epoch())
    except Invalid as refused:
        await store_presenting.close_request(tx, request["id"], "REFUSED", trouble=refused.reason)
        await _tell(tx, request)
        return False
    holder = row["citizen_id"]
    await store_presenting.close_request(tx, request["id"], "PRESENTED", holder, seen)
    await store.add_use(tx, row["certificate_id"], holder, "PRESENTED", request["claims"], request["whom"],
                        request["scene_id"])
    await tx.audit("CERTIFICATE_PRESENTED", holder, role="citizen", object_=request["kind_id"], fields=request["claims"],
                   ground="consent", office=request["organisation_id"])
    await tx.emit("certificates.presented", holder, id=row["certificate_id"])
    await _tell(tx, request)
    await store_presenting.count_use(tx, request["scene_id"])
    return True


async def request_object(platform: Platform, token: str, wallet_nonce: str = "") -> str | None:
    """What is asked, for any wallet: the signed Request Object of OpenID4VP 1.0 (§5), in DCQL (§6). None: it is over."""
    async with platform.writing("certificates") as tx:
        request = await store_presenting.open_request(tx, token_hash(token), held=False)
    answer_key = await _key(platform, token)
    if request is None or answer_key is None:
        return None
    key = signing(platform, "verifier")
    now = int(platform.clock.epoch())
    said: dict[str, Any] = {
        "response_type": "vp_token", "response_mode": "direct_post.jwt", "client_id": key.client_id,
        "nonce": request["nonce"], "response_uri": response_uri(platform, token), "state": token[:8],
        "aud": "https://self-issued.me/v2", "iat": now, "exp": now + REQUEST_SECONDS,
        "dcql_query": dcql(platform, request["kind_id"], request["claims"]),
        "client_metadata": {"jwks": {"keys": [encrypted.public(answer_key)]},
                            "encrypted_response_enc_values_supported": [*encrypted.ENCODINGS], "vp_formats_supported": {
            "dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]},
            mdoc.FORMAT: {"issuerauth_alg_values": [-7], "deviceauth_alg_values": [-7]}}},
    }
    nonce = {"wallet_nonce": wallet_nonce} if wallet_nonce else {}
    return sign(said | nonce, key.key, typ="oauth-authz-req+jwt", x5c=key.x5c)


def response_uri(platform: Platform, token: str) -> str:
    return f"{platform.settings.public_origin}{credentials.BASE}/response/{token}"


def dcql(platform: Platform, kind: str, asked: list[str]) -> dict[str, Any]:
    """The query for a kind's claims; without any, for the credential alone. A driving licence has two formats."""
    paths = [["age_equal_or_over", name[4:]] if credentials.is_age(name) else [name] for name in asked]
    wanted = {"claims": [{"path": path} for path in paths]} if paths else {}
    one = {"id": QUERY, "format": "dc+sd-jwt", "meta": {"vct_values": [credentials.type_of(platform, kind)]}, **wanted}
    if kind != licence.KIND:
        return {"credentials": [one]}
    return {"credentials": [one, {"id": MDOC, **licence.query(asked)}], "credential_sets": [{"options": [[QUERY], [MDOC]]}]}


async def answered(platform: Platform, token: str, form: dict[str, str]) -> bool:
    """A wallet's direct_post.jwt (OpenID4VP 1.0, §8.3): a presentation, encrypted to this request's key; or that its holder
    declines, which may come in the open. False for what is no answer to an open request."""
    key = await _key(platform, token)
    try:
        said: dict[str, Any] = encrypted.opened(form["response"], key) if "response" in form and key else {**form}
    except Invalid:
        return False
    async with platform.writing("certificates") as tx:
        request = await store_presenting.open_request(tx, token_hash(token))
        if request is None or said.get("state") != token[:8]:
            return False
        if "error" in said:
            await store_presenting.close_request(tx, request["id"], "DECLINED")
            await _tell(tx, request)
            return True
        shown = _shown(request["kind_id"], said.get("vp_token") if key and "response" in form else None)
        if shown is None or key is None:
            return False
        return await accept(platform, tx, request, *shown, _session(platform, token, request["nonce"], key))


def _shown(kind: str, said: Any) -> tuple[str, str] | None:
    """The query that is answered, and with what."""
    try:
        [(query, [text])] = said.items()
    except (ValueError, TypeError, AttributeError):
        return None
    known = (QUERY, MDOC) if kind == licence.KIND else (QUERY,)
    return (query, text) if query in known and isinstance(text, str) else None


def _session(platform: Platform, token: str, nonce: str, key: EllipticCurvePrivateKey) -> list[Any]:
    thumbprint = unb64(encrypted.public(key)["kid"])
    return mdoc.transcript(signing(platform, "verifier").client_id, nonce, response_uri(platform, token), thumbprint)


async def _tell(tx: Transaction, request: Any) -> None:
    if request["verifier_id"]:
        await tx.emit("certificates.answered", request["verifier_id"], id=request["id"])


async def suspend(call: Call, id_: UUID) -> Shown:
    """暂停: nobody can present it until I resume it, here or from any other wallet. NotFound."""
    return await _turn(call, id_, "VALID", "SUSPENDED", "CERTIFICATE_SUSPENDED")


async def resume(call: Call, id_: UUID) -> Shown:
    """It counts again. NotFound where it is not suspended."""
    return await _turn(call, id_, "SUSPENDED", "VALID", "CERTIFICATE_RESUMED")


async def _turn(call: Call, id_: UUID, before: str, after: str, action: str) -> Shown:
    async with call.writing("certificates") as tx:
        found = await store_presenting.set_state(tx, id_, before, after)
        if found is None:
            raise NotFound
        await tx.audit(action, tx.viewer.id, role="citizen", object_=found["kind_id"])
    return store.certificate(id_)


async def revoke(call: Call, identifier: str, reason: str) -> bool:
    """As the office: a certificate counts no more, in no wallet. NotFound, CorrectionInvalid for no reason."""
    reason = tidy(reason)
    if not fits(reason, WORDS):
        raise CorrectionInvalid(argument="reason")
    async with call.writing("certificates") as tx:
        found = await store_presenting.revoke(tx, identifier.strip(), reason)
        if found is None:
            raise NotFound
        await tx.audit("CERTIFICATE_REVOKED", found["citizen_id"], role=OFFICER, object_=found["kind_id"], ground="duty")
        await tx.emit("certificates.revoked", found["citizen_id"], id=found["id"], words=reason)
    return True


async def erase(connection: Any, citizen: UUID) -> None:
    """All that is held about a citizen; their credentials count no more wherever they are."""
    await store.forget(connection, citizen)
    await store_presenting.forget(connection, citizen)
