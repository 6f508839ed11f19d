"""The doors of the library: `Session` for applications, `download` and `find` for scripts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine, Sequence
from contextlib import aclosing
from os import PathLike
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ..media.ffmpeg import Ffmpeg
from ..model import urls
from ..model.errors import ReelinError, UsageError
from ..model.item import Audio, MediaItem
from ..model.resolution import Resolution
from ..net.client import Client
from ..net.network import Network
from ..plugins.extractor import Extractor
from ..plugins.filter import Filter
from ..plugins.registry import Registry
from ..plugins.sink import Sink
from .filters import Type, judge, prefer
from .finder import Finder
from .report import Report
from .run import Run
from .source import Known, Source

if TYPE_CHECKING:
    from aiohttp import BaseConnector

    from ..archive.layout import Layout
    from ..archive.zip_archive import ZipArchive
    from .zip_stream import ZipStream

T = TypeVar("T")
MOST_WAITING = 32  # finished files that may wait to be made durable while others are fetched
_OWN_DESCRIPTORS = 48  # what a process has open besides transfers, generously


class Session:
    """Connections, cookies, limits and plugins that several runs share. Use it with `async with`.

    workers:   downloads at the same time
    network:   see `Network`
    registry:  the plugins; None: all that are installed
    extractors: beside the installed ones, or in the place of those of their names, with other
               options: `[Gallery(max_pages=3)]`
    ffmpeg:    the program, or the folder that it is in; None: looked for where it is needed
    connector: aiohttp's, for connections of another kind; the caller closes it. None: our own
    max_pages: pages that one run may fetch; max_depth: links that it may follow in a row

    Sessions share nothing with each other.
    """

    def __init__(
        self,
        *,
        workers: int = 5,
        network: Network | None = None,
        registry: Registry | None = None,
        extractors: Sequence[Extractor] = (),
        ffmpeg: str | PathLike[str] | None = None,
        connector: BaseConnector | None = None,
        max_pages: int = 1000,
        max_depth: int = 3,
    ) -> None:
        if workers < 1:
            raise UsageError(f"workers must be at least 1, not {workers}")
        self._workers, self._waiting = _affordable(workers)
        network = network or Network()
        self._ffmpeg = Ffmpeg(ffmpeg)
        if registry is None:
            registry = Registry.load(extractors=extractors)
        elif extractors:
            raise UsageError("extractors are given to the registry, where there is one")
        self._registry = registry.within(network, self._ffmpeg.location)
        self._client = Client(network, connector)
        self._max_pages = max_pages
        self._max_depth = max_depth

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._client.__aexit__(*exc)

    @property
    def extractors(self) -> list[Extractor]:
        """The extractors of this session, by name."""
        return list(self._registry.extractors.values())

    async def items(
        self, url: str, *, plugin: str | None = None, filters: Sequence[Filter] = ()
    ) -> AsyncIterator[MediaItem]:
        """The items behind a URL, as they are found. Nothing is downloaded.

        Raises `FetchError`, `ExtractError` or `PluginError` when part of them cannot be found.
        """
        start = self._start(url, plugin)
        self._client.require_open()
        async with aclosing(self._finder(plugin).find([start])) as finds:
            async for found in finds:
                if isinstance(found, ReelinError):
                    raise found
                if isinstance(found, MediaItem) and found.noise is None:
                    item = prefer(found, filters)
                    if judge(item, filters)[1].keep is not False:
                        yield item

    def run(
        self,
        *urls: str,
        sink: Sink | None,
        filters: Sequence[Filter] = (),
        resolution: Resolution | None = None,
        live: float | None = None,
        plugin: str | None = None,
        fail_fast: bool = False,
        audio: Audio | None = None,
    ) -> Run:
        """A run over URLs, to be entered and iterated over.

        sink:      where items go; None: find and filter, but fetch nothing
        filters:   the first that refuses an item decides
        resolution: which rendition of films to take; None: the best
        live:      seconds that are recorded of streams without an end; None: they are refused
        plugin:    name of the one extractor to use; None: choose by URL
        fail_fast: begin nothing further after the first failure
        audio:     what all sound, also that of films, is to become; None: all stays as it is

        Raises `UsageError` for a URL or plugin name that cannot be used, and when `audio` needs an
        ffmpeg that is not there.
        """
        if audio is not None and sink is not None:
            self._ffmpeg.require()
        return self._run(
            self._finder(plugin),
            [self._start(url, plugin) for url in urls],
            sink=sink,
            filters=filters,
            resolution=resolution,
            live=live,
            fail_fast=fail_fast,
            audio=audio,
        )

    def _run(
        self,
        source: Source,
        starts: Sequence[str],
        *,
        sink: Sink | None,
        filters: Sequence[Filter] = (),
        resolution: Resolution | None = None,
        live: float | None = None,
        fail_fast: bool = False,
        audio: Audio | None = None,
    ) -> Run:
        return Run(
            source,
            self._client,
            self._registry,
            starts,
            sink=sink,
            filters=filters,
            resolution=resolution,
            live=live,
            workers=self._workers,
            waiting=self._waiting,
            fail_fast=fail_fast,
            warnings=[str(problem) for problem in self._registry.problems],
            audio=audio,
            ffmpeg=self._ffmpeg,
        )

    def stream_zip(
        self,
        *urls: str,
        filters: Sequence[Filter] = (),
        resolution: Resolution | None = None,
        live: float | None = None,
        plugin: str | None = None,
        audio: Audio | None = None,
        spool: bool = False,
        sized: bool = False,
        start: int = 0,
        stop: int | None = None,
        etag: str | None = None,
        layout: Layout | None = None,
    ) -> ZipStream:
        """Everything behind URLs as the bytes of one ZIP, as they arrive: an asynchronous iterator.

        spool:  have every item complete before its entry begins, in temporary files
        sized:  ask for all items before the first byte, so that `content_length` is known where
                all servers announce their sizes. Each item is then asked for twice, and one that
                fails or changes in between ends the archive
        start:  go on at this byte of the archive, counted from 0. That asks for all items first,
                too, and again for those whose checksum `layout` does not have
        stop:   end before this byte
        etag:   of the archive in which these count; another one comes whole. None: it is the same
        layout: of the archive, from `ZipStream.layout`. Nothing is looked for then, and the other
                arguments are not used

        The others are as in `run`. See `ZipStream` for what a web server needs besides.

        Raises `UsageError` as `run` does, and for a `start` below 0 or a `stop` not behind it.
        """
        from ..archive.layout import Sizes
        from ..archive.outlet import Pipe
        from ..archive.zip_archive import ZipArchive
        from .zip_stream import ArchiveSink, Sizing, Wanted, ZipStream

        if start < 0:
            raise UsageError(f"start={start}: bytes are counted from 0")
        if stop is not None and stop <= start:
            raise UsageError(f"stop={stop}: nothing lies between that and start={start}")

        def run_into(sink: Sink) -> Run:
            return self.run(
                *urls,
                sink=sink,
                filters=filters,
                resolution=resolution,
                live=live,
                plugin=plugin,
                audio=audio,
            )

        def refill(layout: Layout, start: int) -> tuple[Run, ZipArchive]:
            sink = ArchiveSink(ZipArchive(pipe, spool=spool, layout=layout, start=start))
            items = [each.item for each in layout.entries]
            return self._run(Known(items), (), sink=sink), sink.archive

        pipe, sizes = Pipe(), Sizes()
        is_sized = layout is None and bool(sized or start or stop or etag)
        name = layout.filename if layout is not None else f"{_name_of(urls)}.zip"
        return ZipStream(
            name,
            run_into(ArchiveSink(ZipArchive(pipe, spool=spool))),
            pipe,
            sizing=Sizing(run_into(sizes), sizes) if is_sized else None,
            layout=layout,
            refill=refill,
            wanted=Wanted(start, stop, etag),
        )

    async def download(
        self,
        url: str,
        to: str | PathLike[str],
        *,
        types: Collection[str] | None = None,
        filters: Sequence[Filter] = (),
        plugin: str | None = None,
        audio: Audio | None = None,
    ) -> Report:
        """Save everything behind a URL into the folder `to`; the report. See `run`."""
        if types is not None:
            filters = [Type(frozenset([types] if isinstance(types, str) else types)), *filters]
        sink = self._registry.make_sink("disk", to)
        async with self.run(url, sink=sink, filters=filters, plugin=plugin, audio=audio) as run:
            return await run.finish()

    def _finder(self, plugin: str | None) -> Finder:
        return Finder(
            self._client,
            self._registry,
            plugin=plugin,
            max_pages=self._max_pages,
            max_depth=self._max_depth,
        )

    def _start(self, url: str, plugin: str | None) -> str:
        start = urls.from_person(url)
        if start is None:
            raise UsageError(f"{url!r} is not a URL; it should begin with https:// or http://")
        if plugin is not None:
            self._registry.choose(start, plugin)  # an unknown name is told at once
        self._client.credentials.trust(start)
        return urls.without_userinfo(start)


def download(
    url: str,
    to: str | PathLike[str],
    *,
    types: Collection[str] | None = None,
    filters: Sequence[Filter] = (),
    plugin: str | None = None,
    audio: Audio | None = None,
    workers: int = 5,
    network: Network | None = None,
    ffmpeg: str | PathLike[str] | None = None,
) -> Report:
    """Save everything behind a URL into the folder `to`, and wait for it; the report.

    For scripts. In asynchronous code use `Session.download`.
    """

    async def work() -> Report:
        async with Session(workers=workers, network=network, ffmpeg=ffmpeg) as session:
            return await session.download(
                url, to, types=types, filters=filters, plugin=plugin, audio=audio
            )

    return _blocking("download", work())


def find(
    url: str,
    *,
    plugin: str | None = None,
    filters: Sequence[Filter] = (),
    workers: int = 5,
    network: Network | None = None,
) -> list[MediaItem]:
    """The items behind a URL, without downloading them. For scripts."""

    async def work() -> list[MediaItem]:
        async with Session(workers=workers, network=network) as session:
            return [each async for each in session.items(url, plugin=plugin, filters=filters)]

    return _blocking("find", work())


def _blocking(name: str, work: Coroutine[Any, Any, T]) -> T:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    work.close()
    raise UsageError(f"reelin.{name} blocks; inside a running event loop use reelin.Session")


def _affordable(workers: int) -> tuple[int, int]:
    """Workers, and finished files waiting for the disk, that the process has descriptors for."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return workers, MOST_WAITING
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit == resource.RLIM_INFINITY:
        return workers, MOST_WAITING
    spare = max(3, limit - _OWN_DESCRIPTORS)
    workers = min(workers, spare // 3)  # a socket, a part, and one more on the way
    return workers, max(1, min(MOST_WAITING, spare - 3 * workers))


def _name_of(urls: Sequence[str]) -> str:
    """What an archive of all behind these URLs is called, without extension."""
    from ..disk.names import folder_name_for

    return folder_name_for(urls[0]) if urls else "empty"
