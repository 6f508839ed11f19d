"""Outlets, which the bytes of an archive go to: a file, a stream, or a reader in the event loop."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from pathlib import Path
from typing import BinaryIO

from ..disk.blocking import write_all
from ..disk.durable import sync, sync_folders, warn_of_no_sync
from ..disk.lock import open_locked
from ..model.errors import SinkError

_AHEAD = 4  # lots of about 1 MiB that may wait for a reader in the event loop


class Outlet:
    """Takes an archive in order. `write` and `finish` are called in the archive's thread.

    waits_long: whether `write` may wait for somebody else for as long as he likes
    """

    waits_long = True

    def open(self) -> None:
        """Get ready, in the event loop. Raises `SinkError` or OSError."""

    def write(self, pieces: list[bytes]) -> None:
        """Take further bytes. Raises OSError; `BrokenPipeError` when nobody reads any more."""
        raise NotImplementedError(f"{type(self).__name__} has no write()")

    def finish(self) -> None:
        """Complete what was written: the archive is whole."""

    def abandon(self) -> None:
        """Give up: the archive will not be whole. Called in the loop, maybe while `write` waits."""


class FileOutlet(Outlet):
    """A file that has its name once the archive is whole, and is called FILE.part until then."""

    waits_long = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._descriptor = -1

    def open(self) -> None:
        if self._path.exists() and not self._path.is_file():
            raise SinkError(f"{self._path}: there is something that is no file; give another name")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = open_locked(self._part)
        if descriptor is None:
            raise SinkError(f"{self._part}: another run is writing it")
        self._descriptor = descriptor
        os.truncate(descriptor, 0)

    def write(self, pieces: list[bytes]) -> None:
        write_all(self._descriptor, pieces)

    def finish(self) -> None:
        reason = sync(self._descriptor)
        if reason:
            warn_of_no_sync(reason)
        self._part.replace(self._path)
        self._close()
        sync_folders([self._path.parent])

    def abandon(self) -> None:
        if self._descriptor >= 0:
            self._part.unlink(missing_ok=True)
            self._close()

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)


class StreamOutlet(Outlet):
    """A binary file that somebody else has opened, such as a pipe, and that he closes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, pieces: list[bytes]) -> None:
        left = memoryview(b"".join(pieces))
        while left:
            left = left[self._file.write(left) or 0 :]  # files without a buffer write short

    def finish(self) -> None:
        self._file.flush()


class Pipe(Outlet):
    """Bytes for one reader in the event loop, who sets the pace."""

    def __init__(self) -> None:
        self._lots: deque[bytes] = deque()
        self._room = threading.Semaphore(_AHEAD)
        self._news = asyncio.Event()
        self._over = False

    def open(self) -> None:
        self._loop = asyncio.get_running_loop()

    def write(self, pieces: list[bytes]) -> None:
        self._room.acquire()
        if self._over:
            raise BrokenPipeError
        self._loop.call_soon_threadsafe(self._put, b"".join(pieces))

    def finish(self) -> None:
        """Do nothing: whoever runs the archive calls `end` afterwards."""

    def abandon(self) -> None:
        self.end()

    def close(self) -> None:
        """Stop: nothing more will be read."""
        self.end()
        self._lots = deque(maxlen=0)

    def end(self) -> None:
        """Let the reader come to an end: nothing more will come, or be taken."""
        self._over = True
        self._room.release()
        self._news.set()

    async def wait(self) -> None:
        """Wait until there is something to be read, or nothing more to come."""
        while not self._lots and not self._over:
            self._news.clear()
            await self._news.wait()

    async def read(self) -> bytes:
        """Return the next bytes; nothing at the end."""
        await self.wait()
        if not self._lots:
            return b""
        self._room.release()
        return self._lots.popleft()

    def _put(self, lot: bytes) -> None:
        self._lots.append(lot)
        self._news.set()
