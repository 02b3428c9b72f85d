"""Where a device is, by the address that it comes from: a street-level unit at most, as far as a table of networks says.

The table is the operator's (`HAIAN_PLACES`: a line each, `network,street code`, such as `203.0.113.0/24,370211005`); nobody
else is asked about an address. The demo has one of its own, for the networks of a machine and a home.
"""

from __future__ import annotations

import csv
import ipaddress
from collections.abc import Iterable
from pathlib import Path

import structlog

from haian.call import Platform

log = structlog.get_logger()
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
DEMO = (("127.0.0.0/8", "370211005"), ("10.0.0.0/8", "370211007"), ("172.16.0.0/12", "370211009"),
        ("192.168.0.0/16", "370211003"), ("::1/128", "370211005"))


class Places:
    """Networks and their streets, the narrowest first."""

    def __init__(self, lines: Iterable[tuple[str, str]]) -> None:
        found: list[tuple[Network, str]] = [(ipaddress.ip_network(network.strip()), code.strip()) for network, code in lines]
        self.lengths = sorted({(network.version, network.prefixlen) for network, _ in found}, key=lambda each: -each[1])
        self.codes = dict(found)

    def of(self, address: str) -> str | None:
        """The street's code, None where the table does not know."""
        try:
            given = ipaddress.ip_address(address)
        except ValueError:
            return None
        found = (self.codes.get(ipaddress.ip_network((given, length), strict=False))
                 for version, length in self.lengths if version == given.version)
        return next((code for code in found if code), None)


def places(platform: Platform) -> Places:
    """The table of this installation, read once; an empty one, and a line in the log, where it cannot be read."""
    return platform.service("places", lambda: _read(platform.settings.places, platform.settings.demo))


def _read(file: Path | None, demo: bool) -> Places:
    if file is None:
        return Places(DEMO if demo else ())
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return Places((line[0], line[1]) for line in csv.reader(lines) if line)
    except (OSError, ValueError, IndexError) as error:
        log.error("places.unreadable", file=str(file), reason=str(error))
        return Places(())
