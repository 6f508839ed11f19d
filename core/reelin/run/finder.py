"""From URLs to items: choose extractors, show them the page, merge what they found, follow links.

Items of one page are merged together; beyond a page, only a fingerprint of each URL is kept.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Protocol

from ..model import urls
from ..model.errors import PluginError, ReelinError
from ..model.item import Link, MediaItem, replace_fields
from ..model.media_types import mime_of, type_of
from ..model.merge import complete, merge
from ..model.resolution import Resolution
from ..net.client import Client
from ..page.page import Page
from ..plugins.calls import plugin_error
from ..plugins.extractor import Extractor
from ..plugins.registry import Registry
from .extraction import stream
from .pages import PageFetcher

MOST_ITEMS = 200_000  # of one extractor on one page
EXTRACT_SECONDS = 60.0  # of silence that an extractor may take
MOST_FAULTS = 20  # of one extractor on one page that are told


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know, that cost no item."""

    text: str


@dataclass(frozen=True, slots=True)
class _Visit:
    url: str
    depth: int
    came_from: str = ""
    number: int = 1  # among pages that follow each other


class ItemSource(Protocol):
    """The knowledge of which items a run has: a `Finder`, or `KnownItems`."""

    def find(self, starts: Sequence[str]) -> AsyncGenerator[MediaItem | ReelinError | Notice]:
        """Give items as they are found; errors and notices between them."""
        ...

    def look_into(self, item: MediaItem) -> AsyncIterator[MediaItem]:
        """Give what is behind an item that turned out to be a list or a stream."""
        ...


class Finder:
    """Finds the items behind the URLs of one run.

    plugin:    name of the one extractor to use; None: choose by URL
    max_pages: pages fetched in all; max_depth: links followed in a row
    """

    def __init__(
        self,
        client: Client,
        registry: Registry,
        *,
        plugin: str | None = None,
        max_pages: int = 1000,
        max_depth: int = 3,
    ) -> None:
        self._client = client
        self._registry = registry
        self._plugin = plugin
        self._max_depth = max_depth
        self._fetcher = PageFetcher(client, max_pages)
        self._seen: set[int] = set()
        self._problems_known = len(registry.problems)  # before this run

    async def find(self, starts: Iterable[str]) -> AsyncGenerator[MediaItem | ReelinError | Notice]:
        """Give items as they are found; errors and notices between them, as values."""
        visits = deque(_Visit(url, 0) for url in starts)
        visited = {visit.url for visit in visits}
        try:
            while visits:
                visit = visits.popleft()
                async for found in self._look_at(visit):
                    if isinstance(found, MediaItem):
                        async for item in self.look_into(found):
                            yield item
                    elif not isinstance(found, Link):
                        yield found
                    elif found.url in visited:
                        continue
                    else:
                        visited.add(found.url)
                        reason = await self._reason_against(found, visit)
                        if reason:
                            yield Notice(f"{found.url} is not followed: {reason}")
                        else:
                            visits.append(_visit_of(visit, found))
                for cut in self._fetcher.cut():
                    yield cut
                for problem in self._news():
                    yield Notice(str(problem))
        finally:
            await self._fetcher.close()

    def _news(self) -> list[PluginError]:
        """Return what went wrong with plugins since this was last asked."""
        news = self._registry.problems[self._problems_known :]
        self._problems_known += len(news)
        return news

    async def look_into(self, item: MediaItem) -> AsyncIterator[MediaItem]:
        """Give the item as the extractor knows it to which it is a page; else as it is.

        `item.format` is then the resolution that is wanted of it.
        """
        mime = item.mime or mime_of(item.url) or ""
        reader = self._registry.reader_of(mime)
        if reader is None or item.protocol != "http" or item.noise is not None:
            yield item
            return
        found_some = False
        try:
            page = await self._fetcher.page(item.url, item.page_url, item.headers)
        except ReelinError:
            yield item  # its transfer will tell
            return
        async for found in self._extract([reader], page):
            if isinstance(found, MediaItem):
                found_some = True
                if item.format:
                    found, _ = Resolution.of(item.format).choose(found)
                yield complete(found, item)
        if not found_some:
            yield item

    async def _reason_against(self, link: Link, visit: _Visit) -> str | None:
        """Return why a link is not followed, or None. Other sites are left to who knows them."""
        if link.pages and visit.number >= link.pages:
            return f"{link.pages} pages are enough"
        if not link.pages and visit.depth >= self._max_depth:
            return f"it is more than {self._max_depth} links away"
        if link.offsite or urls.origin(link.url) == urls.origin(visit.url):
            return None
        known = await asyncio.to_thread(self._registry.claims, link.url)
        return None if known else "no plugin knows that site"

    async def _look_at(
        self, visit: _Visit
    ) -> AsyncIterator[MediaItem | Link | ReelinError | Notice]:
        problem, found_some = None, False
        try:
            chosen = await asyncio.to_thread(self._registry.choose, visit.url, self._plugin)
            claiming = [each for each in chosen if each.pattern]
            page = await self._page(visit, claiming or chosen)
            async for found in self._extract(claiming, page):
                if isinstance(found, PluginError) and self._plugin is None:
                    problem = problem or found
                    continue
                found_some = True
                if not isinstance(found, MediaItem) or self._is_new(found):
                    yield found
            if problem is not None and found_some:
                yield problem
            elif problem is not None:
                yield Notice(f"{problem}; it is read as any other page")
                chosen = self._registry.general
                page = await self._page(visit, chosen)
        except ReelinError as error:
            yield error
            return
        general = [each for each in chosen if not each.pattern]
        async for each in self._by_general(general, page):
            yield each

    async def _page(self, visit: _Visit, extractors: Iterable[Extractor]) -> Page:
        if any(each.needs_page for each in extractors):
            return await self._fetcher.page(visit.url, visit.came_from)
        return Page(visit.url)

    async def _by_general(
        self, extractors: Sequence[Extractor], page: Page
    ) -> AsyncIterator[MediaItem | Link | ReelinError]:
        """Give what extractors for any page find together, each resource once."""
        together: list[MediaItem] = []
        async for found in self._extract(extractors, page):
            if isinstance(found, MediaItem):
                together.append(found)
            else:
                yield found
        for item in await asyncio.to_thread(merge, together):
            if self._is_new(item):
                yield item

    async def _extract(
        self, extractors: Sequence[Extractor], page: Page
    ) -> AsyncIterator[MediaItem | Link | ReelinError]:
        """Give what extractors find on a page, completed; errors between the finds."""
        finds = stream(extractors, page, seconds=EXTRACT_SECONDS, most=MOST_ITEMS)
        faults: Counter[str] = Counter()
        async for extractor, each in finds:
            found = (
                each
                if isinstance(each, ReelinError)
                else self._complete_find(each, extractor, page)
            )
            if isinstance(found, PluginError):
                faults[extractor.name] += 1
                if faults[extractor.name] == MOST_FAULTS:
                    found = PluginError(f"{found}; further ones are not told", url=page.url)
                elif faults[extractor.name] > MOST_FAULTS:
                    continue
            yield found

    def _complete_find(
        self, found: MediaItem | Link, extractor: Extractor, page: Page
    ) -> MediaItem | Link | PluginError:
        """Return the find with what the core knows: absolute URL, type, page and extractor."""
        url = urls.join(page.base_url, found.url)
        if url is None:
            return plugin_error(extractor.name, page.url, f"{found.url[:200]!r} is no http URL")
        self._client.credentials.learn(url)
        return _complete(found, urls.without_userinfo(url), extractor, page)

    def _is_new(self, item: MediaItem) -> bool:
        """Whether this run has not seen the item's URL, in its format, before."""
        key = f"{item.protocol} {item.url} {item.format or ''}".encode()
        fingerprint = int.from_bytes(blake2b(key, digest_size=8).digest())
        if fingerprint in self._seen:
            return False
        self._seen.add(fingerprint)
        return True


class KnownItems:
    """Items that were found before, as the source of a run."""

    def __init__(self, items: Sequence[MediaItem]) -> None:
        self._items = items

    async def find(self, _: Sequence[str]) -> AsyncGenerator[MediaItem | ReelinError | Notice]:
        """Give all of them."""
        for each in self._items:
            yield each

    async def look_into(self, item: MediaItem) -> AsyncIterator[MediaItem]:
        """Give the item as it is: what is behind it was seen before."""
        yield item


def _visit_of(visit: _Visit, link: Link) -> _Visit:
    if link.pages:
        return _Visit(link.url, visit.depth, visit.url, visit.number + 1)
    return _Visit(link.url, visit.depth + 1, visit.url)


def _complete(
    found: MediaItem | Link, url: str, extractor: Extractor, page: Page
) -> MediaItem | Link:
    if isinstance(found, Link):
        return replace(found, url=url)
    if found.format is not None:  # a page that its extractor will ask again, by its whole URL
        url += "".join(found.url.partition("#")[1:])
    return replace_fields(
        found,
        url=url,
        type=found.type or type_of(url),
        extractor=extractor.name,
        page_url=page.final_url,
    )
