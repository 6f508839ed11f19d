"""The threads that wait for disks on behalf of one session, so that the loop never does.

Bodies are written and hashed in two threads, piece by piece, each body in one of them. Making
finished files durable (fsync) is a third one's: always for all that finished meanwhile, so that
the cost is shared.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from typing import Generic, TypeVar

from ..model.errors import SinkError
from .durable import sync, sync_folders, warn_of_no_sync

T = TypeVar("T")
A = TypeVar("A")
LOT, LOT_SECONDS = 32, 0.01  # files that are made durable together, and how long one waits
_NO_ROOM = frozenset([errno.ENOSPC, errno.EDQUOT])
_FULL = _NO_ROOM | {errno.EFBIG}
SYNC_ALL_FROM = 8  # files from which one sync of the file system is cheaper than one for each


class WritingThread:
    """A thread that does what it is given, one thing after another."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, name)

    def close(self, *, wait: bool = True) -> None:
        """End it when it has done what it is doing, and wait for that unless told otherwise."""
        self._thread.shutdown(wait=wait, cancel_futures=True)

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Call `work` there. An OSError becomes a `SinkError`.

        Who is cancelled meanwhile does not stop it: what is given later is still done later.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, work, *args)
        except OSError as error:
            raise disk_error(error) from error


class Writer:
    """The writing threads of one run folder.

    patience: seconds that a finished file waits for others, to be made durable with them
    """

    def __init__(self, patience: float = LOT_SECONDS) -> None:
        self._bodies = [WritingThread(f"reelin-writer-{number}") for number in (1, 2)]
        self._turns = cycle(self._bodies)
        self._syncs = ThreadPoolExecutor(1, "reelin-sync")
        self._files = _CallGroup(self._syncs, self._sync_files, patience)
        self._folders = _CallGroup(self._syncs, sync_folders, patience)
        self._to_sync: set[Path] = set()
        self._is_warned = False

    def close(self) -> None:
        """End all threads. Waits for what they are doing."""
        for each in self._bodies:
            each.close()
        self._syncs.shutdown(cancel_futures=True)
        sync_folders(self._to_sync)

    def choose_thread(self) -> WritingThread:
        """Choose the thread of one body: all that is done with the body is to be done there."""
        return next(self._turns)

    async def sync_file(self, descriptor: int) -> None:
        """Make what was written to a file durable. Raises `SinkError`."""
        await self._files.call(descriptor)

    async def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        await self._folders.call(folder)

    def sync_folder_later(self, folder: Path) -> None:
        """Make the names in a folder durable before the writer is closed."""
        self._to_sync.add(folder)

    def _sync_files(self, descriptors: Sequence[int]) -> None:
        if _sync_file_system(descriptors):
            return
        reasons = [sync(descriptor) for descriptor in descriptors]
        if any(reasons) and not self._is_warned:
            self._is_warned = True
            warn_of_no_sync(max(reasons))


class _CallGroup(Generic[A]):
    """Calls of one function that are made together: after a moment, or when they are many.

    A thread of its own for each would cost more than all else that is done for a small file.
    """

    def __init__(
        self,
        thread: ThreadPoolExecutor,
        work: Callable[[Sequence[A]], None],
        patience: float,
    ) -> None:
        self._thread = thread
        self._work = work
        self._patience = patience
        self._waiting: list[tuple[A, asyncio.Future[None]]] = []
        self._busy = False

    async def call(self, argument: A) -> None:
        """Have the function called with this argument among others. Raises `SinkError`.

        Who is cancelled meanwhile waits for that all the same: the argument is in use.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append((argument, done))
        if len(self._waiting) == 1:
            loop.call_later(self._patience, self._start)
        elif len(self._waiting) == LOT:
            self._start()
        try:
            await asyncio.shield(done)
        except asyncio.CancelledError:
            await asyncio.wait([done])
            raise

    def _start(self) -> None:
        if self._busy or not self._waiting:
            return
        self._busy = True
        lot, self._waiting = self._waiting, []
        work = asyncio.get_running_loop().run_in_executor(
            self._thread, self._work, [argument for argument, _ in lot]
        )
        work.add_done_callback(lambda ended: self._settle([done for _, done in lot], ended))

    def _settle(self, waiters: list[asyncio.Future[None]], work: asyncio.Future[None]) -> None:
        self._busy = False
        if work.cancelled():
            return
        error = work.exception()
        for done in waiters:
            if done.cancelled():
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(disk_error(error) if isinstance(error, OSError) else error)
        self._start()


def _sync_file_system(descriptors: Sequence[int]) -> bool:
    """Sync many files at once. False where they are few, or where that is not to be had."""
    if len(descriptors) < SYNC_ALL_FROM or sys.platform != "linux":
        return False
    try:
        return bool(ctypes.CDLL(None).syncfs(descriptors[0]) == 0)
    except (OSError, AttributeError):
        return False


def is_full(error: BaseException) -> bool:
    """Whether an error of a disk says that there is no room, or none for so large a file."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in _FULL


def has_no_room(error: BaseException) -> bool:
    """Whether an error of a disk says that there is no room for anything more."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in _NO_ROOM


def disk_error(error: OSError) -> SinkError:
    """Return the `SinkError` that an OSError of a disk means; the OSError is its `__cause__`."""
    where = f"{error.filename}: " if error.filename else ""
    hint = _HINTS.get(error.errno or 0, "")
    ours = SinkError(f"{where}{error.strerror or error}{hint}")
    ours.__cause__ = error
    return ours


_MAY_NOT = "; choose a folder that you may write in (--output), or change its permissions"
_IN_THE_WAY = "; a file is where a folder should be: move it, or choose another folder (--output)"
_HINTS = {
    errno.EACCES: _MAY_NOT,
    errno.EPERM: _MAY_NOT,
    errno.EROFS: "; choose a folder on another disk (--output)",
    errno.ENOTDIR: _IN_THE_WAY,
    errno.EEXIST: "; something else has that name: move it, or choose another folder (--output)",
    errno.ENAMETOOLONG: "; choose shorter names for it and the folders above it",
}
