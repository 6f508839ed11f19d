"""One run: find, filter, fetch in parallel, store; told as one stream of events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Self

from ..model.errors import FetchError, PluginError, ReelinError, SinkLost, UsageError
from ..model.events import Event, Failed, Finished, Found, Saved, Skipped, Warned
from ..model.item import MediaItem, replace_fields
from ..model.outcomes import Misjudged, NoSuchFile, Refused
from ..model.resolution import describe_size
from ..model.stored import Stored
from ..plugins.calls import describe
from ..plugins.live_recording import LiveRecording
from ..plugins.sink import Sink
from ..plugins.transfer import Order
from ..transfer.dispatch import Transfers
from .engine import Engine
from .event_stream import EventStream
from .filters import as_audio, judge, largest_size, prefer
from .item_source import ItemSource, Notice
from .options import RunOptions
from .pool import ItemQueue, Pool
from .report import Report, Tally
from .sink_guard import GuardedSink, is_cancelled, store
from .stopping import stop
from .watcher import ItemWatcher

logger = logging.getLogger(__name__)


class Run:
    """A run under way. Enter it to start it, iterate over its events, leave it to stop it.

    Leaving early stops all work at once; what was fetched so far stays resumable. `report` is
    there once `Finished` was told. Made by `Session.run`.
    """

    def __init__(
        self,
        engine: Engine,
        source: ItemSource,
        urls: Sequence[str],
        sink: Sink | None,
        options: RunOptions,
        pool: Pool,
    ) -> None:
        self._source = source
        self._urls = urls
        self._sink = sink
        self._options = options
        # As they are now: what comes later, the finder tells.
        self._warnings = [str(each) for each in engine.registry.problems]
        self._filters = options.filters
        self._live = LiveRecording(options.live) if options.live is not None else None
        self._at_most = largest_size(self._filters)
        self._pool = pool
        self._transfers = Transfers(pool.client, engine.registry, engine.ffmpeg)
        self._stream = EventStream()
        self._tally = Tally()
        self._work: asyncio.Task[None] | None = None
        self._report: Report | None = None

    @property
    def report(self) -> Report:
        """The figures of the run as it ended, or stands: complete once `Finished` was told."""
        return self._report or self._tally.report()

    async def __aenter__(self) -> Self:
        if self._work is not None:
            raise UsageError("a run goes only once; ask the session for another one")
        self._pool.client.require_open()
        self._work = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._work is not None
        await stop([self._work])

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        if self._work is None:
            raise UsageError("a run is entered before its events are read: async with … as run")
        event = await self._stream.next()
        if event is not None:
            return event
        await asyncio.wait([self._work])
        if not self._work.cancelled():
            self._work.result()  # raises what prevented the run
        raise StopAsyncIteration

    def end_recordings(self) -> bool:
        """End the recording of live streams where they are; return whether there were any.

        They are saved like those that were recorded to the end. All else goes on.
        """
        return self._live is not None and self._live.end()

    async def finish(self) -> Report:
        """Read all events to the end; for callers who only want the report."""
        async for _ in self:
            pass
        return self.report

    # The work

    async def _run(self) -> None:
        try:
            for text in self._warnings:
                await self._warn(text)
            if self._sink is not None:
                await self._fetch_all(self._sink)
            else:
                async for _ in self._find_wanted(self._source, self._urls):
                    pass
            await self._tell_finished()
        finally:
            self._stream.end()

    async def _fetch_all(self, sink: Sink) -> None:
        """Start the sink and the workers when there is something for them to do."""
        async with aclosing(self._find_wanted(self._source, self._urls)) as wanted:
            first = await anext(wanted, None)
            if first is None:
                return
            async with GuardedSink(sink) as guarded:
                source = ItemQueue(first, wanted)
                workers = [
                    asyncio.create_task(self._worker(source, sink))
                    for _ in range(self._pool.workers)
                ]
                try:
                    await asyncio.gather(*workers)
                    for item in guarded.take_doubts():
                        await self._fetch(item, sink)
                    full = self._pool.disk.error
                    if full is not None and not self._tally.failures:  # another run filled it
                        await self._fail(full, first.url, first)
                finally:
                    await stop(workers)

    async def _find_wanted(
        self, source: ItemSource, urls: Sequence[str]
    ) -> AsyncGenerator[MediaItem]:
        """Find the items that no filter refuses by what the page says of them."""
        async with aclosing(source.find(urls)) as finds:
            async for found in finds:
                if isinstance(found, Notice):
                    await self._warn(found.text)
                elif isinstance(found, ReelinError):
                    await self._fail(found, found.url)
                elif found.noise is not None:
                    await self._skip(found, "noise", found.noise)
                elif (item := await self._admit(found)) is not None:
                    yield item

    async def _admit(self, found: MediaItem) -> MediaItem | None:
        """Return the item as it is wanted; None for one that a filter refuses, or fails on."""
        self._tally.found += 1
        try:
            item = prefer(await self._prefer_resolution(found), self._filters)
            item = as_audio(item, self._filters, self._options.audio)
            rule, verdict = judge(item, self._filters)
        except PluginError as error:
            await self._fail(error, found.url, found)
            return None
        if verdict.keep is False:
            await self._skip(item, rule, verdict.reason)
            return None
        item = self._tally.take(item)
        await self._stream.tell(Found, item)
        return item

    async def _prefer_resolution(self, item: MediaItem) -> MediaItem:
        """Return the item in the resolution that was asked for, or as near as it is to be had."""
        if self._options.resolution is None:
            return item
        chosen, is_it = self._options.resolution.choose(item)
        if not is_it:
            remark = f"there is no {self._options.resolution}; {describe_size(chosen)} is taken"
            await self._warn(f"{item.url}: {remark}")
        return chosen

    async def _worker(self, source: ItemQueue, sink: Sink) -> None:
        while not self._gave_up and (item := await source.next()) is not None:
            async with self._pool.places:
                await self._fetch(item, sink)

    async def _fetch(self, item: MediaItem, sink: Sink) -> None:
        """Have the sink store one item, and tell how that went."""
        watch = ItemWatcher(item, self._filters, self._stream)
        order = Order(item, self._pool.slots, watch, self._at_most, self._live)
        try:
            async with self._transfers.choose(order) as transfer:
                stored = await store(sink, item, transfer)
        except Misjudged as found:
            await self._fetch_as(replace_fields(item, mime=found.mime), sink)
        except Refused as refusal:
            await self._skip(watch.item, refusal.rule, refusal.reason)
        except SinkLost:
            raise
        except ReelinError as error:
            if not (isinstance(error, NoSuchFile) and await self._find_anew(item, sink)):
                await self._fail(self._pool.disk.judge(error), item.url, watch.item)
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            if is_cancelled(error):
                raise
            logger.debug("sink %s failed", sink.name, exc_info=True)
            what = f"{item.url} into sink {sink.name}: {describe(error)}"
            ours = PluginError(what, url=item.url)
            await self._fail(ours, item.url, watch.item)
        else:
            watch.complete(stored.size)
            for text in watch.warnings:
                await self._warn(f"{item.url}: {text}")
            await self._note_saved(watch.item, stored)

    async def _fetch_as(self, item: MediaItem, sink: Sink) -> None:
        """Have an item stored that turned out to be of another protocol."""
        async for better in self._source.look_into(item):
            if better.protocol == item.protocol:
                problem = f"{item.url}: nothing is known of how to fetch {item.mime}"
                await self._fail(FetchError(problem, url=item.url), item.url, item)
            else:
                await self._fetch(better, sink)

    async def _find_anew(self, item: MediaItem, sink: Sink) -> bool:
        """Look at a URL that was a file in an earlier run; whether it is a page with finds now."""
        source = self._source.begin_anew(item)
        if source is None:
            return False
        async with aclosing(self._find_wanted(source, [item.url])) as wanted:
            async for each in wanted:
                await self._fetch(each, sink)
        if not source.empty:
            await self._skip(item, "page", "it is a page by now, and was read as one")
        return not source.empty

    @property
    def _gave_up(self) -> bool:
        failed = self._options.fail_fast and bool(self._tally.failures)
        return failed or self._pool.disk.error is not None

    # Telling

    async def _note_saved(self, item: MediaItem, stored: Stored) -> None:
        if not stored.new:
            await self._skip(item, "present", f"saved already as {stored.name}", stored)
            return
        self._tally.saved.append(stored)
        self._tally.size += stored.size
        await self._stream.tell(Saved, item, stored)

    async def _skip(
        self, item: MediaItem, rule: str, reason: str, stored: Stored | None = None
    ) -> None:
        self._tally.skipped += 1
        await self._stream.tell(Skipped, item, rule, reason, stored)

    async def _fail(self, error: ReelinError, url: str, item: MediaItem | None = None) -> None:
        status = error.status if isinstance(error, FetchError) else None
        facts = (url, str(error), error.kind, item, error.code, status)
        event = await self._stream.tell(Failed, *facts)
        self._tally.failures.append(event)

    async def _warn(self, text: str) -> None:
        await self._stream.tell(Warned, text)

    async def _tell_finished(self) -> None:
        report = self._report = self._tally.report(self._source.empty)
        await self._stream.tell(
            Finished,
            report.found,
            len(report.saved),
            report.skipped,
            len(report.failures),
            report.size,
            report.seconds,
        )
