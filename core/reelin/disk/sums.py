"""The checksums of a file, worked out in one pass."""

from __future__ import annotations

import hashlib
from typing import BinaryIO, NamedTuple
from zlib import crc32

_READ = 1 << 20


class Sums(NamedTuple):
    """What tells the bytes of a file from others.

    sha256: in hex
    crc32:  what a ZIP must know of it; None where only the other is known
    """

    sha256: str
    crc32: int | None = None

    @classmethod
    def of_bytes(cls, body: bytes) -> Sums:
        """Return those of a whole body."""
        return cls(hashlib.sha256(body).hexdigest(), crc32(body))

    @classmethod
    def of_file(cls, file: BinaryIO) -> Sums:
        """Return those of an open file, which is read to its end for that."""
        counter = SumCounter()
        while piece := file.read(_READ):
            counter.update(piece)
        return counter.sums


class SumCounter:
    """The sums of all bytes that it was given."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._crc32 = 0

    def update(self, piece: bytes) -> None:
        """Add further bytes."""
        self._sha256.update(piece)
        self._crc32 = crc32(piece, self._crc32)

    @property
    def sums(self) -> Sums:
        """The sums by now."""
        return Sums(self._sha256.hexdigest(), self._crc32)
