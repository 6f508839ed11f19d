"""Every socket of reelin: one guarded, limited HTTP client that follows redirects by hand."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

import aiohttp
from yarl import URL

from . import guard, urls
from .credentials import Credentials, load_cookies, referer
from .decoder import Decoder
from .errors import FetchError, Transient, UsageError
from .models import NO_HEADERS
from .network import Network
from .retry import LONGEST_WAIT, retry_after

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

MOST_REDIRECTS = 10
READ_BUFFER = 1 << 20
STRAIGHT_FAILURES = 20  # after which a host is left alone
SLOW_BYTES, SLOW_SECONDS = 512 * 30, 30.0  # less than this in that time: dead
RETRIED = frozenset([408, 425, 429, 500, 502, 503, 504])
IDENTITY = {"Accept-Encoding": "identity"}


@dataclass(slots=True)
class _Host:
    """What is known of one host: when it may be asked again, and how often it failed in a row."""

    free_at: float = 0.0
    failures: int = 0


class Response:
    """An answer whose headers have arrived. Read `chunks()` to the end, or `close()` it."""

    __slots__ = (
        "_answer",
        "_client",
        "_closed",
        "_coding",
        "_first",
        "ended",
        "headers",
        "status",
        "url",
    )

    def __init__(
        self, answer: aiohttp.ClientResponse, url: str, client: Client, *, decoded: bool
    ) -> None:
        self.url = urls.without_userinfo(url)
        self.status = answer.status
        self.headers: Mapping[str, str] = answer.headers
        self.ended = False
        self._answer = answer
        self._client = client
        self._first: bytes | None = None
        self._coding = None if decoded or not self.is_encoded else Decoder(self.headers, self.url)
        self._closed = None if "Content-Length" in self.headers else _closed(answer)
        if self._closed is not None and self.is_framed:
            _tell_of_loss(answer, self._closed)

    @property
    def length(self) -> int | None:
        """Content-Length in bytes, None when absent or when the body arrives encoded."""
        value = self.headers.get("Content-Length", "")
        if self.is_encoded or not (value.isascii() and value.isdigit() and len(value) < 19):
            return None
        return int(value)

    @property
    def is_encoded(self) -> bool:
        """Whether a content coding was applied that has been undone while reading."""
        return self.headers.get("Content-Encoding", "identity").strip().lower() != "identity"

    @property
    def is_framed(self) -> bool:
        """Whether the end of the body is marked, rather than told by closing the connection."""
        return "Content-Length" in self.headers or "Transfer-Encoding" in self.headers

    async def first(self) -> bytes:
        """The first chunk of the body, without taking it from `chunks()`. Empty: no body."""
        if self._first is None:
            self._first = await self._next()
        return self._first

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives, in pieces of up to about 1 MiB, at the session's rate.

        Raises `Transient` when it ends too early, stalls, or crawls.
        """
        window_start, window_bytes = time.monotonic(), 0
        while chunk := await self.first():
            self._first = None
            if self._client.limiter is not None:
                await self._client.pay(len(chunk))
            yield chunk
            window_bytes += len(chunk)
            now = time.monotonic()
            if now - window_start > SLOW_SECONDS:
                if window_bytes < SLOW_BYTES:
                    raise Transient(f"{self.url}: less than 512 bytes a second", url=self.url)
                window_start, window_bytes = now, 0

    async def read(self, most: int) -> tuple[bytes, bool]:
        """Up to `most` bytes of the body, and whether that is all of it."""
        parts, size = [], 0
        async for chunk in self.chunks():
            parts.append(chunk)
            size += len(chunk)
            if size > most:
                self.close()
                return b"".join(parts)[:most], False
        return b"".join(parts), True

    def close(self) -> None:
        """Give the connection back if the body was read, and cut it otherwise."""
        if not self.ended:
            self.ended = True
            self._answer.close()

    async def _next(self) -> bytes:
        try:
            while chunk := await self._answer.content.readany():
                if self._coding is not None:
                    chunk = self._coding.decode(chunk)
                if chunk:
                    return chunk
            if self._coding is not None:
                self._coding.finish()
            if self._closed is not None and not self.is_framed:
                await self._closed  # a reset looks like an end, but for this
            self.ended = True
            self._answer.release()
            return b""
        except (aiohttp.ClientError, OSError, ValueError) as error:
            self.close()
            raise self._client.failure(error, self.url, "broke off") from None


class Client:
    """The HTTP client of one session: connections, cookies, limits, politeness and the guard."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.credentials = Credentials(network)
        self.limiter: AsyncLimiter | None = None
        self.spare_connections = 7  # that transfers may open by themselves, beyond one each
        self._pay_at_once = 0
        self._hosts: dict[str, _Host] = {}
        self._parked: dict[str, Response] = {}
        self._pages: aiohttp.ClientSession | None = None  # bodies come decoded
        self._files: aiohttp.ClientSession | None = None  # bodies come as they are

    async def __aenter__(self) -> Self:
        jar = aiohttp.CookieJar(unsafe=True, quote_cookie=False)
        load_cookies(self.network, jar)
        if self.network.limit_rate:
            from aiolimiter import AsyncLimiter

            # A short window: a full bucket at the start is then no burst worth the name.
            self._pay_at_once = max(1, min(64 * 1024, self.network.limit_rate // 10))
            self.limiter = AsyncLimiter(max(1, self.network.limit_rate / 10), 0.1)
        silence = self.network.timeout
        shared: dict[str, Any] = {
            "connector": self._connector(),
            "connector_owner": False,
            "cookie_jar": jar,
            "headers": {"User-Agent": self.network.user_agent, "Accept": "*/*"},
            "timeout": aiohttp.ClientTimeout(total=None, sock_connect=silence, sock_read=silence),
            "read_bufsize": READ_BUFFER,
            "trust_env": False,
        }
        self._pages = aiohttp.ClientSession(**shared)
        self._files = aiohttp.ClientSession(**shared, auto_decompress=False)
        return self

    async def __aexit__(self, *exc: object) -> None:
        for response in self._parked.values():
            response.close()
        if self._pages is not None and self._files is not None:
            connector = self._pages.connector
            await self._pages.close()
            await self._files.close()
            if connector is not None:
                await connector.close()

    def _connector(self) -> aiohttp.BaseConnector:
        limits: dict[str, Any] = {"limit": 0, "limit_per_host": self.network.per_host or 0}
        proxy = self.network.proxy
        if proxy and proxy.startswith("socks"):
            try:
                from aiohttp_socks import ProxyConnector
            except ImportError:
                raise UsageError("a SOCKS proxy needs: pip install 'reelin[socks]'") from None
            connector: aiohttp.BaseConnector = ProxyConnector.from_url(proxy, **limits)
            return connector
        if not self.network.allow_private:
            limits["socket_factory"] = guard.open_socket
        return aiohttp.TCPConnector(ttl_dns_cache=300, **limits)

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        page_url: str = "",
        as_file: bool = False,
    ) -> Response:
        """The answer to a GET, after redirects; any status. Raises `FetchError` without one.

        page_url: the page that led here, for Referer
        as_file:  ask for the bytes unencoded, as only they can be resumed
        """
        session = self._files if as_file else self._pages
        assert session is not None, "the client is used before it is entered"
        if as_file:
            headers = {**headers, **IDENTITY}
        current = url
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._ask(session, current, url, headers, page_url)
            target = _redirect(answer, current)
            if target is None:
                return Response(answer, current, self, decoded=not as_file)
            answer.close()
            current = target
        url = urls.without_userinfo(url)
        raise FetchError(f"{url}: more than {MOST_REDIRECTS} redirects", url=url)

    def check(self, response: Response) -> None:
        """Raise for a status that is no success: `Transient` where another try may help."""
        host = self._host(response.url)
        if response.status < 400:
            host.failures = 0
            return
        response.close()
        status, url = response.status, response.url
        words = f"{url}: {status} {_phrase(status)}".rstrip()
        if status not in RETRIED:
            raise FetchError(words, url=url, status=status)
        wait = retry_after(response.headers.get("Retry-After"))
        if status in (429, 503) and wait is not None and wait <= LONGEST_WAIT:
            host.free_at = max(host.free_at, time.monotonic() + wait)
        self._count_failure(host, url)
        raise Transient(words, url=url, status=status, retry_after=wait)

    async def pay(self, amount: int) -> None:
        """Wait until the session's rate allows this many bytes."""
        assert self.limiter is not None
        while amount > 0:
            portion = min(amount, self._pay_at_once)
            await self.limiter.acquire(portion)
            amount -= portion

    def park(self, url: str, response: Response) -> None:
        """Keep the answer to `url` that turned out to be media, for the transfer that follows."""
        self._parked[url] = response

    def unpark(self, url: str) -> Response | None:
        """The answer that waits for the transfer of `url`, if there is one."""
        return self._parked.pop(url, None)

    def failure(self, error: BaseException, url: str, what: str) -> FetchError:
        """The error of our own that a foreign one means, and a mark against its host."""
        ours = _translate(error, url, what, self.network.timeout)
        if isinstance(ours, Transient):
            self._count_failure(self._host(url), url)
        return ours

    async def _ask(
        self,
        session: aiohttp.ClientSession,
        url: str,
        home: str,
        own: Mapping[str, str],
        page_url: str,
    ) -> aiohttp.ClientResponse:
        if not self.network.allow_private:
            guard.check_url(url)
        headers = self.credentials.headers_for(url, own, home)
        came_from = referer(page_url, url)
        if came_from is not None:
            headers.setdefault("Referer", came_from)
        asked = urls.without_userinfo(url)
        await self._turn(asked)
        try:
            # Informational answers may drip for ever without touching the read timeout.
            async with asyncio.timeout(2 * self.network.timeout):
                return await session.get(
                    URL(asked, encoded=True),
                    headers=headers,
                    allow_redirects=False,
                    proxy=self._http_proxy,
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self.failure(error, asked, "no answer") from None

    @property
    def _http_proxy(self) -> str | None:
        proxy = self.network.proxy
        return proxy if proxy and not proxy.startswith("socks") else None

    async def _turn(self, url: str) -> None:
        """Wait while the host asked for a pause. Raises `FetchError` when it was given up."""
        host = self._host(url)
        if host.failures >= STRAIGHT_FAILURES:
            name = URL(url, encoded=True).host
            raise FetchError(f"{url}: {name} failed {host.failures} times in a row", url=url)
        while (wait := host.free_at - time.monotonic()) > 0:
            await asyncio.sleep(wait)

    def _host(self, url: str) -> _Host:
        return self._hosts.setdefault(urls.origin(url), _Host())

    def _count_failure(self, host: _Host, url: str) -> None:
        host.failures += 1


def _closed(answer: aiohttp.ClientResponse) -> asyncio.Future[None] | None:
    """What ends when the connection of an answer does, with an error if it was lost."""
    protocol = answer.connection.protocol if answer.connection is not None else None
    return protocol.closed if protocol is not None else None


def _tell_of_loss(answer: aiohttp.ClientResponse, closed: asyncio.Future[None]) -> None:
    """Have a chunked body fail when its connection is closed before its last chunk.

    aiohttp closes it at a chunk size that is none, and leaves who reads the body waiting.
    """

    def ended(_: asyncio.Future[None]) -> None:
        content = answer.content
        if not content.is_eof() and content.exception() is None:
            content.set_exception(aiohttp.ClientPayloadError("the connection was closed"))

    closed.add_done_callback(ended)


def _redirect(answer: aiohttp.ClientResponse, current: str) -> str | None:
    """Where a redirect leads (RFC 9110, 15.4), or None for any other answer."""
    if answer.status not in (301, 302, 303, 307, 308) or "Location" not in answer.headers:
        return None
    # Servers send raw UTF-8 here; aiohttp keeps such bytes as surrogates.
    location = (
        answer.headers["Location"].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    )
    target = urls.join(current, location)
    if target is None:
        answer.close()
        here = urls.without_userinfo(current)
        raise FetchError(f"{here}: redirects to {location[:200]!r}, which is not http", url=here)
    return target


def _translate(error: BaseException, url: str, what: str, timeout: float) -> FetchError:
    if isinstance(error, guard.BlockedAddress):
        return FetchError(f"{url}: {error}", url=url)
    if isinstance(error, TimeoutError):
        return Transient(f"{url}: silent for {timeout:g} s", url=url)
    cause = getattr(error, "os_error", None)
    if isinstance(cause, guard.BlockedAddress):
        return FetchError(f"{url}: {cause}", url=url)
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
        return FetchError(f"{url}: the certificate is not valid: {error}", url=url)
    if isinstance(error, aiohttp.InvalidURL):
        return FetchError(f"{url}: not a URL that can be asked for", url=url)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Transient(f"{url}: the host name was not found", url=url)
    return Transient(f"{url}: {what}: {_reason(error)}", url=url)


def _reason(error: BaseException) -> str:
    """A foreign error in a few words, on one line."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed the connection"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the body ended too early"
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.os_error.strerror or error.os_error)
    if isinstance(error, aiohttp.ClientResponseError):
        return "the answer is not HTTP"
    return " ".join(str(error).split())[:200] or type(error).__name__


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
