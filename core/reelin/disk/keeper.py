"""The owner of a file name, and what it decides: is the file good, recorded, named anew."""

from __future__ import annotations

import os
from pathlib import Path

from ..model.stored import Head
from .sidecar import Token
from .sums import Sums

SMALL = 1 << 20  # bodies up to this size are kept in memory until they are whole


class Keeper:
    """The owner of the name of one file, with a say in how it lands. No method must be overridden.

    identity: what identifies the item; it stands in the sidecar
    small:    bodies up to so many bytes are kept in memory until they are whole, or given up
    loss:     what could not be had of a body that is published nevertheless, in words
    """

    identity: Token = {}
    small = SMALL
    loss = ""

    def record(self, stat: os.stat_result, sums: Sums) -> None:
        """Note a file that is durable. Called just before its final name appears."""

    async def examine(self, path: Path, sha256: str) -> Path | None:
        """Look at the whole file before it is recorded. Raise to have it refused.

        A path: the file there is another copy of it that was lost, and is replaced.
        """
        return None

    async def wait_for_room(self) -> bool:
        """Wait on a full disk; whether writing is worth another try then."""
        return False

    def make_way(self, final: Path) -> None:
        """Look after what has the final name already, and is about to be replaced."""

    def rename(self, head: Head, ending: str) -> Path | None:
        """Choose another final name for a file that is something else than was announced.

        head: what it is; ending: the extension of such files. None: the name stays.
        """
        return None
