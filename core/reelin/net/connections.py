"""The connections of one client: direct ones, and those through proxies, each kind with its own."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping
from functools import partial
from typing import Any

import aiohttp
from aiohttp.abc import ResolveResult
from yarl import URL

from ..model import urls
from ..model.errors import UsageError
from . import guard
from .credentials import basic_authorization
from .network import Network
from .proxies import Proxies, Proxy

READ_BUFFER = 1 << 20
# Policies, cookies and signed addresses are longer than the 8190 bytes that aiohttp allows.
LONGEST_HEADER = 64 << 10
MOST_HEADERS = 256
logger = logging.getLogger(__name__)


class Connections:
    """Opens connections as `network` says, and keeps them. `given`: a connector of the caller's.

    failures: what a request can raise, beside `TimeoutError`

    Raises `UsageError` for a connector where addresses that are not public are to be refused: only
    our own looks at every address that it connects to.
    """

    def __init__(self, network: Network, given: aiohttp.BaseConnector | None) -> None:
        if given is not None and not network.allow_private:
            raise UsageError("a connector of yours cannot refuse private addresses; leave it out")
        self.failures: tuple[type[Exception], ...] = (aiohttp.ClientError, OSError, ValueError)
        self._network = network
        self._given = given
        # Who brings connections of another kind has chosen their way.
        self._proxies = Proxies("" if given is not None and not network.proxy else network.proxy)
        self._exceptions = guard.Exceptions(network.allow)
        self._settings: dict[str, Any] | None = None
        self._connectors: dict[str, aiohttp.BaseConnector] = {}
        self._sessions: dict[str, aiohttp.ClientSession] = {}
        self._told: set[Proxy] = set()

    @property
    def is_open(self) -> bool:
        """Whether requests can be made."""
        return self._settings is not None

    def open(self) -> None:
        """Load the cookies, and be ready. Raises `UsageError` for what is missing."""
        if any(each.is_socks for each in self._proxies):
            self.failures += _socks_failures()
        jar = aiohttp.CookieJar(unsafe=True, quote_cookie=False)
        if self._network.cookies is not None or self._network.cookies_from_browser:
            from .cookies import load_cookies  # most runs have none

            load_cookies(self._network, jar)
        silence = self._network.timeout
        self._settings = {
            "auto_decompress": False,  # many bodies are not what they are said to be, see `decoder`
            "connector_owner": False,
            "cookie_jar": jar,
            "headers": {"User-Agent": self._network.user_agent, "Accept": "*/*"},
            "timeout": aiohttp.ClientTimeout(
                total=None,
                sock_connect=self._network.connect_timeout or silence,
                sock_read=silence,
            ),
            "read_bufsize": READ_BUFFER,
            "max_line_size": LONGEST_HEADER,
            "max_field_size": LONGEST_HEADER,
            "max_headers": MOST_HEADERS,
            "trust_env": False,
        }

    async def close(self) -> None:
        """Close everything but a connector that was given."""
        self._settings = None
        for session in self._sessions.values():
            await session.close()
        for connector in self._connectors.values():
            if connector is not self._given:
                await connector.close()
        self._sessions.clear()
        self._connectors.clear()

    def choose_proxy(self, url: str) -> Proxy | None:
        """Return the proxy that a request for `url` goes through."""
        return self._proxies.choose(url)

    def check(self, url: str) -> None:
        """Raise `FetchError` for a URL that is not to be asked."""
        if not self._network.allow_private:
            guard.check_url(url, self._exceptions)

    async def get(self, url: str, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        """Return the answer to one request. Raises one of `failures`, or `TimeoutError`."""
        proxy = self.choose_proxy(url)
        if proxy is not None and proxy not in self._told:
            self._told.add(proxy)
            logger.info("requests go through the proxy %s (%s)", proxy, proxy.source)
        session = await self._session(proxy)
        return await session.get(
            URL(url, encoded=True),
            headers=headers,
            allow_redirects=False,
            **_through(proxy),
        )

    async def _session(self, proxy: Proxy | None) -> aiohttp.ClientSession:
        """Return the session for requests that go this way; bodies come as they are."""
        assert self._settings is not None, "the client is used before it is entered"
        way = proxy.url if proxy is not None and proxy.is_socks else ""
        session = self._sessions.get(way)
        if session is not None:
            return session
        host = ""
        if way and proxy is not None:
            host = await self._find_address(proxy)
        if way not in self._connectors:
            self._connectors[way] = self._make_connector(proxy if way else None, host)
        if way not in self._sessions:
            self._sessions[way] = aiohttp.ClientSession(
                **self._settings, connector=self._connectors[way]
            )
        return self._sessions[way]

    def _make_connector(self, socks: Proxy | None, host: str) -> aiohttp.BaseConnector:
        if self._given is not None and socks is None:
            return self._given
        limits: dict[str, Any] = {"limit": 0, "limit_per_host": self._network.per_host or 0}
        if socks is not None:
            return _make_socks_connector(socks, host, limits)
        if not self._network.allow_private:
            limits["socket_factory"] = partial(guard.open_socket, exceptions=self._exceptions)
            limits["resolver"] = _NotingResolver(self._exceptions)
        return aiohttp.TCPConnector(ttl_dns_cache=300, **limits)

    async def _find_address(self, proxy: Proxy) -> str:
        """Return where a SOCKS proxy is: an address that was looked at, and no other, is used."""
        host, port = proxy.address
        if self._network.allow_private:
            return host
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        address = str(found[0][4][0])
        self._exceptions.note(host, port, address)
        guard.check_address(address, port, self._exceptions)
        return address


class _NotingResolver(aiohttp.ThreadedResolver):
    """Looks names up, and tells the exceptions which addresses theirs have."""

    def __init__(self, exceptions: guard.Exceptions) -> None:
        super().__init__()
        self._exceptions = exceptions

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        for each in found:
            self._exceptions.note(host, port, each["host"])
        return found


def _through(proxy: Proxy | None) -> dict[str, Any]:
    """Return what a request is told of an HTTP proxy. Logins are sent in UTF-8 (RFC 7617, 2.1)."""
    if proxy is None or proxy.is_socks:
        return {}
    headers = {"Authorization": basic_authorization(*proxy.login)} if proxy.login else None
    return {"proxy": urls.without_userinfo(proxy.url), "proxy_headers": headers}


def _socks_failures() -> tuple[type[Exception], ...]:
    """Return what a SOCKS connection can raise. Raises `UsageError` without the extra `socks`."""
    try:
        from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
    except ImportError:
        raise UsageError(
            "a SOCKS proxy needs: pip install 'reelin[socks]' (or --proxy none: no proxy)"
        ) from None
    return (ProxyConnectionError, ProxyError, ProxyTimeoutError)


def _make_socks_connector(
    proxy: Proxy, host: str, limits: Mapping[str, Any]
) -> aiohttp.BaseConnector:
    from aiohttp_socks import ProxyConnector, ProxyType

    user, password = proxy.login or ("", "")
    is_five = proxy.url.lower().startswith("socks5")
    connector: aiohttp.BaseConnector = ProxyConnector(
        host=host,
        port=proxy.address[1],
        proxy_type=ProxyType.SOCKS5 if is_five else ProxyType.SOCKS4,
        username=user,
        password=password,
        rdns=True,  # who asks through a proxy does not want to ask for the name by himself
        **limits,
    )
    return connector
