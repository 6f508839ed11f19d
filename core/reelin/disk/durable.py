"""What was written is made durable, where the file system knows how."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

# What mounts say that cannot: SMB and FUSE (EINVAL, EOPNOTSUPP), macOS (ENOTTY, ENOTSUP).
_NO_SYNC = frozenset([errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY])


def sync(descriptor: int) -> str:
    """Make what was written to a file durable; return why that is not to be had here, or nothing.

    Raises OSError where what was written may be lost.
    """
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
        return error.strerror or str(error)
    return ""


def sync_folders(folders: Iterable[Path]) -> None:
    """Make the names in folders durable, where folders can be opened: on POSIX."""
    for folder in set(folders):
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def warn_of_no_sync(reason: str) -> None:
    """Say that files are not durable here; told once of a run, by whoever makes many so."""
    logger.warning(
        "this disk cannot be told to make files durable (%s); after a crash of the machine,"
        " `reelin verify` says whether they are whole",
        reason,
    )
