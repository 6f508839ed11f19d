"""A lock on a run folder: two processes never write into the same one at the same time."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2
_TRIES = 100


class FolderLock:
    """An advisory lock on a file. It goes with the process, also when that is killed.

    The folder of the file is made if need be, also when another one removes it just then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    async def acquire(self) -> None:
        """Wait until no other run holds the lock; say so when there is a wait."""
        told = False
        while (descriptor := self._try()) is None:
            if not told:
                told = True
                logger.warning("%s: another run is at work here; waiting for it", self._path)
            await asyncio.sleep(POLL_SECONDS)
        self._descriptor = descriptor

    def release(self, *, remove: bool = False) -> None:
        """Let the next run in; `remove`: the file of the lock goes, too."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            if remove:
                with suppress(OSError):  # Windows does not let go of an open file
                    self._path.unlink()
            os.close(descriptor)

    def _try(self) -> int | None:
        """The descriptor that holds the lock, None when another one does."""
        descriptor = self._open()
        try:
            if try_lock(descriptor) and is_at(self._path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        for _ in range(_TRIES):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # who found the folder empty removed it just now
                return os.open(self._path, flags, 0o666)
        return os.open(self._path, flags, 0o666)


def is_at(path: Path, descriptor: int) -> bool:
    """Whether an open file is the one that others find there: not removed or renamed meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def try_lock(descriptor: int) -> bool:
    """Lock a file unless another process has; whether it is locked now. Closing it unlocks it."""
    try:
        import fcntl
    except ImportError:
        return _try_lock_windows(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _try_lock_windows(descriptor: int) -> bool:
    import msvcrt

    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    except OSError:
        return False
    return True
