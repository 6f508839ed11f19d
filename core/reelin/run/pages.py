"""Pages for extractors: each URL fetched once, capped in size, and counted."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from functools import partial

from ..model import urls
from ..model.errors import FetchError
from ..model.item import NO_HEADERS
from ..model.media_types import FEEDS, PLAYLISTS, STREAMS, VAGUE, is_markup, type_of
from ..model.sniff import is_binary, looks_like_html, sniff
from ..net.client import Client
from ..net.faults import phrase
from ..net.response import Response
from ..net.retry import persistently
from ..page.listing import is_listing, lacks_end
from ..page.page import Page
from .page_body import MOST_BYTES, MOST_LISTED, PageBody, read_body, unpacked_start

REMEMBERED = 16  # pages that are kept in case another extractor asks for them too
_ACCEPT = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
_DATA = frozenset(
    f"application/{each}" for each in ("javascript", "json", "ld+json", "x-javascript")
)
_READ = _DATA | FEEDS | PLAYLISTS | STREAMS


class PageFetcher:
    """The pages of one run.

    max_pages: requests for pages after which every further one is a `FetchError`
    """

    def __init__(self, client: Client, max_pages: int) -> None:
        self._client = client
        self.max_pages = max_pages
        self._asked = 0
        self._pages: OrderedDict[str, asyncio.Task[Page]] = OrderedDict()
        self._cut: list[FetchError] = []

    async def page(
        self,
        url: str,
        came_from: str = "",
        headers: Mapping[str, str] = NO_HEADERS,
        policy: str = "",
    ) -> Page:
        """The page at `url`; two that ask for it at the same time share one request.

        came_from, policy: the page that leads there, and its Referrer Policy for that
        headers: that the page needs, beyond the usual ones

        Of an answer that is a media file the body is left to the transfer. Raises `FetchError`.
        """
        task = self._pages.get(url)
        if task is None:
            task = asyncio.create_task(self._fetch(url, came_from, headers, policy))
            self._pages[url] = task
            if len(self._pages) > REMEMBERED:
                self._pages.popitem(last=False)
        # Who stops waiting does not take the page away from the others.
        return await asyncio.shield(task)

    async def _from_anywhere(self, home: asyncio.AbstractEventLoop, page: Page, url: str) -> Page:
        """A page for an extractor, whose loop may be another one than that of the connections."""
        further = self.page(url, page.final_url, policy=page.referrer_policy_for(url))
        if asyncio.get_running_loop() is home:
            return await further
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(further, home))

    async def close(self) -> None:
        """Stop what is still being fetched."""
        for task in self._pages.values():
            task.cancel()
        await asyncio.gather(*self._pages.values(), return_exceptions=True)
        self._pages.clear()

    async def _fetch(
        self, url: str, came_from: str, headers: Mapping[str, str], policy: str
    ) -> Page:
        self._asked += 1
        if self._asked > self.max_pages:
            raise FetchError(f"{url}: not fetched, {self.max_pages} pages are enough", url=url)
        ask = partial(self._ask, url, came_from, headers, policy)
        return await persistently(ask, self._client.network)

    async def _ask(self, url: str, came_from: str, headers: Mapping[str, str], policy: str) -> Page:
        # A URL that looks like a file is best asked for as one: it can then be resumed.
        response = await self._client.get(
            url,
            headers={**_ACCEPT, **headers},
            page_url=came_from,
            policy=policy,
            as_file=type_of(url) is not None,
        )
        self._client.check(response)
        if response.status in (204, 205) or response.status >= 300:
            response.close()
            raise _no_page_error(response)
        return await self._read(url, response)

    def cut(self) -> list[FetchError]:
        """Return which pages were cut since this was last asked, each as an error."""
        cut, self._cut = self._cut, []
        return cut

    async def _read(self, url: str, response: Response) -> Page:
        headers = {name.lower(): value for name, value in response.headers.items()}
        mime = _mime_in(headers)
        first = await response.first()
        if mime == "text/plain" and is_binary(first):
            mime = "application/octet-stream"  # many servers' word for what they do not know
        packed = await unpacked_start(response)
        if is_listing(packed or first):
            body = await read_body(response, MOST_LISTED, packed=bool(packed))
            if not (is_markup(mime) or mime in FEEDS):
                mime = "application/xml"
            self._note_cut(response.url, body)
            if body.cut_at is None and lacks_end(body.content):
                what = f"{response.url}: it ends in the middle: what should follow did not come"
                self._cut.append(FetchError(what, url=response.url))
        else:
            if not mime or mime in VAGUE:
                mime = sniff(first) or mime
            body = await self._read_or_park(url, response, mime)
        if mime != _mime_in(headers):
            headers["content-type"] = mime
        home = asyncio.get_running_loop()

        async def fetch(further: str) -> Page:
            return await self._from_anywhere(home, page, further)

        page = Page(
            url=url,
            body=body.content,
            headers=headers,
            final_url=urls.without_userinfo(response.url),
            status=response.status,
            fetch=fetch,
        )
        return page

    async def _read_or_park(self, url: str, response: Response, mime: str) -> PageBody:
        """Read a page; of what is a file, leave the body to the transfer."""
        first = await response.first()
        is_read = is_page(mime) or b"#EXTM3U" in first[:16]
        if is_read or mime.startswith("text/") or looks_like_html(first):
            # Some servers pack pages and do not say so.
            packed = is_page(mime) and bool(await unpacked_start(response))
            most = MOST_LISTED if "json" in mime else MOST_BYTES
            body = await read_body(response, most, packed=packed)
            # Any other text is a file, and as such it is saved whole.
            if is_read or "script" in mime or looks_like_html(first):
                self._note_cut(response.url, body)
            return body
        if response.status == 200 and not response.is_encoded:
            self._client.park(url, response)
        else:
            response.close()
        return PageBody()

    def _note_cut(self, url: str, body: PageBody) -> None:
        if body.cut_at is not None:
            what = f"{url}: larger than {body.cut_at >> 20} MiB: what follows there was not read"
            self._cut.append(FetchError(what, url=url))


def is_page(mime: str) -> bool:
    """Whether an answer of that type is read for what it leads to."""
    return is_markup(mime) or mime in _READ or "json" in mime


def _mime_in(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _no_page_error(response: Response) -> FetchError:
    """Return the error for a status that brings no page, and no way to one."""
    status = response.status
    what = f"{response.url}: it answers {status} {phrase(status)}".rstrip()
    if status in (301, 302, 303, 307, 308):
        what += " without saying where to"
    return FetchError(f"{what}: there is no page", url=response.url, status=status)
