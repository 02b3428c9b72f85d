"""HMACs by the index key: of what is to be found or shown again, though it is kept nowhere.

The key can be changed while all runs. What was made with a key that came before is good as long as that is among the
settings (HAIAN_INDEX_KEYS_OLD), so that processes with the new key and with the old understand each other. Each caller says
its purpose in what it has made, which parts them as keys of their own would.
"""

from __future__ import annotations

import hashlib
import hmac

from haian.settings import Settings

NAME_BYTES = 4


def keys(settings: Settings) -> list[bytes]:
    """The newest first, each once."""
    return list(dict.fromkeys((settings.index_key, *settings.index_keys_old)))


def name_of(key: bytes) -> bytes:
    """The name of a key (4 bytes): it says nothing of the key."""
    return hashlib.sha256(b"haian index key" + key).digest()[:NAME_BYTES]


def mac(settings: Settings, said: bytes) -> bytes:
    """HMAC-SHA256 by the newest key."""
    return _mac(settings.index_key, said)


def macs(settings: Settings, said: bytes) -> list[bytes]:
    """By each key, the newest first: what was made with any of them is among these."""
    return [_mac(key, said) for key in keys(settings)]


def named(settings: Settings, said: bytes) -> dict[bytes, bytes]:
    """The same by the name of the key, for what keeps that name."""
    return {name_of(key): _mac(key, said) for key in keys(settings)}


def _mac(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, said, hashlib.sha256)
