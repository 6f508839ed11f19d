"""From URLs to items: choose extractors, show them the page, merge what they found, follow links.

Items of one page are merged together; beyond a page, only what `seen` keeps of them is known.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from dataclasses import fields

from ..model import urls
from ..model.errors import FetchError, PluginError, ReelinError
from ..model.item import Link, MediaItem
from ..model.media_types import mime_of
from ..model.merge import complete, merge
from ..model.resolution import Resolution
from ..net.client import Client
from ..page.inner_documents import MOST as MOST_DOCUMENTS
from ..page.inner_documents import inner_documents
from ..page.page import Page
from ..page.stream_names import name_streams
from ..plugins.calls import plugin_error
from ..plugins.extractor import Extractor
from ..plugins.registry import Registry
from .extraction import stream
from .finds import complete_find
from .item_source import Notice
from .known_starts import KnownStarts, Recall
from .pages import PageFetcher
from .seen import SeenItems
from .starts import Starts
from .visit import Visit, remarks_on

MOST_ITEMS = 200_000  # of one extractor on one page
EXTRACT_SECONDS = 60.0  # of silence that an extractor may take
MOST_FAULTS = 20  # of one extractor on one page that are told


class Finder:
    """Finds the items behind the URLs of one run.

    plugin:    name of the one extractor to use; None: choose by URL
    max_pages: pages fetched in all; max_depth: links followed in a row
    recall:    gives the file that a URL itself is, where that is known; None: nothing is
    empty:     the URLs behind which nothing was found, when all is found
    """

    def __init__(
        self,
        client: Client,
        registry: Registry,
        *,
        plugin: str | None = None,
        max_pages: int = 1000,
        max_depth: int = 3,
        recall: Recall | None = None,
    ) -> None:
        self._client = client
        self._registry = registry
        self._plugin = plugin
        self._max_depth = max_depth
        self._fetcher = PageFetcher(client, max_pages)
        self._known = KnownStarts(recall) if recall is not None else None
        self._readers: dict[str, Extractor | None] = {}  # by MIME type
        self._seen = SeenItems()
        self._wished_bounds: set[str] = set()  # next pages whose number a person has bounded
        self._problems_known = len(registry.problems)  # before this run
        self.empty: tuple[str, ...] = ()

    async def find(self, starts: Iterable[str]) -> AsyncGenerator[MediaItem | ReelinError | Notice]:
        """Give items as they are found; errors and notices between them, as values."""
        begun = Starts(starts)
        visits = deque(Visit(url, 0) for url in begun.urls)
        visited = set(begun.urls)
        try:
            while visits:
                visit = visits.popleft()
                async for found in self._look_at(visit):
                    visit.note(found)
                    if isinstance(found, MediaItem) and self._reader_of(found) is not None:
                        async for item in self.look_into(found):
                            yield item
                    elif not isinstance(found, Link):
                        yield found
                for remark in await asyncio.to_thread(remarks_on, visit):
                    visit.note(remark)
                    yield remark
                links = [each for url, each in visit.links.items() if url not in visited]
                visited.update(visit.links)
                async for each in self._follow(visit, links):
                    if isinstance(each, Visit):
                        visits.append(each)
                    else:
                        visit.note(each)
                        yield each
                for remark in self._news():
                    visit.note(remark)
                    yield remark
                begun.add(visit)
            self.empty = begun.list_empty()
        finally:
            await self._fetcher.close()

    async def _follow(
        self, visit: Visit, links: Sequence[Link]
    ) -> AsyncIterator[Visit | ReelinError | Notice]:
        """Give the pages behind the links of one, and why others are not looked at."""
        if any(each.pages for each in links):
            is_fresh = visit.is_fresh or any(not each.pages for each in links)
            says_more = await asyncio.to_thread(visit.series.says_more, visit.page)
            if not (is_fresh or says_more or visit.number == 1):
                links = [each for each in links if not each.pages]  # a listing beyond its end
        for link in links:
            bound = self._bound(link, visit)
            if not await self._is_reachable(link, visit):
                yield Notice(f"{link.url} is not followed: no plugin knows that site")
            elif bound is None:
                yield visit.onward(link)
            elif link.url in self._wished_bounds:
                yield Notice(f"{link.url} is not followed: {bound}")
            else:
                yield FetchError(f"{link.url} is not followed: {bound}", url=link.url)

    def begin_anew(self, item: MediaItem) -> Finder | None:
        """Return a finder that looks at the URL of an item that was recalled; None: it was not."""
        if self._known is None or not self._known.forget(item.url):
            return None
        return Finder(
            self._client,
            self._registry,
            plugin=self._plugin,
            max_pages=self._fetcher.max_pages,
            max_depth=self._max_depth,
        )

    def _news(self) -> list[FetchError | Notice]:
        """Return what was cut, and what went wrong with plugins, since this was last asked."""
        news = self._registry.problems[self._problems_known :]
        self._problems_known += len(news)
        return [*self._fetcher.cut(), *(Notice(str(each)) for each in news)]

    async def look_into(self, item: MediaItem) -> AsyncIterator[MediaItem]:
        """Give the item as the extractor knows it to which it is a page; else as it is.

        `item.format` is then the resolution that is wanted of it.
        """
        reader = self._reader_of(item)
        if reader is None:
            yield item
            return
        found_some = False
        try:
            page = await self._fetcher.page(
                item.url, item.page_url, item.headers, item.referrer_policy
            )
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

    def _reader_of(self, item: MediaItem) -> Extractor | None:
        """Return the extractor to which an item is a page, if it is to be looked into."""
        if item.protocol != "http" or item.noise is not None:
            return None
        mime = item.mime or mime_of(item.url) or ""
        if mime not in self._readers:
            self._readers[mime] = self._registry.reader_of(mime)
        return self._readers[mime]

    def _bound(self, link: Link, visit: Visit) -> str | None:
        """Return the bound of this run that a link is beyond, or None."""
        if link.pages and visit.number >= link.pages:
            return f"{link.pages} pages are enough"
        if not link.pages and visit.depth >= self._max_depth:
            return f"it is more than {self._max_depth} links away"
        return None

    async def _is_reachable(self, link: Link, visit: Visit) -> bool:
        """Return whether a link may be followed. Other sites are left to who knows them."""
        if link.offsite or urls.origin(link.url) == urls.origin(visit.url):
            return True
        return await asyncio.to_thread(self._registry.claims, link.url)

    async def _look_at(
        self, visit: Visit
    ) -> AsyncIterator[MediaItem | Link | ReelinError | Notice]:
        problem, found_some = None, False
        try:
            chosen = await asyncio.to_thread(self._registry.choose, visit.url, self._plugin)
            if self._known is not None and not visit.came_from:
                known = await self._known.find(visit.url, chosen)
                if known is not None and self._seen.is_new(known, visit):
                    yield known
                    return
            claiming = [each for each in chosen if each.pattern]
            page = visit.page = await self._page(visit, claiming or chosen)
            async for found in self._extract(claiming, page):
                if isinstance(found, PluginError) and self._plugin is None:
                    problem = problem or found
                    continue
                found_some = True
                if not isinstance(found, MediaItem) or self._seen.is_new(found, visit):
                    yield found
            if problem is not None and found_some:
                yield problem
            elif problem is not None:
                yield Notice(f"{problem}; it is read as any other page")
                chosen = self._registry.general
                page = visit.page = await self._page(visit, chosen)
        except ReelinError as error:
            yield error
            return
        general = [each for each in chosen if not each.pattern]
        async for each in self._by_general(general, page, visit):
            yield each

    async def _page(self, visit: Visit, extractors: Iterable[Extractor]) -> Page:
        if any(each.needs_page for each in extractors):
            return await self._fetcher.page(visit.url, visit.came_from, policy=visit.policy)
        return Page(visit.url)

    async def _by_general(
        self, extractors: Sequence[Extractor], page: Page, visit: Visit
    ) -> AsyncIterator[MediaItem | Link | ReelinError]:
        """Give what extractors for any page find together, each resource once."""
        together: list[MediaItem] = []
        inner = await asyncio.to_thread(inner_documents, page) if extractors else []
        for document in (page, *inner):
            async for found in self._extract(extractors, document):
                if isinstance(found, MediaItem):
                    together.append(found)
                else:
                    yield found
        if len(inner) == MOST_DOCUMENTS:
            what = f"{page.url}: only {MOST_DOCUMENTS} of the documents in its frames were read"
            yield FetchError(what, url=page.url)
        for item in name_streams(await asyncio.to_thread(merge, together), page):
            if self._seen.is_new(item, visit):
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
        url = urls.join(page.base_url, found.url, page.encoding)
        if url is None:
            return plugin_error(extractor.name, page.url, f"{found.url[:200]!r} is no http URL")
        self._client.credentials.learn(url)
        if isinstance(found, Link) and found.pages and _has_wishes(extractor):
            self._wished_bounds.add(url)
        return complete_find(found, urls.without_userinfo(url), extractor, page)


def _has_wishes(extractor: Extractor) -> bool:
    """Whether a person has set any option of an extractor."""
    return any(getattr(extractor, each.name) != each.default for each in fields(extractor))
