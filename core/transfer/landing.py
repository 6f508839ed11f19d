"""Where a body lands on a disk: `name.part` and its sidecar first, the final name when verified.

The sidecar is JSON lines: the first says which version of what the part holds, as its transfer
put it; each further line is a note, such as a range that is safely written. Without a readable
sidecar a part is worth nothing.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FetchError
from .writer import Writer

if TYPE_CHECKING:
    from hashlib import _Hash

Token = dict[str, Any]
Recorder = Callable[[os.stat_result, str], None]

_FLAGS = (
    os.O_RDWR
    | os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_MOST_PARTS = 512  # of one writev call; systems take 1,024
_READ = 1 << 20


def _nothing_to_record(_stat: os.stat_result, _sha256: str) -> None:
    pass


class Landing:
    """One file on its way to the disk: written by a transfer, owned by whoever chose its name.

    path:      the final name
    state:     the folder of the sidecar
    overwrite: whether a file that already has the final name may be replaced

    `record` may be set: it is called in the publisher's thread with the finished file's stat and
    sha256, after the file is durable and before its final name appears.
    """

    def __init__(
        self,
        path: Path,
        writer: Writer,
        *,
        state: Path | None = None,
        overwrite: bool = False,
    ) -> None:
        self.path = path
        self.folder = path.parent
        self.part = path.with_name(path.name + ".part")
        self.sidecar = (state or path.parent) / (path.name + ".part.json")
        self.writer = writer
        self.record: Recorder = _nothing_to_record
        self._overwrite = overwrite
        self._descriptor: int | None = None
        self._hash: _Hash = hashlib.sha256()
        self._stat: os.stat_result | None = None
        self.sha256 = ""
        self.promised: str | None = None  # the sha256 that the server says the whole has

    # What an earlier process left

    def left_behind(self) -> tuple[Token, list[Any], int] | None:
        """Token, notes and size of the part that is here; None when it cannot be continued."""
        token, notes = read_sidecar(self.sidecar)
        if token is None:
            return None
        try:
            if self.part.is_symlink():
                return None
            return token, notes, self.part.stat().st_size
        except OSError:
            return None

    # One body, in order

    async def begin(self, token: Token | None, keep: int = 0) -> None:
        """Get ready to append after the first `keep` bytes of the part; drop what lies behind.

        token: what a later process needs to continue, or None if it will not be able to
        """
        await self.writer.run(self._begin, token, keep)

    async def append(self, pieces: list[bytes]) -> None:
        """Write and hash further pieces of the body."""
        await self.writer.run(self._append, pieces)

    async def publish(self) -> str:
        """Make the part durable and give it its final name; its sha256."""
        await self.writer.publish(self)
        return self.sha256

    async def publish_bytes(self, pieces: list[bytes]) -> str:
        """Publish a whole small body at once, without a sidecar; its sha256."""
        await self.writer.publish(_Small(self, pieces))
        return self.sha256

    # One body, in ranges

    async def begin_ranges(self, token: Token, size: int, spans: list[tuple[int, int]]) -> None:
        """Get ready to write anywhere in a part of `size` bytes, of which `spans` are written."""
        await self.writer.run(self._begin_ranges, token, size, spans)

    async def write_at(self, offset: int, pieces: list[bytes]) -> None:
        """Write pieces at an offset and note the range in the sidecar, in this order."""
        await self.writer.run(self._write_at, offset, pieces)

    async def hash_until(self, start: int, end: int) -> None:
        """Hash the written bytes from `start`, where the last call ended, to `end`."""
        await self.writer.run(self._hash_file, start, end)

    # The end without success

    async def close(self) -> None:
        """Close the part as it is. It can be continued later if it has a sidecar."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            await self.writer.run(os.close, descriptor)

    def discard(self) -> None:
        """Remove part and sidecar."""
        for path in (self.part, self.sidecar):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    # In the writer's thread

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self.part, _FLAGS, 0o666)
        return self._descriptor

    def _begin(self, token: Token | None, keep: int) -> None:
        if token is None:
            self.sidecar.unlink(missing_ok=True)
        elif not keep:
            self._write_sidecar([token])
        descriptor = self._open()
        os.ftruncate(descriptor, keep)
        self._hash = hashlib.sha256()
        self._hash_file(0, keep)
        os.lseek(descriptor, keep, os.SEEK_SET)

    def _append(self, pieces: list[bytes]) -> None:
        _write_all(self._open(), pieces)
        for piece in pieces:
            self._hash.update(piece)

    def _begin_ranges(self, token: Token, size: int, spans: list[tuple[int, int]]) -> None:
        self._write_sidecar([token, *(list(span) for span in spans)])
        os.ftruncate(self._open(), size)
        self._hash = hashlib.sha256()

    def _write_at(self, offset: int, pieces: list[bytes]) -> None:
        os.lseek(self._open(), offset, os.SEEK_SET)
        end = offset + _write_all(self._open(), pieces)
        with self.sidecar.open("ab", buffering=0) as notes:
            notes.write(b"[%d, %d]\n" % (offset, end))

    def _hash_file(self, start: int, end: int) -> None:
        descriptor = self._open()
        os.lseek(descriptor, start, os.SEEK_SET)
        while start < end:
            piece = os.read(descriptor, min(_READ, end - start))
            if not piece:
                raise OSError(
                    errno.EIO, "the part became shorter while it was read", str(self.part)
                )
            self._hash.update(piece)
            start += len(piece)

    def _write_sidecar(self, lines: list[Any]) -> None:
        draft = self.sidecar.with_suffix(".tmp")
        draft.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        draft.replace(self.sidecar)

    # In the publisher's thread: a Publication

    def check_promise(self, sha256: str) -> None:
        """Take the sha256 of the whole. Raises `FetchError` when another was promised."""
        self.sha256 = sha256
        if self.promised not in (None, sha256):
            self.discard()
            raise FetchError(
                f"{self.path.name}: its sha256 is {sha256}, the server promised {self.promised}"
            )

    def prepare(self) -> int:
        self.check_promise(self._hash.hexdigest())
        descriptor, self._descriptor = self._open(), None
        self._stat = os.fstat(descriptor)
        return descriptor

    def announce(self) -> None:
        assert self._stat is not None
        self.record(self._stat, self.sha256)

    def reveal(self) -> None:
        self._move(self.part)
        self.sidecar.unlink(missing_ok=True)

    def abandon(self) -> None:
        pass  # part and sidecar stay: a later run may finish them

    def _move(self, source: Path) -> None:
        if self._overwrite:
            source.replace(self.path)
            return
        try:
            os.link(source, self.path, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError:
            # A file system without links: the folder's lock keeps other runs out of this gap.
            if os.path.lexists(self.path):
                raise FileExistsError(errno.EEXIST, "file exists", str(self.path)) from None
            source.rename(self.path)
        else:
            source.unlink()


class _Small:
    """Publishes a small body that arrived whole: no sidecar, a draft in the state folder."""

    def __init__(self, landing: Landing, pieces: list[bytes]) -> None:
        self._landing = landing
        self._pieces = pieces
        self.folder = landing.folder
        self._draft = landing.sidecar.with_suffix(".tmp")

    def prepare(self) -> int:
        self._landing.check_promise(hashlib.sha256(b"".join(self._pieces)).hexdigest())
        descriptor = os.open(self._draft, _FLAGS | os.O_TRUNC, 0o666)
        try:
            _write_all(descriptor, self._pieces)
            self._landing._stat = os.fstat(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def announce(self) -> None:
        self._landing.announce()

    def reveal(self) -> None:
        self._landing._move(self._draft)

    def abandon(self) -> None:
        self._draft.unlink(missing_ok=True)


def read_sidecar(path: Path) -> tuple[Token | None, list[Any]]:
    """Token and notes of a sidecar; token None when there is none that can be read.

    A last line that was torn by a crash is left out.
    """
    try:
        lines = path.read_bytes().split(b"\n")
        token = json.loads(lines[0])
    except (OSError, ValueError, RecursionError):
        return None, []
    if not isinstance(token, dict):
        return None, []
    notes = []
    for line in lines[1:-1]:
        with suppress(ValueError):
            notes.append(json.loads(line))
    return token, notes


def _write_all(descriptor: int, pieces: list[bytes]) -> int:
    """Write all pieces at the descriptor's place, also where the system writes short; bytes."""
    total = sum(map(len, pieces))
    if not hasattr(os, "writev"):
        pieces = [b"".join(pieces)]
    left: list[bytes | memoryview] = list(pieces)
    while left:
        batch = left[:_MOST_PARTS]
        written = (
            os.writev(descriptor, batch)
            if hasattr(os, "writev")
            else os.write(descriptor, batch[0])
        )
        while left and written >= len(left[0]):
            written -= len(left.pop(0))
        if left and written:
            left[0] = memoryview(left[0])[written:]
    return total
