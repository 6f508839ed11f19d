"""Every socket of reelin: one guarded, limited HTTP client that follows redirects by hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from copy import copy
from typing import Self

import aiohttp

from ..model import urls
from ..model.errors import FetchError, Transient, UsageError
from ..model.item import NO_HEADERS
from ..model.referrer import read_policy, referer
from .connections import Connections
from .credentials import Credentials
from .faults import as_fetch_error, as_proxy_error, ask_for_login, hint, phrase
from .hosts import MOST_REFUSALS, ConnectionLimit, Hosts
from .network import Network
from .rate import RateLimit
from .redirect import redirect_target
from .response import Response
from .retry import LONGEST_WAIT, retry_after
from .trace import log_answer, log_failure

MOST_REDIRECTS = 10
# From 520 on: what a CDN says of a server behind it that does not answer, or has too much to do.
RETRIED = frozenset([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529])
IDENTITY = {"Accept-Encoding": "identity"}


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
        self._rate = RateLimit(network.limit_rate) if network.limit_rate else None
        self._parked: dict[str, Response] = {}
        self._hosts = Hosts()
        self._limit = ConnectionLimit(None, self._close_parked)

    def limited(self, downloads: int) -> Client:
        """Return this client for so many downloads: each host has no more connections than these.

        All else is shared. Several of them are not bound together: one whose work stands still,
        as nobody reads of it, would keep the others from theirs.
        """
        limited = copy(self)
        most = self.network.per_host or downloads * (self.network.connections or 1)
        limited._limit = ConnectionLimit(most, self._close_parked)
        return limited

    def require_open(self) -> None:
        """Raise `UsageError` unless the client is entered, and not yet left."""
        if not self._connections.is_open:
            raise UsageError("the session is not open: async with Session() as session")

    async def __aenter__(self) -> Self:
        if self._connections.is_open:
            raise UsageError("the session is open already; make another one")
        self._connections.open()
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
        current, came_from = _encode(url), page_url
        for _ in range(MOST_REDIRECTS + 1):
            # What one server is not told is not told to the next, either.
            came_from = referer(came_from, current, policy) or ""
            give_back = await self._limit.take(current)
            try:
                answer = await self._ask(current, home or url, headers, came_from)
                target = redirect_target(answer, current)
                if target is None:
                    return self._wrap(answer, current, give_back, as_file=as_file)
                answer.close()
            except BaseException:
                give_back()
                raise
            give_back()
            policy = read_policy(answer.headers.get("Referrer-Policy")) or policy
            current = target
        url = urls.without_userinfo(url)
        raise FetchError(f"{url}: more than {MOST_REDIRECTS} redirects", url=url)

    def _wrap(
        self,
        answer: aiohttp.ClientResponse,
        url: str,
        give_back: Callable[[], None],
        *,
        as_file: bool,
    ) -> Response:
        try:
            return Response(
                answer,
                url,
                as_file=as_file,
                pay=None if self._rate is None else self._rate.pay,
                failed=self.note_failure,
                give_back=give_back,
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
        host = self._hosts.find(response.url)
        if response.status < 400:
            host.failures = host.refusals = 0
            return
        response.close()
        status, url = response.status, response.url
        words = f"{url}: {status} {phrase(status)}".rstrip() + hint(status)
        if status == 407 and (proxy := self._connections.choose_proxy(url)) is not None:
            words += f": the proxy {proxy} ({proxy.source}): {ask_for_login(proxy)}"
        if status not in RETRIED:
            raise FetchError(words, url=url, status=status)
        wait = retry_after(response.headers.get("Retry-After"))
        if status == 429:
            wait = wait or host.note_refusal()
        if status in (429, 503) and wait is not None and wait <= LONGEST_WAIT:
            host.free_at = max(host.free_at, time.monotonic() + wait)
        # To be asked for patience is no failure, unless it never ends.
        if status != 429 or host.refusals > MOST_REFUSALS:
            host.note_failure()
        raise Transient(words, url=url, status=status, retry_after=wait)

    def park(self, url: str, response: Response) -> None:
        """Keep the answer to `url` that turned out to be media, for the transfer that follows."""
        self._parked[url] = response

    def unpark(self, url: str) -> Response | None:
        """The answer that waits for the transfer of `url`, if there is one."""
        return self._parked.pop(url, None)

    def _close_parked(self, origin: str) -> bool:
        """Close the answer of a host that has been parked longest; whether there was one.

        Its transfer asks again.
        """
        url = next((each for each in self._parked if urls.origin(each) == origin), None)
        if url is None:
            return False
        self._parked.pop(url).close()
        return True

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
            self._hosts.find(url).note_failure()
        return ours

    async def _ask(
        self,
        url: str,
        home: str,
        own: Mapping[str, str],
        came_from: str,
    ) -> aiohttp.ClientResponse:
        self._connections.check(url)
        headers = self.credentials.headers_for(url, own, home)
        if came_from:
            headers.setdefault("Referer", came_from)
        asked = urls.without_userinfo(url)
        await self._hosts.wait_for_turn(asked)
        try:
            # Informational answers may drip for ever without touching the read timeout.
            async with asyncio.timeout(2 * self.network.timeout):
                answer = await self._connections.get(asked, headers)
            log_answer(answer, asked)
            return answer
        except self._connections.failures as error:
            log_failure(error, asked)
            raise self.note_failure(error, asked, "no answer", on_the_way=True) from None


def _encode(url: str) -> str:
    """Return a URL in ASCII: yarl and Python would ask other hosts than browsers (ß)."""
    encoded = url if url.isascii() else urls.clean(url)
    if encoded is None:
        raise FetchError(f"{url[:200]!r} is no http URL", url=url)
    return encoded
