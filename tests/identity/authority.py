"""The demo's verifier for tests: on a port of its own, in a thread, with its slowness made quick."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from threading import Thread

from haian.call import Platform
from identity.demo import number
from identity.verifiers import HttpVerifier
from server.verifier import Verifier

TOKEN = "a token for tests"
PATIENCE, SHORT = 10, 0.3


@contextmanager
def authority(slow: float = 0.8) -> Iterator[str]:
    """The address of a verifier that answers as the demo's does; the slow number is answered after `slow` seconds."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Verifier(listener, TOKEN, slow)
    thread = Thread(target=lambda: server.serve_forever(poll_interval=0.02))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/verify"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def known_to(platform: Platform, url: str, token: str = TOKEN, patience: float = PATIENCE) -> HttpVerifier:
    """Let a platform ask the verifier at this address."""
    made = HttpVerifier(url, token, patience)
    platform.services["verifier"] = made
    return made


def number_of(order: int, born: str = "19880512") -> str:
    """A citizen ID number with a right check digit; the demo's verifier answers by its order places."""
    return number(date.fromisoformat(born), order)
