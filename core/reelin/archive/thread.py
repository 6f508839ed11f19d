"""The thread that makes the bytes of a ZIP: zipstream-ng, fed by jobs, into an outlet."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from ..model import daemon
from .checksums import NOTHING, Check, Checks, Follower
from .format import pack_date, put_checksum, put_date, put_date_and_checksum
from .outlet import Outlet

O = TypeVar("O")  # noqa: E741
_LOT = 1 << 20  # bytes that are written together
_ZEROS = bytes(1 << 20)


@dataclass(frozen=True, slots=True)
class Begin:
    """The beginning of an entry.

    size:   bytes, None: not known, so that it is made for the largest
    passed: how much of its body whoever reads has already; None where he may lack its header
    """

    name: str
    date: datetime
    size: int | None
    passed: Check | None = None

    @property
    def offset(self) -> int:
        """The first byte of its body that is needed."""
        return self.passed[0] if self.passed is not None else 0

    @property
    def is_passed(self) -> bool:
        """Whether nothing of its body is needed any more."""
        return self.passed is not None and self.passed[0] == self.size


@dataclass(frozen=True, slots=True)
class Job(Generic[O]):
    """The next bytes of an entry: from its beginning, to its end, or both.

    owner: whose they are; `size`: of what he holds in memory until it is done
    """

    owner: O
    pieces: Iterable[bytes]
    size: int
    begin: Begin | None
    ends: bool


class _Abandoned(Exception):
    pass


@dataclass(slots=True)
class _EntryRecord:
    """The facts that the directory must have of an entry: its date, and `follower`'s CRC-32."""

    date: bytes
    follower: Follower | None
    is_whole: bool = False


class ZipThread(Generic[O]):
    """Writes one archive.

    done:   is called in the event loop with all jobs that were done meanwhile
    failed: is called there when the outlet refuses
    start:  bytes of the archive that whoever reads has already: they are made, but not written
    checks: where the checksums of its entries are noted, and are to be had
    """

    def __init__(
        self,
        outlet: Outlet,
        done: Callable[[list[Job[O]]], None],
        failed: Callable[[Exception], None],
        *,
        start: int = 0,
        checks: Checks | None = None,
    ) -> None:
        self._outlet = outlet
        self._done = done
        self._failed = failed
        self._behind = start
        self._checks = checks
        self._loop = asyncio.get_running_loop()
        self._jobs: SimpleQueue[Job[O] | None] = SimpleQueue()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._done_jobs: deque[Job[O]] = deque()
        self._is_telling = False
        self._is_abandoned = False
        self._pieces: list[bytes] = []
        self._size = 0
        # A daemon: nothing can be done about a write to somebody who does not read.
        daemon.start(self._run, "reelin-zip")

    def put(self, job: Job[O]) -> None:
        """Have a job done after those before it."""
        self._jobs.put(job)

    async def finish(self) -> None:
        """Write the central directory once all is done. Raises what went wrong with it."""
        self._jobs.put(None)
        await asyncio.shield(self._ended)

    def stop(self) -> None:
        """Write nothing further."""
        self._is_abandoned = True
        self._jobs.put(None)

    async def abandon(self) -> None:
        """Leave the archive unfinished; what there is of a file goes."""
        self.stop()
        if self._outlet.waits_long:
            self._outlet.abandon()
            self._ended.cancel()
            return
        with suppress(Exception):
            await asyncio.shield(self._ended)
        self._outlet.abandon()

    # In the thread

    def _run(self) -> None:
        error: Exception | None = None
        try:
            self._write_all()
        except _Abandoned:
            pass
        except Exception as caught:
            error = caught
        daemon.tell(self._loop, partial(self._end, error))

    def _write_all(self) -> None:
        from zipstream import ZipStream

        archive = ZipStream()
        entries: list[_EntryRecord] = []
        while (job := self._take_job()) is not None:
            begin = job.begin
            assert begin is not None
            follower = None
            if self._checks is not None:
                passed = begin.passed or NOTHING
                follower = self._checks.follow(len(entries), begin.name, passed)
            entry = _EntryRecord(pack_date(begin.date), follower)
            entries.append(entry)
            archive.add(self._feed_body(job, entry), begin.name, size=begin.size)
            self._write_entry(archive.file(), entry)
        self._write_directory(archive.footer(), entries)
        self._flush()
        self._outlet.finish()

    def _feed_body(self, job: Job[O], entry: _EntryRecord) -> Iterator[bytes]:
        """Give the bytes of an entry, as its jobs come; zeros for those that nobody needs."""
        if job.begin is not None:
            yield from self._feed_zeros(job.begin.offset)
        while True:
            for piece in job.pieces:
                if self._is_abandoned:
                    raise _Abandoned
                if entry.follower is not None:
                    entry.follower.add(piece)
                yield piece
            self._tell(job)
            if job.ends:
                break
            following = self._take_job()
            if following is None:
                raise _Abandoned
            job = following
        entry.is_whole = True
        if entry.follower is not None:
            entry.follower.note()

    def _feed_zeros(self, size: int) -> Iterator[bytes]:
        while size > 0:
            if self._is_abandoned:
                raise _Abandoned
            yield _ZEROS[:size]
            size -= len(_ZEROS)

    def _take_job(self) -> Job[O] | None:
        """Return the next job; None: there are no more. What was made waits for none."""
        try:
            job = self._jobs.get_nowait()
        except Empty:
            self._flush()
            job = self._jobs.get()
        if self._is_abandoned:
            raise _Abandoned
        return job

    def _write_entry(self, pieces: Iterator[bytes], entry: _EntryRecord) -> None:
        self._write(put_date(next(pieces), entry.date))
        for piece in pieces:
            if entry.is_whole and entry.follower is not None:  # then only the descriptor is left
                piece = put_checksum(piece, entry.follower.crc)
            self._write(piece)

    def _write_directory(self, pieces: Iterator[bytes], entries: Iterable[_EntryRecord]) -> None:
        for each in entries:
            crc = each.follower.crc if each.follower is not None else None
            self._write(put_date_and_checksum(next(pieces), each.date, crc))
        for piece in pieces:
            self._write(piece)

    def _write(self, piece: bytes) -> None:
        if self._behind:
            piece, self._behind = piece[self._behind :], max(0, self._behind - len(piece))
            if not piece:
                return
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size >= _LOT:
            self._flush()

    def _flush(self) -> None:
        if self._size:
            pieces, self._pieces, self._size = self._pieces, [], 0
            self._outlet.write(pieces)

    def _tell(self, job: Job[O]) -> None:
        """Tell the loop of a job that is done; once for all that are done before it looks."""
        self._done_jobs.append(job)
        if not self._is_telling:
            self._is_telling = True
            if not daemon.tell(self._loop, self._tell_done):
                raise _Abandoned

    # In the loop

    def _tell_done(self) -> None:
        self._is_telling = False  # before the look: what comes after it is told again
        done = []
        while self._done_jobs:
            done.append(self._done_jobs.popleft())
        self._done(done)

    def _end(self, error: Exception | None) -> None:
        self._tell_done()
        if self._ended.done():
            return
        if error is None:
            self._ended.set_result(None)
            return
        self._ended.set_exception(error)
        self._ended.exception()  # `_failed` has it, and need not be asked for
        self._failed(error)
