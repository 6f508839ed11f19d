"""Checksums of what was made of an archive, by which another process can go on with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias
from zlib import crc32

from ..model.errors import FetchError

# Of the first so many bytes of a body: their number, and their CRC-32.
Check: TypeAlias = tuple[int, int]
NOTHING: Check = (0, 0)
EVERY = 8 << 20  # bytes between two checks of one body


class Checks:
    """The checks of each entry, in the order of the archive.

    known: those that are known already
    """

    def __init__(self, known: Sequence[Sequence[Check]]) -> None:
        self._known = [tuple(each) for each in known]
        self._entries: dict[int, dict[int, int]] = {}  # of those that are followed

    def list_known(self) -> list[tuple[Check, ...]]:
        """Return the checks of each entry that are known by now, by their place in its body."""
        checks = list(self._known)
        for number, each in self._entries.copy().items():
            checks[number] = tuple(sorted(each.copy().items()))
        return checks

    def follow(self, number: int, name: str, passed: Check) -> Follower:
        """Return what follows an entry from a place on whose check is known."""
        checks = self._entries[number] = dict(self._known[number])
        return Follower(name, checks, passed)

    def forget(self, number: int) -> None:
        """Drop what was noted of an entry: nothing that came of it was any good."""
        self._known[number] = ()
        self._entries.pop(number, None)


class Follower:
    """The running checksum of one body: `crc` is the CRC-32 of all that was added."""

    def __init__(self, name: str, checks: dict[int, int], passed: Check) -> None:
        self._name = name
        self._checks = checks
        self._size, self.crc = passed

    def add(self, piece: bytes) -> None:
        """Add further bytes. Raises `FetchError` where they are not those that came before."""
        left = memoryview(piece)
        while left:
            # Always at the same places, so that two who were told the same can be compared.
            now = left[: EVERY - self._size % EVERY]
            self.crc = crc32(now, self.crc)
            self._size += len(now)
            if self._size % EVERY == 0:
                self.note()
            left = left[len(now) :]

    def note(self) -> None:
        """Remember where it is. Raises `FetchError` as `add` does."""
        if self._checks.setdefault(self._size, self.crc) != self.crc:
            raise FetchError(f"{self._name}: not the bytes that came before under the same version")
