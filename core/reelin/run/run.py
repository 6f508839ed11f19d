"""One run: find, filter, fetch in parallel, store; told as one stream of events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Self

from ..media.ffmpeg import Ffmpeg
from ..model.errors import FetchError, PluginError, ReelinError, SinkLost, UsageError
from ..model.events import Event, Failed, Finished, Found, Saved, Skipped, Warned
from ..model.item import Audio, MediaItem, Stored, changed
from ..model.media_types import STREAMS
from ..model.outcomes import Misjudged, Refused
from ..model.resolution import Resolution
from ..net.client import Client
from ..plugins.blame import fault, shown, told
from ..plugins.filter import Filter
from ..plugins.live_recording import Recording
from ..plugins.registry import Registry
from ..plugins.sink import Sink
from ..plugins.transfer import Order, Transfer, Watcher
from ..transfer.convert.covers import Covers
from ..transfer.http.resource import HttpTransfer
from .event_stream import EventStream
from .filters import Size, judge, prefer, sound_of
from .finder import Notice
from .report import Report, Tally
from .sink_guard import Entered, is_cancelled, receipt
from .source import Source
from .stopping import stop
from .watcher import Watch

logger = logging.getLogger(__name__)


class Run:
    """A run under way. Enter it to start it, iterate over its events, leave it to stop it.

    Leaving early stops all work at once; what was fetched so far stays resumable. `report` is
    there once `Finished` was told. Made by `Session.run`.
    """

    def __init__(
        self,
        finder: Source,
        client: Client,
        registry: Registry,
        urls: Sequence[str],
        *,
        sink: Sink | None,
        filters: Sequence[Filter],
        resolution: Resolution | None,
        live: float | None,
        workers: int,
        waiting: int,
        fail_fast: bool,
        warnings: Sequence[str],
        audio: Audio | None,
        ffmpeg: Ffmpeg,
    ) -> None:
        self._finder = finder
        self._client = client
        self._registry = registry
        self._urls = urls
        self._sink = sink
        self._filters = tuple(filters)
        self._resolution = resolution
        self._recording = Recording(live) if live is not None else None
        self._at_most = min(
            (each.most for each in filters if isinstance(each, Size) and each.most is not None),
            default=None,
        )
        self._slots = asyncio.Semaphore(workers)
        self._writers = workers + waiting
        self._fail_fast = fail_fast
        self._warnings = warnings
        self._audio = audio
        self._ffmpeg = ffmpeg
        self._covers = Covers(client)
        self._stream = EventStream()
        self._tally = Tally()
        self._work: asyncio.Task[None] | None = None
        self._report: Report | None = None

    @property
    def report(self) -> Report:
        """How the run ended, or stands: complete once `Finished` was told."""
        return self._report or self._tally.report()

    async def __aenter__(self) -> Self:
        if self._work is not None:
            raise UsageError("a run goes only once; ask the session for another one")
        self._client.require_open()
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
        """Have live streams that are being recorded end where they are; whether there are any.

        They are saved like those that were recorded to the end. All else goes on.
        """
        return self._recording is not None and self._recording.end()

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
            await (self._find_only() if self._sink is None else self._fetch_all(self._sink))
            await self._tell_finished()
        finally:
            self._stream.end()

    async def _find_only(self) -> None:
        async for _ in self._wanted():
            pass

    async def _fetch_all(self, sink: Sink) -> None:
        """Start the sink and the workers when there is something for them to do."""
        async with aclosing(self._wanted()) as wanted:
            first = await anext(wanted, None)
            if first is None:
                return
            async with Entered(sink):
                source = _Queue(first, wanted)
                workers = [
                    asyncio.create_task(self._worker(source, sink)) for _ in range(self._writers)
                ]
                try:
                    await asyncio.gather(*workers)
                finally:
                    await stop(workers)

    async def _wanted(self) -> AsyncGenerator[MediaItem]:
        """The items that no filter refuses by what the page says of them."""
        async with aclosing(self._finder.find(self._urls)) as finds:
            async for found in finds:
                if isinstance(found, Notice):
                    await self._warn(found.text)
                elif isinstance(found, ReelinError):
                    await self._fail(found, found.url)
                elif found.noise is not None:
                    await self._stream.tell(Skipped, found, "noise", found.noise)
                elif (item := await self._admitted(found)) is not None:
                    yield item

    async def _admitted(self, found: MediaItem) -> MediaItem | None:
        """The item as it is wanted; None for one that a filter refuses, or fails on."""
        self._tally.found += 1
        try:
            item = self._wished(prefer(await self._resolved(found), self._filters))
            rule, verdict = judge(item, self._filters)
        except PluginError as error:
            await self._fail(error, found.url, found)
            return None
        if verdict.keep is False:
            await self._skip(item, rule, verdict.reason)
            return None
        await self._stream.tell(Found, item)
        return item

    async def _resolved(self, item: MediaItem) -> MediaItem:
        """The item in the resolution that was asked for, or as near as it is to be had."""
        if self._resolution is None:
            return item
        chosen, is_it = self._resolution.choose(item)
        if not is_it:
            has = f"{chosen.width}x{chosen.height}" if chosen.width else f"{chosen.height}p"
            await self._warn(f"{item.url}: there is no {self._resolution}; {has} is taken")
        return chosen

    def _wished(self, item: MediaItem) -> MediaItem:
        """The item as sound of the kind that the run is to bring, if it can be that."""
        if self._audio is None or item.audio or item.type not in (None, "audio", "video"):
            return item
        return changed(sound_of(item, self._filters), audio=self._audio)

    async def _worker(self, source: _Queue, sink: Sink) -> None:
        while not self._gave_up and (item := await source.next()) is not None:
            await self._fetch(item, sink)

    async def _fetch(self, item: MediaItem, sink: Sink) -> None:
        """Have the sink store one item, and tell how that went."""
        watch = Watch(item, self._filters, self._stream)
        try:
            async with self._transfer(item, watch) as transfer:
                stored = receipt(await sink.write(item, transfer))
        except Misjudged as found:
            await self._fetch_as(changed(item, mime=found.mime), sink)
        except Refused as refusal:
            await self._skip(watch.item, refusal.rule, refusal.reason)
        except SinkLost:
            raise
        except ReelinError as error:
            await self._fail(error, item.url, watch.item)
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            if is_cancelled(error):
                raise
            logger.debug("sink %s failed", sink.name, exc_info=True)
            what = f"{item.url} into sink {sink.name}: {told(error)}"
            ours = PluginError(what, url=item.url)
            await self._fail(ours, item.url, watch.item)
        else:
            await self._saved(watch.item, stored)

    async def _fetch_as(self, item: MediaItem, sink: Sink) -> None:
        """Have an item stored that turned out to be of another protocol."""
        async for better in self._finder.looked_into(item):
            if better.protocol == item.protocol:
                problem = f"{item.url}: nothing is known of how to fetch {item.mime}"
                await self._fail(FetchError(problem, url=item.url), item.url, item)
            else:
                await self._fetch(better, sink)

    def _transfer(self, item: MediaItem, watch: Watcher) -> Transfer:
        order = Order(item, self._slots, watch, self._at_most, self._recording)
        try:
            extractor = self._registry.get(item.extractor)
            own = extractor.transfer(order) if extractor is not None else None
        except (Exception, SystemExit) as error:
            raise fault(item.extractor, item.url, told(error)) from error
        if not isinstance(own, Transfer | None):
            what = f"transfer() returned {shown(own)}, and not a Transfer or None"
            raise fault(item.extractor, item.url, what)
        transfer = own or self._by_protocol(order)
        if item.audio is None:
            return transfer
        self._ffmpeg.require()
        from ..transfer.convert.transcoded import Transcoded

        return Transcoded(order, transfer, item.audio, self._ffmpeg, self._covers)

    def _by_protocol(self, order: Order) -> Transfer:
        item = order.item
        if item.protocol == "hls":
            from ..transfer.hls.stream import HlsTransfer  # costs a sixth of the start, and is rare

            return HlsTransfer(order, self._client, self._ffmpeg)
        if item.protocol == "http" and (item.format is None or item.mime in STREAMS):
            return HttpTransfer(order, self._client)
        what = f"it has no transfer for {item.format or item.protocol!r}"
        raise fault(item.extractor, item.url, what)

    @property
    def _gave_up(self) -> bool:
        return self._fail_fast and bool(self._tally.failures)

    # Telling

    async def _saved(self, item: MediaItem, stored: Stored) -> None:
        if not stored.new:
            await self._skip(item, "present", f"saved already as {stored.name}")
            return
        self._tally.saved.append(stored)
        self._tally.size += stored.size
        await self._stream.tell(Saved, item, stored)

    async def _skip(self, item: MediaItem, rule: str, reason: str) -> None:
        self._tally.skipped += 1
        await self._stream.tell(Skipped, item, rule, reason)

    async def _fail(self, error: ReelinError, url: str, item: MediaItem | None = None) -> None:
        event = await self._stream.tell(Failed, url, str(error), error.kind, item)
        self._tally.failures.append(event)

    async def _warn(self, text: str) -> None:
        await self._stream.tell(Warned, text)

    async def _tell_finished(self) -> None:
        report = self._report = self._tally.report()
        await self._stream.tell(
            Finished,
            report.found,
            len(report.saved),
            report.skipped,
            len(report.failures),
            report.size,
            report.seconds,
        )


class _Queue:
    """The items of a run for many workers: found when one is free, so never far ahead of them."""

    def __init__(self, first: MediaItem, wanted: AsyncGenerator[MediaItem]) -> None:
        self._first: MediaItem | None = first
        self._wanted = wanted
        self._turn = asyncio.Lock()

    async def next(self) -> MediaItem | None:
        """The next item, None when there are no more."""
        async with self._turn:
            item, self._first = self._first, None
            return item or await anext(self._wanted, None)
