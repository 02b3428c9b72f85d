"""Answers that are the same for everybody: how long they may be kept, and how a cache asks whether they changed (RFC 9111,
RFC 9110 §8.8.3). Nothing is kept here: each answer is made anew, and its validator says whether it is another."""

from __future__ import annotations

import hashlib

from server.incoming import Headers

SHARED: Headers = [(b"cache-control", b"public, max-age=10"), (b"vary", b"accept, accept-encoding")]
"""Ten seconds: a free slot may be gone by then, and booking it says so; a morning's crowd asks a cache meanwhile."""


def validator(body: bytes, media: str) -> str:
    """The strong validator of an answer, without the quotes."""
    return hashlib.sha256(media.encode() + b"\0" + body).hexdigest()[:32]


def etag(tag: str, packed: bool) -> tuple[bytes, bytes]:
    """The header. Packed is another representation, so it has another validator."""
    return b"etag", f'"{tag}{"-gzip" * packed}"'.encode()


def is_known(tag: str, if_none_match: str) -> bool:
    """Whether the asker has the answer already, packed or not."""
    known = (each.strip().removeprefix("W/").strip('"').removesuffix("-gzip") for each in if_none_match.split(","))
    return if_none_match.strip() == "*" or tag in known
