"""Every socket of reelin: one guarded, limited HTTP client that follows redirects by hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import aiohttp
from yarl import URL

from ..model import urls
from ..model.errors import FetchError, Transient, UsageError
from ..model.item import NO_HEADERS
from ..model.referrer import read_policy, referer
from .connections import Connections
from .credentials import Credentials
from .faults import as_fetch_error, as_proxy_error, ask_for_login, phrase
from .network import Network
from .redirect import redirect_target
from .response import Response
from .retry import LONGEST_WAIT, retry_after
from .trace import log_answer, log_failure

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

MOST_REDIRECTS = 10
STRAIGHT_FAILURES = 20  # after which a host is left alone
RETRIED = frozenset([408, 425, 429, 500, 502, 503, 504])
IDENTITY = {"Accept-Encoding": "identity"}


@dataclass(slots=True)
class _Host:
    """The state of one host: when it may be asked again, and how often it failed in a row."""

    free_at: float = 0.0
    failures: int = 0


class Client:
    """The HTTP client of one session: connections, cookies, limits, politeness and the guard.

    connector: opens the connections, and stays the caller's; None: one of our own

    Raises `UsageError` for a connector where addresses that are not public are to be refused, and
    for a proxy that is none.
    """

    def __init__(self, network: Network, connector: aiohttp.BaseConnector | None = None) -> None:
        self.network = network
        self._connections = Connections(network, connector)
        self.credentials = Credentials(network)
        self._limiter: AsyncLimiter | None = None
        self.spare_connections = 7  # that transfers may open by themselves, beyond one each
        self._pay_at_once = 0
        self._hosts: dict[str, _Host] = {}
        self._parked: dict[str, Response] = {}

    def require_open(self) -> None:
        """Raise `UsageError` unless the client is entered, and not yet left."""
        if not self._connections.is_open:
            raise UsageError("the session is not open: async with Session() as session")

    async def __aenter__(self) -> Self:
        if self._connections.is_open:
            raise UsageError("the session is open already; make another one")
        self._connections.open()
        if self.network.limit_rate:
            from aiolimiter import AsyncLimiter

            # A short window: a full bucket at the start is then no burst worth the name.
            self._pay_at_once = max(1, min(64 * 1024, self.network.limit_rate // 10))
            self._limiter = AsyncLimiter(max(1, self.network.limit_rate / 10), 0.1)
        return self

    async def __aexit__(self, *exc: object) -> None:
        for response in self._parked.values():
            response.close()
        await self._connections.close()

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        page_url: str = "",
        policy: str = "",
        home: str = "",
        as_file: bool = False,
    ) -> Response:
        """The answer to a GET, after redirects; any status. Raises `FetchError` without one.

        page_url: the page that led here, for Referer
        policy:   the Referrer Policy by which it did; empty: that of browsers
        home:     the URL that `headers` were made for, if it is another: secret ones stay there
        as_file:  ask for the bytes unencoded, as only they can be resumed
        """
        if as_file:
            headers = {**headers, **IDENTITY}
        current = _encode(url)
        for _ in range(MOST_REDIRECTS + 1):
            # What one server is not told is not told to the next, either.
            page_url = referer(page_url, current, policy) or ""
            answer = await self._ask(current, home or url, headers, page_url, as_file=as_file)
            target = redirect_target(answer, current)
            if target is None:
                return self._wrap(answer, current, as_file=as_file)
            answer.close()
            policy = read_policy(answer.headers.get("Referrer-Policy")) or policy
            current = target
        url = urls.without_userinfo(url)
        raise FetchError(f"{url}: more than {MOST_REDIRECTS} redirects", url=url)

    def _wrap(self, answer: aiohttp.ClientResponse, url: str, *, as_file: bool) -> Response:
        try:
            return Response(
                answer,
                url,
                as_file=as_file,
                pay=None if self._limiter is None else self._pay,
                failed=self.note_failure,
            )
        except FetchError:  # nobody else could give the connection back
            answer.close()
            raise

    async def read(
        self,
        url: str,
        most: int,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        page_url: str = "",
        policy: str = "",
        home: str = "",
    ) -> tuple[bytes, bool, str]:
        """A small body: its first `most` bytes, whether that is all, and where it really was.

        The others are as in `get`. Raises as that and `check` do.
        """
        response = await self.get(url, headers=headers, page_url=page_url, policy=policy, home=home)
        try:
            self.check(response)
            return *await response.read(most), response.url
        finally:
            response.close()

    def check(self, response: Response) -> None:
        """Raise for a status that is no success: `Transient` where another try may help."""
        host = self._host(response.url)
        if response.status < 400:
            host.failures = 0
            return
        response.close()
        status, url = response.status, response.url
        words = f"{url}: {status} {phrase(status)}".rstrip()
        if status == 407 and (proxy := self._connections.choose_proxy(url)) is not None:
            words += f": the proxy {proxy} ({proxy.source}): {ask_for_login(proxy)}"
        if status not in RETRIED:
            raise FetchError(words, url=url, status=status)
        wait = retry_after(response.headers.get("Retry-After"))
        if status in (429, 503) and wait is not None and wait <= LONGEST_WAIT:
            host.free_at = max(host.free_at, time.monotonic() + wait)
        host.failures += 1
        raise Transient(words, url=url, status=status, retry_after=wait)

    async def _pay(self, amount: int) -> None:
        """Wait until the session's rate allows this many bytes."""
        assert self._limiter is not None
        while amount > 0:
            portion = min(amount, self._pay_at_once)
            await self._limiter.acquire(portion)
            amount -= portion

    def park(self, url: str, response: Response) -> None:
        """Keep the answer to `url` that turned out to be media, for the transfer that follows."""
        self._parked[url] = response

    def unpark(self, url: str) -> Response | None:
        """The answer that waits for the transfer of `url`, if there is one."""
        return self._parked.pop(url, None)

    def note_failure(
        self, error: Exception, url: str, what: str, *, on_the_way: bool = False
    ) -> FetchError:
        """Return the error of our own that a foreign one means, and count it against its host.

        on_the_way: whether it came before an answer, so that a proxy may be what failed
        """
        proxy = self._connections.choose_proxy(url) if on_the_way else None
        if proxy is not None:
            ours = as_proxy_error(error, url, proxy, self.network.timeout)
        else:
            ours = as_fetch_error(error, url, what, self.network.timeout)
        if isinstance(ours, Transient):
            self._host(url).failures += 1
        return ours

    async def _ask(
        self,
        url: str,
        home: str,
        own: Mapping[str, str],
        came_from: str,
        *,
        as_file: bool,
    ) -> aiohttp.ClientResponse:
        self._connections.check(url)
        headers = self.credentials.headers_for(url, own, home)
        if came_from:
            headers.setdefault("Referer", came_from)
        asked = urls.without_userinfo(url)
        await self._wait_for_turn(asked)
        try:
            # Informational answers may drip for ever without touching the read timeout.
            async with asyncio.timeout(2 * self.network.timeout):
                answer = await self._connections.get(asked, headers, as_file=as_file)
            log_answer(answer, asked)
            return answer
        except self._connections.failures as error:
            log_failure(error, asked)
            raise self.note_failure(error, asked, "no answer", on_the_way=True) from None

    async def _wait_for_turn(self, url: str) -> None:
        """Wait while the host asked for a pause. Raises `FetchError` when it was given up."""
        host = self._host(url)
        if host.failures >= STRAIGHT_FAILURES:
            name = URL(url, encoded=True).raw_host
            raise FetchError(f"{url}: {name} failed {host.failures} times in a row", url=url)
        while (wait := host.free_at - time.monotonic()) > 0:
            await asyncio.sleep(wait)

    def _host(self, url: str) -> _Host:
        return self._hosts.setdefault(urls.origin(url), _Host())


def _encode(url: str) -> str:
    """Return a URL in ASCII: yarl and Python would ask other hosts than browsers (ß)."""
    encoded = url if url.isascii() else urls.clean(url)
    if encoded is None:
        raise FetchError(f"{url[:200]!r} is no http URL", url=url)
    return encoded
