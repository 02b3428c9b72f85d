"""Identifiers: UUIDv7 (RFC 9562 §5.7), so that they sort by the time they were made."""

from __future__ import annotations

from uuid import UUID

from asyncpg.pgproto import pgproto
from uuid_utils.compat import uuid7

from haian.errors import InvalidArgument


def new_id() -> UUID:
    return UUID(int=uuid7().int)


def parse_id(text: str, argument: str) -> UUID:
    """A GraphQL ID as a UUID. InvalidArgument naming the argument."""
    try:
        return UUID(text)
    except ValueError:
        raise InvalidArgument(argument=argument) from None


def sendable(text: str) -> UUID:
    """An identifier as the driver's own kind of UUID, which it sends without asking Python for the bytes. ValueError."""
    made: UUID = pgproto.UUID(text)
    return made
