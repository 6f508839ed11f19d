"""Addresses that may be connected to when strangers submit URLs (protection against SSRF).

The decisive check is `open_socket`: it sees the very address that a connection is about to use,
after DNS, for every redirect and every candidate. `check_url` only says no earlier and clearer.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from ..model.errors import FetchError, UsageError
from ..model.urls import ascii_host

PORTS = frozenset([80, 443, 8080, 8443])

_BLOCKED_4 = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's metadata service, on a public address
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_BLOCKED_6 = tuple(
    IPv6Network(each)
    for each in (
        "::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_CANONICAL_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.|\Z)){4}")


class BlockedAddress(OSError):
    """A connection to an address that is not public was refused."""


def is_blocked(address: str) -> bool:
    """Whether an IP address (with or without a zone) is not to be connected to."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and (ip in _MAPPED or ip in _NAT64):
        ip = IPv4Address(int(ip) & 0xFFFFFFFF)
    if isinstance(ip, IPv4Address):
        return not ip.is_global or any(ip in network for network in _BLOCKED_4)
    return not ip.is_global or any(ip in network for network in _BLOCKED_6)


class Exceptions:
    """What may be connected to although it is not public.

    entries: `host:port` (a name or an address), or addresses (`10.1.2.3`, `10.0.0.0/8`)

    Raises `UsageError` for an entry that is neither.
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._networks: list[IPv4Network | IPv6Network] = []
        self._endpoints: set[tuple[str, int]] = set()
        for each in entries:
            self._add(each.strip().lower())

    def _add(self, entry: str) -> None:
        try:
            self._networks.append(ip_network(entry.strip("[]"), strict=False))
            return
        except ValueError:
            host, _, port = entry.rpartition(":")
        if not host.strip("[]") or not (port.isascii() and port.isdigit()) or "/" in host:
            raise UsageError(f"allow: {entry!r} is neither host:port nor addresses (10.0.0.0/8)")
        host = host.strip("[]")
        self._endpoints.add((host if host.isascii() else ascii_host(host) or host, int(port)))

    def names(self, host: str, port: int) -> bool:
        """Whether a host, by its name or address, is allowed at that port."""
        return (host, port) in self._endpoints

    def covers(self, address: str, port: int | None = None) -> bool:
        """Whether an IP address (with or without a zone) is allowed."""
        if not self._networks and not self._endpoints:
            return False
        address = address.partition("%")[0]
        if port is not None and (address, port) in self._endpoints:
            return True
        ip = ip_address(address)
        return any(ip in network for network in self._networks)

    def note(self, host: str, port: int, address: str) -> None:
        """Note which address an allowed host has: connections know no names."""
        if (host.lower(), port) in self._endpoints:
            self._endpoints.add((address, port))


NO_EXCEPTIONS = Exceptions()


def check_address(
    address: str, port: int | None = None, exceptions: Exceptions = NO_EXCEPTIONS
) -> None:
    """Raise `BlockedAddress` for an IP address that is not to be connected to."""
    if is_blocked(address) and not exceptions.covers(address, port):
        raise BlockedAddress(f"{address} is not a public address, and refused here")


def check_url(url: str, exceptions: Exceptions = NO_EXCEPTIONS) -> None:
    """Raise `FetchError` for a URL that a stranger may not have fetched."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removesuffix(".")
    if "@" in parts.netloc:
        raise _blocked(url, f"{parts.hostname}: a login inside a URL is refused here")
    if exceptions.names(host, parts.port or (443 if parts.scheme == "https" else 80)):
        return
    if parts.port is not None and parts.port not in PORTS:
        raise _blocked(url, f"{url}: port {parts.port} is refused here")
    if host == "localhost" or host.endswith(".localhost"):
        raise _blocked(url, f"{url}: addresses that are not public are refused here")
    if _is_odd_number(host):
        raise _blocked(url, f"{url}: {host} is an address in disguise, and refused")
    try:
        literal = is_blocked(host) and not exceptions.covers(host)
    except ValueError:
        return  # a name: its addresses are checked when it is connected to
    if literal:
        raise _blocked(url, f"{url}: addresses that are not public are refused here")


def _blocked(url: str, problem: str) -> FetchError:
    return FetchError(problem, url=url, code="blocked")


def _is_odd_number(host: str) -> bool:
    """2130706433, 0x7f.1, 0177.0.0.1, 127.1: what some resolvers take for an IPv4 address."""
    if ":" in host or _CANONICAL_IPV4.fullmatch(host):
        return False
    last = host.rpartition(".")[2]
    # A name's last label is never a number (RFC 3696, section 2), in whatever base.
    return bool(re.fullmatch(r"\d+|0x[0-9a-f]*", last, re.IGNORECASE))


def open_socket(
    addr_info: tuple[Any, ...], exceptions: Exceptions = NO_EXCEPTIONS
) -> socket.socket:
    """aiohttp's socket factory: refuses what is not public at the moment of connecting."""
    family, kind, protocol, _, address = addr_info
    check_address(str(address[0]), address[1], exceptions)
    return socket.socket(family=family, type=kind, proto=protocol)
