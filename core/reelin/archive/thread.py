"""The thread that makes the bytes of a ZIP: zipstream-ng, fed by jobs, into an outlet."""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from ..model import daemon
from .checksums import NOTHING, Check, Checks, Follower
from .outlet import Outlet

O = TypeVar("O")  # noqa: E741
_LOT = 1 << 20  # bytes that are written together
_LOCAL, _CENTRAL, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08"
_ZEROS = bytes(1 << 20)
_FIRST, _LAST = datetime(1980, 1, 1), datetime(2107, 12, 31, 23, 59, 58)


@dataclass(frozen=True, slots=True)
class Begin:
    """How an entry begins.

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
    """Further bytes of an entry: from its beginning, to its end, or both.

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
class _Made:
    """What the directory must say of an entry: its date, and the CRC-32 that `follower` has."""

    stamp: bytes
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
        self._told: deque[Job[O]] = deque()
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
        entries: list[_Made] = []
        while (job := self._next()) is not None:
            begin = job.begin
            assert begin is not None
            follower = None
            if self._checks is not None:
                passed = begin.passed or NOTHING
                follower = self._checks.follow(len(entries), begin.name, passed)
            entry = _Made(_stamp(begin.date), follower)
            entries.append(entry)
            archive.add(self._body(job, entry), begin.name, size=begin.size)
            self._write_entry(archive.file(), entry)
        self._write_directory(archive.footer(), entries)
        self._flush()
        self._outlet.finish()

    def _body(self, job: Job[O], entry: _Made) -> Iterator[bytes]:
        """The bytes of an entry, as its jobs come; zeros for those that nobody needs any more."""
        if job.begin is not None:
            yield from self._zeros(job.begin.offset)
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
            following = self._next()
            if following is None:
                raise _Abandoned
            job = following
        entry.is_whole = True
        if entry.follower is not None:
            entry.follower.note()

    def _zeros(self, size: int) -> Iterator[bytes]:
        while size > 0:
            if self._is_abandoned:
                raise _Abandoned
            yield _ZEROS[:size]
            size -= len(_ZEROS)

    def _next(self) -> Job[O] | None:
        """The next job; None: there are no more. What was made waits for none."""
        try:
            job = self._jobs.get_nowait()
        except Empty:
            self._flush()
            job = self._jobs.get()
        if self._is_abandoned:
            raise _Abandoned
        return job

    # zipstream-ng always says now, and knows nothing of bytes that it is not given: its headers
    # get the dates that are due, and the checksums that are known.

    def _write_entry(self, made: Iterator[bytes], entry: _Made) -> None:
        header = next(made)
        assert header.startswith(_LOCAL), "zipstream-ng yields a header first"
        self._write(header[:10] + entry.stamp + header[14:])
        for piece in made:
            if entry.is_whole and entry.follower is not None:
                assert piece.startswith(_DESCRIPTOR), "zipstream-ng yields a descriptor last"
                piece = piece[:4] + struct.pack("<L", entry.follower.crc) + piece[8:]
            self._write(piece)

    def _write_directory(self, made: Iterator[bytes], entries: Iterable[_Made]) -> None:
        for each in entries:
            header = next(made)
            assert header.startswith(_CENTRAL), "zipstream-ng yields a header for each entry"
            crc = header[16:20]
            if each.follower is not None:
                crc = struct.pack("<L", each.follower.crc)
            self._write(header[:12] + each.stamp + crc + header[20:])
        for piece in made:
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
        self._told.append(job)
        if not self._is_telling:
            self._is_telling = True
            if not daemon.tell(self._loop, self._tell_done):
                raise _Abandoned

    # In the loop

    def _tell_done(self) -> None:
        self._is_telling = False  # before the look: what comes after it is told again
        done = []
        while self._told:
            done.append(self._told.popleft())
        self._done(done)

    def _end(self, error: Exception | None) -> None:
        self._tell_done()
        if self._ended.done():
            return
        if error is None:
            self._ended.set_result(None)
            return
        self._ended.set_exception(error)
        self._ended.exception()  # it is told here, and need not be asked for
        self._failed(error)


def _stamp(date: datetime) -> bytes:
    """Time and date as ZIP has them: UTC, even seconds, 1980 to 2107."""
    if _FIRST.year < date.year < _LAST.year:  # else it need not be exact
        date = date.astimezone(UTC)
    plain = min(max(date.replace(tzinfo=None), _FIRST), _LAST)
    return struct.pack(
        "<HH",
        plain.hour << 11 | plain.minute << 5 | plain.second // 2,
        (plain.year - 1980) << 9 | plain.month << 5 | plain.day,
    )
