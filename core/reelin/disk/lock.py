"""Locks on files: two processes never write into the same folder, or the same archive, at once."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from contextlib import suppress
from pathlib import Path

from .blocking import FLAGS

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2
_TRIES = 100
# What file systems say that have no locks: NFS without its lock service, some SMB and FUSE mounts.
_NO_LOCKS = frozenset(
    [
        errno.ENOLCK,
        errno.ENOSYS,
        errno.EOPNOTSUPP,
        errno.ENOTSUP,
        errno.EINVAL,
        errno.ENOTTY,
        errno.EPERM,
        errno.EPROTO,
    ]
)


class FolderLock:
    """An advisory lock on a file. It goes with the process, also when that is killed.

    The folder of the file is made if need be, also when another one removes it just then.

    warned: folders of which was said already that they have no locks; this one may be added
    """

    def __init__(self, path: Path, *, warned: set[Path] | None = None) -> None:
        self._path = path
        self._warned = warned if warned is not None else set()
        self._descriptor: int | None = None

    async def acquire(self) -> None:
        """Wait until no other run holds the lock; say so when there is a wait.

        Where the file system has no locks, warn and go on without. Raises `OSError`.
        """
        waits = False
        while (descriptor := self._try()) is None:
            if not waits:
                waits = True
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
        """Return the descriptor that holds the lock, None when another one does."""
        for _ in range(_TRIES):
            # Who found the folder empty may remove it at any moment, also while it is made.
            with suppress(FileNotFoundError, FileExistsError):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                return open_locked(self._path, self._warned)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return open_locked(self._path, self._warned)


def open_locked(path: Path, warned: set[Path] | None = None) -> int | None:
    """Open a file, made if need be, that no other process has locked; closing it unlocks it.

    warned: see `FolderLock`

    The descriptor, or None when another process has locked the file. Raises `OSError`.
    """
    for attempt in range(_TRIES):
        descriptor = os.open(path, FLAGS, 0o666)
        try:
            locked = _try_lock(descriptor, path.parent, set() if warned is None else warned)
            # Who held the lock may have removed the file meanwhile, or given it another name.
            # On mounts that number files anew each time, nobody can tell.
            if locked and (_is_at(path, descriptor) or attempt == _TRIES - 1):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if not locked:
            return None
    return None


def _try_lock(descriptor: int, folder: Path, warned: set[Path]) -> bool:
    """Lock an open file; False when another process has. Where there are no locks, warn once."""
    from filelock import lock_descriptor  # only who writes needs it

    try:
        return lock_descriptor(descriptor, blocking=False)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        if folder not in warned:
            warned.add(folder)
            logger.warning(
                "%s: no file locks here (%s); do not start another run in it meanwhile",
                folder,
                error.strerror,
            )
        return True


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether an open file is the one that others find there: not removed or renamed meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
