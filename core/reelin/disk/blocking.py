"""Blocking work on one file: a part that grows, a draft, a complete file.

Done in a writing thread, but for what is small enough to be quicker than asking one.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from .sidecar import Token, note_range, read_sidecar, write_sidecar
from .sums import SumCounter, Sums

# Of a file of ours: read, written, made; never one that a link leads to.
FLAGS = (
    os.O_RDWR
    | os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_MOST_PIECES = 512  # of one writev call; systems take 1,024
_READ = 1 << 20


class PartFile:
    """The part of a file, with its sidecar, and the checksums of what was hashed of it so far."""

    def __init__(self, path: Path, sidecar: Path) -> None:
        self._path = path
        self._sidecar = sidecar
        self._descriptor: int | None = None
        self._size = 0
        self._hash = SumCounter()

    @property
    def sums(self) -> Sums:
        """The checksums of what was hashed."""
        return self._hash.sums

    def begin(self, token: Token | None, keep: int) -> None:
        """Cut the part after `keep` bytes and hash these; without a token it has no sidecar."""
        if token is None:
            self._sidecar.unlink(missing_ok=True)
        elif not keep:
            write_sidecar(self._sidecar, token, [])
        os.ftruncate(self._open(), keep)
        # Not before it is cut: of a part with gaps nobody may think that all of it is there.
        if token is not None and keep and read_sidecar(self._sidecar)[0] != token:
            write_sidecar(self._sidecar, token, [])
        self._size = keep
        self._hash = SumCounter()
        self.hash_range(0, keep)

    def append(self, pieces: list[bytes]) -> None:
        """Write pieces at the end, and hash them."""
        os.lseek(self._open(), self._size, os.SEEK_SET)
        self._size += write_all(self._open(), pieces)
        for piece in pieces:
            self._hash.update(piece)

    def begin_ranges(self, token: Token, size: int, spans: list[tuple[int, int]]) -> None:
        """Make the part `size` bytes long; its sidecar says that only `spans` are written."""
        write_sidecar(self._sidecar, token, [list(span) for span in spans])
        os.ftruncate(self._open(), size)
        self._hash = SumCounter()

    def write_at(self, offset: int, pieces: list[bytes]) -> None:
        """Write pieces at an offset, then note the range in the sidecar."""
        os.lseek(self._open(), offset, os.SEEK_SET)
        end = offset + write_all(self._open(), pieces)
        note_range(self._sidecar, offset, end)

    def hash_range(self, start: int, end: int) -> None:
        """Hash the bytes from `start` to `end`."""
        descriptor = self._open()
        os.lseek(descriptor, start, os.SEEK_SET)
        while start < end:
            piece = os.read(descriptor, min(_READ, end - start))
            if not piece:
                raise OSError(errno.EIO, "the part became shorter while in use", str(self._path))
            self._hash.update(piece)
            start += len(piece)

    def detach(self) -> int:
        """Give away the open descriptor: who takes it closes it."""
        descriptor, self._descriptor = self._open(), None
        return descriptor

    def close(self) -> None:
        """Close the part, if it is open."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._path, FLAGS, 0o666)
        return self._descriptor


def read_end(path: Path, end: int, size: int) -> bytes:
    """Return the `size` bytes of a file that lie before `end`; fewer where it is shorter."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, end - size))
            return file.read(min(end, size))
    except OSError:
        return b""


def room_taken(path: Path) -> int:
    """Return the bytes that a file takes on the disk, which are less than its size with gaps."""
    try:
        stat = path.stat()
    except OSError:
        return 0
    blocks = getattr(stat, "st_blocks", None)
    return stat.st_size if blocks is None else min(stat.st_size, 512 * blocks)


def open_complete(path: Path, sums: Sums | None) -> tuple[int, int, Sums]:
    """Open a complete file, and hash it if need be; return descriptor, size and checksums."""
    descriptor = os.open(path, FLAGS & ~os.O_CREAT)
    try:
        if sums is None:
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                sums = Sums.of_file(file)
        return descriptor, os.fstat(descriptor).st_size, sums
    except BaseException:
        os.close(descriptor)
        raise


def write_draft(path: str, pieces: list[bytes]) -> tuple[int, Sums]:
    """Write a whole body to a new file; return its open descriptor and its checksums."""
    descriptor = os.open(path, FLAGS | os.O_TRUNC, 0o666)
    try:
        write_all(descriptor, pieces)
        whole = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        return descriptor, Sums.of_bytes(whole)
    except BaseException:
        os.close(descriptor)
        raise


def write_all(descriptor: int, pieces: list[bytes]) -> int:
    """Write all pieces at the file's place, though the system writes short; return their size."""
    left: list[bytes | memoryview] = list(pieces)
    total = 0
    while left:
        written = _write_some(descriptor, left)
        total += written
        while left and written >= len(left[0]):
            written -= len(left.pop(0))
        if written:
            left[0] = memoryview(left[0])[written:]
    return total


def _write_some(descriptor: int, pieces: list[bytes | memoryview]) -> int:
    if hasattr(os, "writev"):
        return os.writev(descriptor, pieces[:_MOST_PIECES])
    return os.write(descriptor, pieces[0])  # Windows
