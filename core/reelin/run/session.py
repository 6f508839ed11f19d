"""The door of the library for applications: `Session`. That for scripts is `blocking.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Self, TypeVar

from ..media.ffmpeg import Ffmpeg
from ..model import urls
from ..model.audio import Audio
from ..model.bad_url import describe_bad_url
from ..model.errors import ReelinError, UsageError
from ..model.events import Event
from ..model.item import MediaItem
from ..model.resolution import Resolution
from ..net.client import Client
from ..net.network import Network
from ..plugins.extractor import Extractor
from ..plugins.filter import Filter
from ..plugins.registry import Registry
from ..plugins.sink import Sink
from .engine import Engine
from .filters import Type, judge, prefer
from .finder import Finder
from .item_source import KnownItems
from .options import RunOptions
from .pool import Pool, afford
from .report import Report
from .run import Run
from .sink_guard import recall

if TYPE_CHECKING:
    from aiohttp import BaseConnector

    from ..archive.layout import Layout
    from .zip_stream import RunMaker, ZipStream

T = TypeVar("T")


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
        network = network or Network()
        program = Ffmpeg(ffmpeg)
        if registry is None:
            registry = Registry.load(extractors=extractors)
        elif extractors:
            raise UsageError("extractors are given to the registry, where there is one")
        self._registry = registry.for_session(network, program.location)
        self._client = Client(network, connector)
        self._engine = Engine(self._client, self._registry, program, *afford(workers))
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
        async with aclosing(
            self._make_finder(self.make_pool().client, plugin).find([start])
        ) as finds:
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
        items: Sequence[MediaItem] | None = None,
        filters: Sequence[Filter] = (),
        resolution: Resolution | None = None,
        live: float | None = None,
        plugin: str | None = None,
        fail_fast: bool = False,
        audio: Audio | None = None,
    ) -> Run:
        """A run over URLs, to be entered and iterated over.

        sink:      where items go; None: find and filter, but fetch nothing
        items:     that were found before, in place of URLs: no page is asked for
        filters:   the first that refuses an item decides
        resolution: which rendition of videos to take; None: the best
        live:      seconds that are recorded of streams without an end; None: they are refused
        plugin:    name of the one extractor to use; None: choose by URL
        fail_fast: begin nothing further after the first failure
        audio:     what all audio, also that of videos, is to become; None: all stays as it is

        Raises `UsageError` for a URL or plugin name that cannot be used, and when `audio` needs an
        ffmpeg that is not there.
        """
        options = RunOptions(
            plugin=plugin,
            filters=tuple(filters),
            resolution=resolution,
            live=live,
            audio=audio,
            fail_fast=fail_fast,
        )
        return self.run_with(options, *urls, sink=sink, items=items)

    def make_pool(self) -> Pool:
        """Return the bounds of one run, for several that are to keep within them together.

        All of these are to be read at the same time: one that nobody reads stands still, with
        slots and connections that the others wait for.
        """
        return self._engine.make_pool()

    def run_with(
        self,
        options: RunOptions,
        *urls: str,
        sink: Sink | None,
        items: Sequence[MediaItem] | None = None,
        pool: Pool | None = None,
    ) -> Run:
        """Return a run over URLs, or items, as `run` does, by options that are one value.

        pool: the bounds that it shares with other runs; None: it has its own

        What they say of the session is not looked at. Raises as `run` does, and `UsageError` for
        a plugin's filter that there is not.
        """
        if sink is not None:  # else nothing is converted
            self._require_ffmpeg(options)
        return self._make_run_maker(options, urls, items, pool)(sink)

    def stream_zip(
        self,
        *urls: str,
        items: Sequence[MediaItem] | None = None,
        filters: Sequence[Filter] = (),
        resolution: Resolution | None = None,
        live: float | None = None,
        plugin: str | None = None,
        audio: Audio | None = None,
        tell: Callable[[Event], None] | None = None,
        spool: bool = False,
        sized: bool = False,
        start: int = 0,
        stop: int | None = None,
        etag: str | None = None,
        layout: Layout | None = None,
    ) -> ZipStream:
        """Stream everything behind URLs as the bytes of one ZIP, as they arrive.

        tell:   is called with each event of the run, and before that of the one that asks for sizes
        spool:  have every item complete before its entry begins, in temporary files
        sized:  ask for all items before the first byte, for `ZipStream.content_length`
        start, stop: from which byte of the archive on, and before which one to end
        etag:   of the archive in which these count; another one comes whole. None: it is the same
        layout: of the archive, from `ZipStream.layout`: then nothing is looked for

        The others are as in `run`. `ZipStream` says what they cost. Raises `UsageError` as `run`
        does, and for a `start` below 0 or a `stop` not behind it.
        """
        from .zip_stream import Wanted, ZipStream

        options = RunOptions(
            plugin=plugin, filters=tuple(filters), resolution=resolution, live=live, audio=audio
        )
        self._require_ffmpeg(options)
        make_run = self._make_run_maker(options, urls, items)
        wanted = Wanted(start, stop, etag)
        name = layout.filename if layout is not None else f"{_name_archive(urls)}.zip"
        how = (name, make_run, wanted)
        return ZipStream(*how, spool=spool, sized=sized, layout=layout, tell=tell)

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

    def _require_ffmpeg(self, options: RunOptions) -> None:
        """Raise `UsageError` where audio is to be converted and there is no ffmpeg."""
        if options.audio is not None:
            self._engine.ffmpeg.require()

    def _make_run_maker(
        self,
        options: RunOptions,
        urls: Sequence[str],
        items: Sequence[MediaItem] | None,
        pool: Pool | None = None,
    ) -> RunMaker:
        """Return what makes runs over URLs, or over items that are known. Raises as `run_with`."""
        if urls and items is not None:
            raise UsageError("a run is over URLs or over items that are known, not over both")
        named = map(self._registry.filter, options.plugin_filters)
        options = replace(options, filters=(*options.filters, *named), plugin_filters=())
        starts = [self._start(url, options.plugin) for url in urls]

        def make_run(sink: Sink | None, chosen: Sequence[MediaItem] | None = None) -> Run:
            shared = pool or self.make_pool()
            if chosen is not None:
                return Run(self._engine, KnownItems(chosen), (), sink, RunOptions(), shared)
            if items is not None:
                return Run(self._engine, KnownItems(items), (), sink, options, shared)
            finder = self._make_finder(shared.client, options.plugin, sink)
            return Run(self._engine, finder, starts, sink, options, shared)

        return make_run

    def _make_finder(self, client: Client, plugin: str | None, sink: Sink | None = None) -> Finder:
        return Finder(
            client,
            self._registry,
            plugin=plugin,
            max_pages=self._max_pages,
            max_depth=self._max_depth,
            recall=partial(recall, sink) if sink is not None else None,
        )

    def _start(self, url: str, plugin: str | None) -> str:
        start = urls.from_person(url)
        if start is None:
            raise UsageError(describe_bad_url(url))
        if plugin is not None:
            self._registry.choose(start, plugin)  # an unknown name is told at once
        self._client.credentials.trust(start)
        return urls.without_userinfo(start)


def _name_archive(urls: Sequence[str]) -> str:
    """Return a name for an archive of all that is behind these URLs, without extension."""
    from ..disk.names import folder_name_for

    return folder_name_for(urls[0]) if urls else "empty"
