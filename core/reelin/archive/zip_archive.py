"""An archive that several workers fill: complete in the end, or visibly broken."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import BinaryIO, Self, cast

from ..disk.names import Names, name_for
from ..disk.writer import disk_error
from ..model.errors import ReelinError, SinkError, SinkLost
from ..model.item import MediaItem
from ..model.outcomes import Damaged, Restarted
from ..model.stored import Stored
from ..plugins.transfer import Transfer
from .layout import FAILED, UNDATED, Layout, Planned, describe_failure, format_failures
from .outlet import Outlet
from .promises import Promises
from .queue import SMALL, EntryQueue, QueuedEntry
from .thread import Begin, Job, ZipThread


def _open_temporary_file() -> BinaryIO:
    return cast(BinaryIO, TemporaryFile(prefix="reelin-"))


class ZipArchive:
    """Entries in the order in which `store` is called for them; bodies are read ahead.

    A body of up to 8 MiB is whole before its entry begins, so that its failure costs the archive
    nothing. A longer one is passed on as it comes; should it fail for good, so does the archive.

    spool:    have every body whole before its entry begins, in temporary files
    template: entry names as `{title}.{ext}`; None: the best name that is known
    layout:   what the archive will hold to the byte: its items come in that order, and none of
              them may be left out
    start:    bytes of that archive that whoever reads has already: they are not written
    """

    def __init__(
        self,
        outlet: Outlet,
        *,
        spool: bool = False,
        template: str | None = None,
        layout: Layout | None = None,
        start: int = 0,
    ) -> None:
        self._outlet = outlet
        self._spool = spool
        self._template = template
        self._names = Names([FAILED])
        self._start = start
        self._failures = list(layout.failed) if layout else []
        self._promises = Promises(layout, start) if layout else None
        self._lost: SinkLost | None = None
        self._items: dict[QueuedEntry, tuple[MediaItem, Transfer]] = {}

    async def __aenter__(self) -> Self:
        """Get ready. Raises `SinkError`."""
        try:
            self._outlet.open()
        except OSError as error:
            raise disk_error(error) from None
        self._opened = datetime.now(UTC)
        self._thread = ZipThread[QueuedEntry](
            self._outlet,
            self._note_done,
            self._give_up_all,
            start=self._start,
            checks=self._promises.checks if self._promises else None,
        )
        self._queue = EntryQueue(self._begin, self._thread.put)
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Complete the archive, unless an error leads out of here. Raises `SinkLost`."""
        ended_well = exc[0] is None
        if ended_well and self._promises is not None and self._lost is None:
            try:
                self._promises.require_kept()
            except SinkLost as lost:
                self._lost = lost
        if ended_well and self._lost is None:
            await self._complete()
        else:
            await self._thread.abandon()
        if ended_well and self._lost is not None:
            raise self._lost

    @property
    def layout(self) -> Layout | None:
        """Its layout, where that is settled, with the checksums that are known by now."""
        return self._promises.layout if self._promises is not None else None

    async def store(self, item: MediaItem, transfer: Transfer) -> Stored:
        """Fetch one item and write it in its turn. Raises `SinkLost` when the archive is lost."""
        if self._lost is not None:
            raise self._lost
        place, promise = self._take_promise(item)
        entry = self._queue.join()
        entry.place, entry.promise = place, promise
        self._items[entry] = item, transfer
        try:
            if entry.promise is None:
                await transfer.open()
                await self._fetch(entry, transfer)
            elif not entry.promise.begin.is_passed:
                await entry.promise.open(transfer)
                await self._fetch(entry, transfer)
            self._queue.finish(entry)
            await entry.written
        except asyncio.CancelledError:
            self._give_up(entry)
            self._raise_if_lost()
            raise
        except BaseException as error:
            self._fail(entry, item, error)
            raise
        finally:
            del self._items[entry]
        assert entry.begin is not None
        if transfer.loss and self._promises is None:  # a layout has no room for further words
            words = f"{transfer.loss}; the rest is saved as {entry.begin.name}"
            self._failures.append(describe_failure(item.url, words))
        return Stored(entry.begin.name, entry.begin.offset + entry.size)

    def _take_promise(self, item: MediaItem) -> tuple[int, Planned | None]:
        """Return an item's place in the layout, and what that says of it. Raises `SinkLost`."""
        if self._promises is None:
            return 0, None
        try:
            return self._promises.keep(item)
        except SinkLost as lost:
            self._lost = lost
            raise

    # A body

    async def _fetch(self, entry: QueuedEntry, transfer: Transfer) -> None:
        while True:
            try:
                await self._read(entry, transfer)
                break
            except Restarted:
                if entry.begin is not None:
                    raise
                self._queue.drop(entry)
        if entry.promise is not None:
            entry.promise.check(transfer, entry.promise.begin.offset + entry.size)
        await transfer.admit_whole(entry.size)
        transfer.leave_slot()

    async def _read(self, entry: QueuedEntry, transfer: Transfer) -> None:
        async with aclosing(transfer.chunks()) as chunks:
            async for chunk in chunks:
                if entry.promise is not None:  # before anything of another version is passed on
                    entry.promise.check(transfer, transfer.head.size)
                entry.streams = self._may_stream(transfer, entry.size + len(chunk))
                self._queue.add(entry, chunk)
                transfer.refuse_beyond_bound(entry.size)
                transfer.tell(entry.size, transfer.head.size)
                if entry.size > SMALL and not entry.streams and entry.batch.is_due:
                    await self._spool_some(entry)
                await self._queue.wait_for_room(entry, transfer)

    def _may_stream(self, transfer: Transfer, here: int) -> bool:
        """Whether a body may be passed on before all of it is here."""
        return not self._spool and transfer.is_sure and (transfer.head.size or here) > SMALL

    async def _spool_some(self, entry: QueuedEntry) -> None:
        """Put what is here of an entry into a temporary file. Raises `SinkError`."""
        try:
            file = entry.spooled
            if file is None:
                file = await asyncio.to_thread(_open_temporary_file)
                entry.spooled = file
            await asyncio.to_thread(file.writelines, self._queue.take(entry))
        except OSError as error:
            raise disk_error(error) from error

    def _begin(self, entry: QueuedEntry) -> Begin:
        if entry.promise is not None:
            return entry.promise.begin
        item, transfer = self._items[entry]
        head = transfer.head
        name = self._names.reserve(name_for(item, head, self._template))
        return Begin(
            name,
            item.date or head.date or self._opened,
            entry.size if entry.is_whole else head.size,
        )

    # Ends

    async def _complete(self) -> None:
        if self._failures:
            body = format_failures(self._failures)
            date = self._opened if self._promises is None else UNDATED
            self._queue.close(Begin(FAILED, date, len(body)), body)
        try:
            await self._thread.finish()
        except Exception:
            await self._thread.abandon()
            if self._lost is None:
                raise
        except asyncio.CancelledError:
            await self._thread.abandon()
            raise

    def _give_up(self, entry: QueuedEntry) -> None:
        """Have nothing of an entry written, or nothing further of all, if that would show."""
        if entry.begin is not None or entry.promise is not None:
            self._thread.stop()
        self._queue.leave(entry)

    def _fail(self, entry: QueuedEntry, item: MediaItem, error: BaseException) -> None:
        """Leave an item out, or raise `SinkLost` where it takes the archive with it."""
        self._give_up(entry)
        if self._promises is not None and isinstance(error, Damaged):
            self._promises.checks.forget(entry.place)
        if entry.begin is None and entry.promise is None:
            if isinstance(error, ReelinError):
                self._failures.append(describe_failure(item.url, error))
            return
        if self._lost is None:
            self._lost = SinkLost(f"the archive is broken off: {error}", url=item.url)
        raise self._lost from error

    def _note_done(self, jobs: Sequence[Job[QueuedEntry]]) -> None:
        self._queue.note_done(jobs)

    def _give_up_all(self, error: Exception) -> None:
        """The thread can write no further: have the run end, whatever it waits for."""
        if isinstance(error, ReelinError):
            self._lost = SinkLost(f"the archive is broken off: {error}")
        else:
            ours = disk_error(error) if isinstance(error, OSError) else SinkError(repr(error))
            self._lost = SinkLost(f"the archive cannot be written: {ours}")
        self._lost.__cause__ = error
        if self._queue.first is not None and self._queue.first.task is not None:
            self._queue.first.task.cancel()

    def _raise_if_lost(self) -> None:
        """Raise what the archive was lost by, where that is why this task was cancelled."""
        task = asyncio.current_task()
        if self._lost is not None and task is not None and task.uncancel() == 0:
            raise self._lost
