"""Proxies: the one that a person names, or the environment's, and which URL takes which."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from ..model import urls
from ..model.errors import FetchError, UsageError

OFF = frozenset(["", "none"])  # words for no proxy at all, not even the environment's
# What some write for `http://host:port`; a word alone is rather a mistake.
_BARE = re.compile(r"(?:.+@)?(?:[^/\s@:]+:\d+|\[[^/\s]+\]:\d+|[^/\s@:]+\.[^/\s@:]+)/?")
_LOGIN_SAFE = "%:!$&'()*+,;=-._~"
_SCHEME = re.compile(r"(https?|socks5h?|socks4a?)://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy: its URL, with the login in it, and the option or variable that names it."""

    url: str
    source: str

    def __str__(self) -> str:
        """Return what may be printed: the URL without its login."""
        return urls.without_userinfo(self.url).rstrip("/")

    @property
    def is_socks(self) -> bool:
        """Whether it is a SOCKS proxy."""
        return self.url.lower().startswith("socks")

    @property
    def login(self) -> tuple[str, str] | None:
        """Its user and password, if it has any."""
        parts = urlsplit(self.url)
        if parts.username is None:
            return None
        return unquote(parts.username), unquote(parts.password or "")

    @property
    def address(self) -> tuple[str, int]:
        """Its host and port."""
        parts = urlsplit(self.url)
        usual = 1080 if self.is_socks else 443 if parts.scheme == "https" else 80
        return parts.hostname or "", parts.port or usual


def read_proxy(text: str, source: str) -> Proxy:
    """Return the proxy that a text names: `http://host:port`, `socks5://…`, also `host:port`.

    Raises `UsageError` for anything else.
    """
    url = text.strip().removeprefix("//")
    if url.lower().startswith("socks://"):  # what desktops write
        url = f"socks5{url[5:]}"
    if "://" not in url and _BARE.fullmatch(url):
        url = f"http://{url}"
    try:
        url = _encode_login(url)
        proxy = Proxy(url if url.isascii() else _encode_host(url), source)
        is_good = bool(_SCHEME.match(url) and proxy.address[0]) and not re.search(r"\s", url)
    except ValueError:
        is_good = False
    if not is_good:
        raise UsageError(
            f"{source}: a proxy is written as http://host:port or socks5://host:port"
            " ('none' for no proxy)"
        )
    return proxy


def _encode_login(url: str) -> str:
    """Return the URL of a proxy with what may not stand in a login escaped: `#`, `/`, `\\`, `@`."""
    scheme, mark, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    return f"{scheme}{mark}{quote(login, safe=_LOGIN_SAFE)}{at}{place}"


def _encode_host(url: str) -> str:
    """Return the URL of a proxy with its host in ASCII. Raises `ValueError` for what has none."""
    parts = urlsplit(url)
    login, at, _ = parts.netloc.rpartition("@")
    host = urls.ascii_host(parts.hostname or "")
    if host is None:
        raise ValueError(url)
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=f"{login}{at}{host}{port}"))


class Proxies:
    """The proxies of one session. `given`: the only one; None: those of the environment.

    Raises `UsageError` where what is given is no proxy. What the environment has may never be
    needed: such a one is told to those requests only that would go through it.
    """

    def __init__(self, given: str | None, environment: Mapping[str, str] | None = None) -> None:
        self._by_scheme: dict[str, Proxy | UsageError] = {}
        self._exceptions: list[str] = []
        if given is None:
            self._read_environment(os.environ if environment is None else environment)
        elif given.strip().lower() not in OFF:
            self._by_scheme["all"] = read_proxy(given, "--proxy")

    def __iter__(self) -> Iterator[Proxy]:
        return (each for each in self._by_scheme.values() if isinstance(each, Proxy))

    def choose(self, url: str) -> Proxy | None:
        """Return the proxy that a request for `url` goes through, or None for a direct one.

        Raises `FetchError` where the environment names none that could be used.
        """
        if not self._by_scheme:
            return None
        parts = urlsplit(url)
        proxy = self._by_scheme.get(parts.scheme) or self._by_scheme.get("all")
        host = (parts.hostname or "").rstrip(".")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if any(_covers(each, host, port) for each in self._exceptions):
            return None
        if isinstance(proxy, UsageError):
            raise FetchError(f"{urls.without_userinfo(url)}: {proxy}", url=url)
        return proxy

    def _read_environment(self, environment: Mapping[str, str]) -> None:
        for scheme in ("http", "https", "all"):
            name = f"{scheme}_proxy"
            # A web server hands the header `Proxy` of a request to its CGI programs as HTTP_PROXY.
            is_strangers = name == "http_proxy" and "REQUEST_METHOD" in environment
            if name not in environment and not is_strangers:
                name = name.upper()
            value = environment.get(name, "").strip()
            if value.lower() not in OFF:
                try:
                    self._by_scheme[scheme] = read_proxy(value, name)
                except UsageError as error:
                    self._by_scheme[scheme] = error
        exceptions = environment.get("no_proxy", environment.get("NO_PROXY", ""))
        names = (each.lower() for each in re.split(r"[,\s]+", exceptions) if each)
        self._exceptions = [each if each.isascii() else _encode_name(each) for each in names]


def _encode_name(exception: str) -> str:
    """Return an entry of no_proxy with its name in ASCII, as the hosts of URLs are."""
    name, colon, port = exception.partition(":")
    name = name.lstrip("*.")  # what it covers is the same without
    return f"{urls.ascii_host(name) or name}{colon}{port}"


def _covers(exception: str, host: str, port: int) -> bool:
    """Whether an entry of no_proxy is for a host: `*`, a name and all below it, or addresses."""
    if exception == "*":
        return True
    try:
        return ip_address(host) in ip_network(exception.strip("[]"), strict=False)
    except ValueError:
        pass  # one of both is a name
    name, colon, wanted = exception.rpartition(":")
    if not (colon and wanted.isdigit()):
        name, wanted = exception, str(port)
    name = name.removeprefix("*").strip(".[]")
    return wanted == str(port) and (host == name or (bool(name) and host.endswith(f".{name}")))
