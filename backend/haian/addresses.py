"""Which addresses can be right: of a server, an origin, a host to listen on. Form only; nothing is contacted."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

NAME = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
HOST_NAME = re.compile(rf"{NAME}(\.{NAME})*", re.IGNORECASE)


def is_host(text: str) -> bool:
    """An IP address or a host name (RFC 1123; `_` too, which container networks use)."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(HOST_NAME.fullmatch(text)) and not re.fullmatch(r"[0-9.]+", text)
    return True


def is_network(text: str) -> bool:
    """An IP address or a network of them (CIDR)."""
    try:
        ipaddress.ip_network(text.strip())
    except ValueError:
        return False
    return True


@lru_cache(4096)
def neighbourhood(address: str) -> str:
    """Who counts as one where something is limited by address: an IPv4 address, however it is written; of IPv6 the network
    of 64 bits, since whoever has one address of it has all (RFC 4291, 2.5.1; RFC 6177). What is none stays as it is."""
    try:
        given = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if given.ipv4_mapped:
        return str(given.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(given) >> 64 << 64))


def split(url: str) -> SplitResult | None:
    """The parts of a URL, None when it has none: also when its port is no port or a space is in it."""
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts if port_is_valid and url.isprintable() and " " not in url else None


def is_postgres(url: str) -> bool:
    """postgresql://user@host/database, or with the host (a socket's folder) as parameter, as libpq has it."""
    parts = split(url)
    if not parts or parts.scheme not in {"postgresql", "postgres"} or len(parts.path) < 2:
        return False
    host = parts.hostname or parse_qs(parts.query).get("host", [""])[0]
    return host.startswith("/") or is_host(host)


def is_redis(url: str) -> bool:
    """redis://host[:port][/n], rediss://…, unix:///path[?db=n], or some nodes of a cluster: redis-cluster://host:port,…"""
    if is_cluster(url):
        hosts = url.partition("://")[2].rpartition("@")[2].rstrip("/").split(",")
        return all((part := split(f"redis://{host}")) and is_host(part.hostname or "") and not part.path for host in hosts)
    parts = split(url)
    if not parts:
        return False
    if parts.scheme == "unix":
        return len(parts.path) > 1 and parse_qs(parts.query).get("db", ["0"])[0].isdecimal()
    number = parts.path.strip("/")
    return parts.scheme in {"redis", "rediss"} and is_host(parts.hostname or "") and (not number or number.isdecimal())


def is_cluster(redis_url: str) -> bool:
    """Whether an address is that of a Redis Cluster."""
    return redis_url.startswith(("redis-cluster://", "rediss-cluster://"))


def neighbour_of(redis_url: str) -> str:
    """The address of the next numbered database on the same Redis: Reflex keeps its states there, away from sessions."""
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        query["db"] = str(int(query.get("db", 0)) + 1)
        return f"unix://{parts.netloc}{parts.path}?{urlencode(query)}"
    return parts._replace(path=f"/{int(parts.path.strip('/') or 0) + 1}").geturl()


def is_web(url: str, *, secure: bool = False) -> bool:
    """http:// or https:// with a host; `secure`: https only."""
    parts = split(url)
    schemes = {"https"} if secure else {"http", "https"}
    return parts is not None and parts.scheme in schemes and is_host(parts.hostname or "")


def is_origin(url: str) -> bool:
    """Scheme, host and port, nothing after them (RFC 6454)."""
    parts = split(url)
    return is_web(url) and parts is not None and not (parts.path or parts.query or parts.fragment or "@" in url)
