"""A full disk ends runs: in the same words for all that was under way."""

from __future__ import annotations

import errno
import os

from ..disk.writer import has_no_room
from ..model.errors import ReelinError, SinkError, SinkLost


class FullDisk:
    """The disk of the runs of one pool. `error`: what is told of it when it is full, else None."""

    def __init__(self) -> None:
        self.error: SinkLost | None = None

    def require_room(self) -> None:
        """Raise `SinkError` when the disk is full."""
        if self.error is not None:
            full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            raise SinkError(str(self.error)) from full

    def judge(self, error: ReelinError) -> ReelinError:
        """Return an error as it is told; note it if it says that the disk is full."""
        if not has_no_room(error):
            return error
        if self.error is None:
            hope = "Free some space, and the same command goes on"
            self.error = SinkLost(f"the disk is full: {error}; the run ends here. {hope}")
        return self.error
