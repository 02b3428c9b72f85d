"""What every peer is given: addresses, the public key of access tokens, the statements that they share."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.serialization import load_pem_public_key

SQL = Path(__file__).resolve().parents[1] / "sql"
PORT = int(os.environ["BENCH_PORT"])
DATABASE_URL, REDIS_URL = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
ISSUER = os.environ["BENCH_ISSUER"]
KEY: Any = load_pem_public_key(Path(os.environ["BENCH_KEY"]).read_bytes())
CONNECTIONS = 16


def statements() -> dict[str, str]:
    """The named blocks of statements.sql."""
    blocks = re.split(r"^-- name: (\w+)\n", (SQL / "statements.sql").read_text(encoding="utf-8"), flags=re.M)
    return {name: text.strip() for name, text in zip(blocks[1::2], blocks[2::2], strict=True)}


def text(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def serve(app: Any) -> None:
    """One worker on uvloop and httptools, as the product is served."""
    config = uvicorn.Config(app, host="127.0.0.1", port=PORT, loop="uvloop", http="httptools", access_log=False,
                            log_level="warning", server_header=False)
    uvicorn.Server(config).run()
