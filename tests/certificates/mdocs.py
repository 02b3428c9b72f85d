"""A wallet of mdocs that knows the standard and cbor2, and nothing of this product."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection
from typing import Any

import cbor2
from cbor2 import CBORTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

MDL = "org.iso.18013.5.1.mDL"


def unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def opened(text: str) -> Any:
    return cbor2.loads(base64.urlsafe_b64decode(text + "=="))


def sign1(payload: bytes, key: ec.EllipticCurvePrivateKey, header: dict[int, Any], attached: bool,
          alg: int = -7) -> list[Any]:
    protected = cbor2.dumps({1: alg})
    der = key.sign(cbor2.dumps(["Signature1", protected, b"", payload]), ec.ECDSA(SHA256()))
    r, s = decode_dss_signature(der)
    return [protected, header, payload if attached else None, r.to_bytes(32) + s.to_bytes(32)]


def session(client_id: str, nonce: str, response_uri: str, thumbprint: bytes | None = None) -> list[Any]:
    said = cbor2.dumps([client_id, nonce, thumbprint, response_uri])
    return [None, None, ["OpenID4VPHandover", hashlib.sha256(said).digest()]]


def security_object(issued: Any) -> Any:
    return cbor2.loads(cbor2.loads(issued["issuerAuth"][2]).value)


def shown(issued: Any) -> dict[str, dict[str, Any]]:
    """All that it says, by namespace."""
    items = {space: [cbor2.loads(each.value) for each in items] for space, items in issued["nameSpaces"].items()}
    return {space: {item["elementIdentifier"]: item["elementValue"] for item in held} for space, held in items.items()}


def device_response(issued: Any, key: ec.EllipticCurvePrivateKey, wanted: Collection[str], transcript: list[Any],
                    change: Callable[[Any], object] = lambda document: None, doctype: str = MDL, said: Any = None,
                    status: int = 0) -> str:
    """What a wallet answers with, of one document; `change` is what somebody does to that on the way."""
    items = {space: [each for each in items if cbor2.loads(each.value)["elementIdentifier"] in wanted]
             for space, items in issued["nameSpaces"].items()}
    own = cbor2.dumps(said or {})
    bound = cbor2.dumps(CBORTag(24, cbor2.dumps(["DeviceAuthentication", transcript, doctype, CBORTag(24, own)])))
    document = {
        "docType": doctype,
        "issuerSigned": {"nameSpaces": {space: held for space, held in items.items() if held},
                         "issuerAuth": list(issued["issuerAuth"])},
        "deviceSigned": {"nameSpaces": CBORTag(24, own), "deviceAuth": {"deviceSignature": sign1(bound, key, {}, False)}},
    }
    change(document)
    return unpadded(cbor2.dumps({"version": "1.0", "documents": [document], "status": status}))
