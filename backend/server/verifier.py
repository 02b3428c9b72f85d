"""`python -m server verifier`: 演示 of the authority that knows names and numbers, as a server of its own.

It speaks the words of `identity.verifiers.HttpVerifier`, so that a demo takes the real way; at `/certificates` those of
`certificates.issuers.HttpIssuer`: an office that issues; at `/family` those of `delegation.registers.HttpRegistry`. What it
answers is in the number's order places (15 to 17; of a family, in the child's): 901 disagrees, 902 is slow (it answers after
`HAIAN_VERIFIER_SLOW` seconds, 20 unless told), 903 is down; to every other number it agrees: as mother or father, by the
place of the guardian's number that tells it (17). It keeps and logs nothing of what it is asked. The launcher opens its
socket and gives it a token; production refuses to start without a verifier at https.
"""

from __future__ import annotations

import hmac
import json
import os
import socket
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any

from certificates.office import told

DISAGREES, SLOW, DOWN = "901", "902", "903"
SOCKET, TOKEN, SECONDS = "HAIAN_VERIFIER_SOCKET", "HAIAN_VERIFIER_TOKEN", "HAIAN_VERIFIER_SLOW"
MOST_BYTES = 4096


class Verifier(ThreadingHTTPServer):
    """Serves on a socket that listens already, a thread for each request. Closed, it lets none wait on."""

    daemon_threads = True

    def __init__(self, listener: socket.socket, token: str, slow: float = 20) -> None:
        super().__init__(listener.getsockname(), Desk, bind_and_activate=False)
        self.socket.close()
        self.socket, self.token, self.slow, self.closed = listener, token, slow, Event()

    def server_close(self) -> None:
        self.closed.set()
        super().server_close()


class Desk(BaseHTTPRequestHandler):
    """One request."""

    server: Verifier
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self) -> None:
        given = self.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.server.token}".encode()):
            self.say(401, {"error": "token"})
            return
        try:
            asked = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MOST_BYTES)))
            if self.path.startswith("/certificates/"):
                self.say(200, office(self.path, asked))
                return
            order, more = self.meant(asked)
        except (ValueError, KeyError, TypeError, IndexError):
            self.say(400, {"error": "words"})
            return
        if order == DOWN:
            self.say(503, {"error": "down"})
            return
        if order == SLOW and self.server.closed.wait(self.server.slow):
            self.close_connection = True
            return
        self.say(200, {"answer": "disagrees"} if order == DISAGREES else {"answer": "agrees", **more})

    def meant(self, asked: Any) -> tuple[str, dict[str, str]]:
        """The order places that decide, and what belongs to an agreement."""
        if self.path != "/family":
            return str(asked["number"])[14:17], {}
        guardian, child = str(asked["guardian"]["number"]), str(asked["child"]["number"])
        return child[14:17], {"relation": "FATHER" if int(guardian[16]) % 2 else "MOTHER"}

    def say(self, status: int, words: dict[str, Any]) -> None:
        body = json.dumps(words).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # who asked has not waited
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a request is about a person."""


def today() -> date:
    """The day of this process, which a demo may set."""
    said = os.environ.get("HAIAN_NOW")
    return (datetime.fromisoformat(said) if said else datetime.now(UTC)).date()


def office(path: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What the office that issues certificates answers; a correction it always makes, and forgets. KeyError for another
    question, ValueError for a number that is none."""
    if path == "/certificates/correct":
        return {"done": bool(asked["serial"])}
    if path != "/certificates/find":
        raise KeyError(path)
    found = told(asked["kind"], asked["name"], asked["number"], today())
    if found is None:
        return {"found": False}
    said = vars(found).items()
    return {"found": True} | {name: value.isoformat() if isinstance(value, date) else value for name, value in said}


def main() -> int:
    """Serves until it is stopped."""
    listener = socket.socket(fileno=int(os.environ[SOCKET]))
    Verifier(listener, os.environ[TOKEN], float(os.environ.get(SECONDS, 20))).serve_forever()
    return 0
