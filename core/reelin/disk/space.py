"""The free space of disks, and how much of it the files that are under way will still take."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from ..model.errors import SinkError
from ..model.units import format_size
from .blocking import room_taken


@dataclass(slots=True, eq=False)
class SpaceClaim:
    """The room that a file under way needs: `size` bytes in all, of which its part has some.

    disk: the number of the device
    part: None until it is known where that is
    """

    disk: int
    size: int
    part: Path | None

    @property
    def due(self) -> int:
        """The bytes that it will still take."""
        return max(0, self.size - (room_taken(self.part) if self.part is not None else 0))


class DiskSpace:
    """The claims to free space of the files that are under way.

    Several `DiskSink`s that are filled at the same time share one, so that together they begin
    nothing that will not fit.
    """

    def __init__(self) -> None:
        self._claims: set[SpaceClaim] = set()

    def claim(self, folder: Path, name: str, size: int, part: Path | None) -> SpaceClaim | None:
        """SpaceClaim room for a file of `size` bytes in a folder, until `release`.

        name: what it is called in an error; part: what is here of it already

        None where the disk does not tell its free space. Raises `SinkError` where the file does
        not fit beside what the others will still take.
        """
        try:
            usage, disk = shutil.disk_usage(folder), folder.stat().st_dev
        except OSError:
            return None
        if not usage.total:
            return None
        claim = SpaceClaim(disk, size, part)
        others = sum(each.due for each in self._claims if each.disk == disk)
        if claim.due + others > usage.free:
            full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            needed, free = format_size(claim.due), format_size(usage.free)
            less = f", of which {format_size(others)} are for files under way" if others else ""
            raise SinkError(f"{folder}: {name} needs {needed}, and {free} are left{less}") from full
        self._claims.add(claim)
        return claim

    def release(self, claim: SpaceClaim) -> None:
        """Give up a claim: its file has what it needs, or is no longer under way."""
        self._claims.discard(claim)
