"""Entries in their order, and how much of those whose turn has not come waits in memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from ..disk.batch import Batch
from ..plugins.transfer import Transfer
from .layout import Planned
from .thread import Begin, Job

MOST_HELD = 16 << 20  # bytes of all entries in memory, apart from what the first one needs: with
# what the connections of 16 workers hold besides, a process then stays below 140 MiB
SMALL = 8 << 20  # bytes up to which a body is in memory, and whole, before its entry begins
PATIENCE_SECONDS = 5.0  # of waiting for memory, after which the network is left to others
_READ = 1 << 20
_USUAL = 256 << 10  # bytes of a chunk


class QueuedEntry:
    """An item on its way into the archive.

    task:     fetches it
    is_whole: whether all its bytes are here
    streams:  whether it may begin before they are
    spooled:  a temporary file with the bytes that are not in `batch`
    size:     bytes of the body that came, or of what is needed of it
    promise:  what it will be, where that is settled; `place`: which of a layout's it is then
    begin:    how it has begun
    held:     bytes in memory, also those that the thread has not written yet
    written:  is done when all is written
    """

    def __init__(self, task: asyncio.Task[object] | None) -> None:
        self.task = task
        self.size = 0
        self.held = 0
        self.is_whole = False
        self.streams = False
        self.promise: Planned | None = None
        self.place = 0
        self.begin: Begin | None = None
        self.batch = Batch()
        self.spooled: BinaryIO | None = None
        self.waiter: asyncio.Future[None] | None = None
        self.written: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class EntryQueue:
    """The entries that are not written yet, the first in front.

    begin: says how an entry begins; asked when its turn has come
    put:   takes the next job for the thread
    """

    def __init__(
        self, begin: Callable[[QueuedEntry], Begin], put: Callable[[Job[QueuedEntry]], None]
    ) -> None:
        self._begin = begin
        self._put = put
        self._coming: deque[QueuedEntry] = deque()
        self._going: deque[QueuedEntry] = deque()  # with the thread, all of it
        self._held = 0

    @property
    def first(self) -> QueuedEntry | None:
        """The entry that all others wait for."""
        line = self._going or self._coming
        return line[0] if line else None

    def join(self) -> QueuedEntry:
        """Return a new entry, at the end."""
        entry = QueuedEntry(asyncio.current_task())
        self._coming.append(entry)
        return entry

    def leave(self, entry: QueuedEntry) -> None:
        """Give up a place, and all that is held there."""
        if entry in self._coming:
            self._coming.remove(entry)
            self.drop(entry)
            self.advance()

    def drop(self, entry: QueuedEntry) -> None:
        """Forget the bytes that came so far."""
        self._release(entry, entry.batch.size)
        entry.batch, entry.size, entry.is_whole = Batch(), 0, False
        if entry.spooled is not None:
            entry.spooled.close()
            entry.spooled = None
        self._wake()

    def add(self, entry: QueuedEntry, chunk: bytes) -> None:
        """Add further bytes of an entry."""
        entry.batch.add(chunk)
        entry.size += len(chunk)
        entry.held += len(chunk)
        self._held += len(chunk)
        if entry.streams and entry.batch.is_due and entry is self._coming[0]:
            self._hand_over(entry, ends=False)

    def take(self, entry: QueuedEntry) -> list[bytes]:
        """Take what an entry holds, to put it elsewhere."""
        self._release(entry, entry.batch.size)
        return entry.batch.take()

    def finish(self, entry: QueuedEntry) -> None:
        """Note that all bytes of an entry are here."""
        entry.is_whole = True
        self.advance()

    def close(self, begin: Begin, body: bytes) -> None:
        """Have a last entry of our own written."""
        entry = QueuedEntry(None)
        self._going.append(entry)
        self._put(Job(entry, [body], 0, begin, ends=True))

    async def wait_for_room(self, entry: QueuedEntry, transfer: Transfer) -> None:
        """Wait until more of an entry may be read. When that takes long, others have the network:
        the first entry may need what it would keep."""
        while not self._has_room(entry, self._held):
            entry.waiter = asyncio.get_running_loop().create_future()
            done, _ = await asyncio.wait([entry.waiter], timeout=PATIENCE_SECONDS)
            if not done:
                if entry.begin is None:
                    entry.streams = False  # not before it turns out whether it restarts
                transfer.pause(restarts=entry.begin is None)
                await entry.waiter

    def note_done(self, jobs: Iterable[Job[QueuedEntry]]) -> None:
        """Note that the thread has done these jobs."""
        for job in jobs:
            self._release(job.owner, job.size)
            if job.ends:
                self._going.popleft()
                if not job.owner.written.done():
                    job.owner.written.set_result(None)
        self._wake()

    def advance(self) -> None:
        """Hand over what can be handed over in order."""
        while self._coming and self._coming[0].is_whole:
            entry = self._coming.popleft()
            self._going.append(entry)
            self._hand_over(entry, ends=True)
        if self._coming and self._coming[0].streams and self._coming[0].batch.size:
            self._hand_over(self._coming[0], ends=False)
        self._wake()

    def _hand_over(self, entry: QueuedEntry, *, ends: bool) -> None:
        begin = None
        if entry.begin is None:
            begin = entry.begin = self._begin(entry)
        size = entry.batch.size
        pieces: Iterable[bytes] = entry.batch.take()
        if entry.spooled is not None:
            pieces = _read(entry.spooled, pieces)
        self._put(Job(entry, pieces, size, begin, ends))

    def _release(self, entry: QueuedEntry, size: int) -> None:
        entry.held -= size
        self._held -= size

    def _has_room(self, entry: QueuedEntry, held: int) -> bool:
        if held < MOST_HELD:
            return True
        return entry is self.first and (entry.held <= SMALL or not entry.streams)

    def _wake(self) -> None:
        """Let go on whoever has room now, in order."""
        held = self._held
        for entry in self._coming:
            waiter = entry.waiter
            if waiter is not None and not waiter.done() and self._has_room(entry, held):
                waiter.set_result(None)
                held += _USUAL


def _read(file: BinaryIO, rest: Iterable[bytes]) -> Iterator[bytes]:
    """Give the bytes of a temporary file and those behind them. It is gone afterwards."""
    with file:
        file.seek(0)
        while piece := file.read(_READ):
            yield piece
    yield from rest
