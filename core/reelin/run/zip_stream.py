"""A ZIP as an asynchronous iterator of bytes, for the response of a web server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from typing import Protocol, Self

from ..archive.layout import Layout, Sizes, describe_failure
from ..archive.outlet import Pipe
from ..archive.wanted import ArchiveAnswer, ArchiveBody
from ..archive.wanted import Wanted as Wanted
from ..archive.zip_archive import ZipArchive
from ..model.errors import ExtractError, FetchError, UsageError
from ..model.events import Event
from ..model.item import MediaItem
from ..model.stored import Stored
from ..plugins.sink import Sink
from ..plugins.transfer import Transfer
from .report import Report, Tally
from .run import Run
from .stopping import stop


class RunMaker(Protocol):
    """Makes runs into sinks: over what is behind URLs, or over items that are known."""

    def __call__(self, sink: Sink | None, chosen: Sequence[MediaItem] | None = None) -> Run:
        """Return a new run; over `chosen`, which no filter has to look at any more."""
        ...


class ArchiveSink(Sink):
    """Stores items as the entries of an archive."""

    name = "zip"

    def __init__(self, archive: ZipArchive) -> None:
        self.archive = archive

    async def __aenter__(self) -> Self:
        await self.archive.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.archive.__aexit__(*exc)

    async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
        """Store one item as the next entry."""
        return await self.archive.store(item, transfer)


class ZipStream(ArchiveBody):
    """The bytes of a ZIP, made while they are read. Iterate over it once.

        async with session.stream_zip(url) as archive:
            … = archive.filename, archive.headers
            async for chunk in archive:
                ...

    Whoever does not read it to the end closes it, by `async with` or `aclose()`: that stops all
    fetching. An iteration that is left closes it too.

    filename: a name for the archive, safe on every system
    start:    the byte it begins with, once it is open
    stop:     the byte before which it ends then; None: at the end of the archive

    Where its size is wanted, or a part of it, all items are asked for before the first byte: each
    is asked for twice then, and one that fails or changes in between ends the archive. With the
    layout of the archive nothing is looked for; items whose checksum it has not, and which lie
    before `start`, are fetched for that.
    """

    def __init__(
        self,
        filename: str,
        make_run: RunMaker,
        wanted: Wanted,
        *,
        spool: bool,
        sized: bool,
        layout: Layout | None,
        tell: Callable[[Event], None] | None = None,
    ) -> None:
        wanted.check()
        self.filename = filename
        self.start, self.stop, self._etag = wanted
        self._make_run = make_run
        self._spool = spool
        self._is_sized = layout is None and (sized or any(wanted))
        self._layout = layout
        self._tell = tell
        self._tag = ""  # the layout's: it takes a moment to be worked out
        self._pipe = Pipe()
        self._archive: ZipArchive | None = None
        self._run: Run | None = None
        self._before = Tally().report()  # of the run that asked for sizes
        self._is_over = False  # read, or closed
        self._work: asyncio.Task[None] | None = None

    @property
    def layout(self) -> Layout | None:
        """The layout of all that it holds, with the checksums known by now, once it is open.

        None where that is not known before its end. With it `Session.stream_zip` goes on at any
        byte, also while this one is still being read.
        """
        archived = self._archive.layout if self._archive is not None else None
        return archived or self._layout

    @property
    def report(self) -> Report:
        """The figures of the run as it ended, or stands."""
        report = self._run.report if self._run is not None else Tally().report()
        failures, empty = self._before.failures + report.failures, self._before.empty
        return replace(report, failures=failures, empty=empty + report.empty)

    @property
    def _answer(self) -> ArchiveAnswer:
        length = self._layout.length if self._layout is not None else None
        return ArchiveAnswer(self.filename, self.start, self.stop, length, self._tag)

    async def open(self) -> None:
        """Wait until the first bytes are there.

        Raises what prevents the archive, and `FetchError` or `ExtractError` when there is nothing
        to be had: in time for another answer than 200. All work has stopped then.
        """
        try:
            await self._open()
        except Exception:
            await self.aclose()
            raise

    async def _open(self) -> None:
        if self._work is None:
            self._work = asyncio.create_task(self._follow())
        await self._pipe.wait()
        if self._work.done():
            await self._work  # raises what went wrong
        report = self.report
        if report.found or self.status == 416:
            return
        for failed in report.failures:
            raise FetchError(failed.error, url=failed.url)
        raise ExtractError("nothing was found that could be archived")

    async def aclose(self) -> None:
        """Stop all work."""
        self._is_over = True
        try:
            if self._work is not None:
                await stop([self._work])
        finally:
            self._pipe.close()

    async def __aenter__(self) -> Self:
        try:
            await self.open()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        if self._is_over:
            raise UsageError("this archive was read or closed; ask the session for another one")
        self._is_over = True
        try:
            await self.open()
            left = self.content_length if self.stop else None
            while left != 0 and (chunk := await self._pipe.read()):
                if left is not None:
                    chunk = chunk[:left]
                    left -= len(chunk)
                yield chunk
            if left is None:
                assert self._work is not None
                await self._work
        finally:
            await self.aclose()

    async def _follow(self) -> None:
        try:
            await self._settle()
            if self.status != 416:
                await self._fill()
        finally:
            self._pipe.end()

    async def _settle(self) -> None:
        """Find out what there is to be read, and from where."""
        if self._is_sized:
            await self._ask_for_sizes()
        if self._layout is not None:
            self._tag = self._layout.etag
        if self._etag not in (None, self._tag):
            self.start, self.stop = 0, None
        if self._layout is None and (self.start or self.stop):
            raise FetchError("what the archive will hold is not known, so that it cannot go on")

    async def _ask_for_sizes(self) -> None:
        """Learn the layout, by a run that fetches nothing; none where a size is not to be had."""
        sizes = Sizes()
        async with self._make_run(sizes) as run:
            async for event in run:
                if self._tell is not None:
                    self._tell(event)
                if not sizes.are_known:
                    return
        failures = run.report.failures
        failed = [describe_failure(each.url, each.error) for each in failures if each.item]
        layout = sizes.make_layout(self.filename, failed)
        if layout.entries:
            self._layout, self._before = layout, run.report

    async def _fill(self) -> None:
        """Write the archive, from the byte on that is wanted."""
        layout = self._layout
        items = [each.item for each in layout.entries] if layout is not None else None
        archive = ZipArchive(self._pipe, spool=self._spool, layout=layout, start=self.start)
        self._archive = archive
        self._run = self._make_run(ArchiveSink(archive), items)
        async with self._run as run:
            async for event in run:
                if self._tell is not None:
                    self._tell(event)
