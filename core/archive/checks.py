"""Checksums of what was made of an archive, by which another process can go on with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias
from zlib import crc32

# Of the first so many bytes of a body: their number, and their CRC-32.
Check: TypeAlias = tuple[int, int]
NOTHING: Check = (0, 0)
EVERY = 8 << 20  # bytes between two checks of one body


class Checks:
    """The checks of each entry, in the order of the archive.

    known: those that are known already
    """

    def __init__(self, known: Sequence[Sequence[Check]]) -> None:
        self._entries = [list(each) for each in known]

    def so_far(self) -> list[tuple[Check, ...]]:
        """All that are known now, of each entry, by their place in its body."""
        return [tuple(sorted(set(each))) for each in self._entries]

    def follow(self, number: int, passed: Check) -> Follower:
        """Somebody who is told what is made of an entry behind a place whose check is known."""
        return Follower(self._entries[number], passed)


class Follower:
    """Adds up the CRC-32 of one body. `crc`: of all that it was told of."""

    def __init__(self, checks: list[Check], passed: Check) -> None:
        self._checks = checks
        self._size, self.crc = passed
        self._noted = self._size

    def add(self, piece: bytes) -> None:
        """Further bytes."""
        self.crc = crc32(piece, self.crc)
        self._size += len(piece)
        if self._size - self._noted >= EVERY:
            self.note()

    def note(self) -> None:
        """Remember where it is."""
        self._noted = self._size
        self._checks.append((self._size, self.crc))
