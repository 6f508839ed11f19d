"""Chunks that wait to be written together: large enough to be cheap, never old enough to miss."""

from __future__ import annotations

import time

LARGE = 1 << 20
OLD_SECONDS = 0.02  # so that a crash loses little of a slow body


class Batch:
    """The chunks of one body that are here and not yet with the disk."""

    __slots__ = ("_pieces", "_taken", "size")

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes] = []
        self._taken = time.monotonic()

    def add(self, chunk: bytes) -> None:
        """Put a further chunk at the end."""
        self._pieces.append(chunk)
        self.size += len(chunk)

    @property
    def is_due(self) -> bool:
        """Whether it should be written now."""
        return self.size >= LARGE or time.monotonic() - self._taken >= OLD_SECONDS

    def take(self) -> list[bytes]:
        """Take all chunks out, and start anew."""
        pieces, self._pieces, self.size = self._pieces, [], 0
        self._taken = time.monotonic()
        return pieces
