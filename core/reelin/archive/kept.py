"""A file that is stored already, with what is known of it, and how its bytes are had."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeAlias
from zlib import crc32 as checksum

from ..model.errors import SinkError, UsageError

_READ = 1 << 20

# Gives the bytes of a file from an offset on.
Reader: TypeAlias = Callable[[int], AsyncIterable[bytes] | Awaitable[AsyncIterable[bytes]]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored file, for `archive_of`.

    name:  of the entry; it may lie in folders: `album/1.mp3`
    size:  bytes
    crc32: the CRC-32 of all of them, as `zlib.crc32` returns it
    date:  of the last change, with a time zone
    open:  `open(offset)` gives the bytes from `offset` on, as an asynchronous iterator, or an
           awaitable of one. It is called when these are wanted, and not for what nobody needs

    Raises `UsageError` for a name that leads out of a folder, and for figures that cannot be.
    """

    name: str
    size: int
    crc32: int
    date: datetime
    open: Reader

    def __post_init__(self) -> None:
        parts = self.name.split("/")
        if "\\" in self.name or "\0" in self.name or not {"", ".", ".."}.isdisjoint(parts):
            raise UsageError(f"{self.name!r}: no name of a file within an archive")
        try:
            length = len(self.name.encode())
        except UnicodeEncodeError:
            raise UsageError(f"{self.name!r}: this name cannot be written as UTF-8") from None
        if length > 0xFFFF:
            raise UsageError(
                f"{self.name[:60]}…: a name of {length} bytes; a ZIP has room for 65535"
            )
        if self.size < 0:
            raise UsageError(f"{self.name}: size={self.size}: a size is 0 or more")
        if not 0 <= self.crc32 < 1 << 32:
            raise UsageError(f"{self.name}: crc32={self.crc32}: a CRC-32 has 32 bits")

    @classmethod
    def of_file(
        cls,
        path: str | os.PathLike[str],
        *,
        crc32: int | None = None,
        name: str | None = None,
    ) -> Kept:
        """Return a file on the disk as it is now. It is read in threads.

        crc32: as `Stored.crc32` has it; None: the file is read for it, now
        name:  of the entry; None: that of the file

        Should the file be changed before it is read, the archive is broken off. Raises
        `SinkError` where it cannot be read, and as the class does.
        """
        where = Path(path)
        try:
            stat = where.stat()
            known = crc32 if crc32 is not None else _sum(where)
        except OSError as error:
            raise SinkError(f"{where}: {error.strerror}") from error
        date = datetime.fromtimestamp(stat.st_mtime, UTC)
        reader = partial(_read_file, where, (stat.st_size, stat.st_mtime_ns))
        return cls(name or where.name, stat.st_size, known, date, reader)

    async def read(self, start: int, stop: int) -> AsyncGenerator[bytes]:
        """Give the bytes from `start` to `stop`. Raises `SinkError` where these are not promised.

        Of what goes to the end of the file, the last bytes come when nothing lies behind them; and
        of the whole file, when it has its checksum.
        """
        if start == stop and self.size:
            return
        opened = self.open(start)
        chunks = aiter(await opened if inspect.isawaitable(opened) else opened)
        at, crc, held = start, 0, b""
        async with _Closing(chunks):
            async for chunk in chunks:
                if held:
                    yield held
                if stop < self.size and len(chunk) > stop - at:
                    chunk = chunk[: stop - at]
                at += len(chunk)
                if at > self.size:
                    raise self._make_error(f"it has more than {self.size} bytes")
                crc = 0 if start else checksum(chunk, crc)
                held = bytes(chunk)
                if at == stop < self.size:
                    break
        if at < stop:
            raise self._make_error(f"it has only {at} bytes, not {self.size}")
        if not start and stop == self.size and crc != self.crc32:
            raise self._make_error(f"its CRC-32 is {crc:08x}, not {self.crc32:08x}")
        if held:
            yield held

    def _make_error(self, problem: str) -> SinkError:
        return SinkError(f"{self.name}: {problem} as was said of it")


class _Closing:
    """Closes an iterator at the end, if that is something that can be closed."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *exc: object) -> None:
        close = getattr(self._chunks, "aclose", None)
        if close is not None:
            await close()


async def _read_file(path: Path, promised: tuple[int, int], offset: int) -> AsyncGenerator[bytes]:
    """Give the bytes of a file that has still the promised size and time."""
    size = promised[0]
    while offset < size:
        piece = await asyncio.to_thread(_read_piece, path, promised, offset)
        offset += len(piece)
        yield piece


def _read_piece(path: Path, promised: tuple[int, int], offset: int) -> bytes:
    # Opened for each piece: nothing is left open by whoever leaves, and a file that was replaced
    # meanwhile is noticed.
    try:
        with path.open("rb", buffering=0) as file:
            stat = os.fstat(file.fileno())
            file.seek(offset)
            piece = file.read(_READ)
    except OSError as error:
        raise SinkError(f"{path.name}: {error.strerror}") from error
    if (stat.st_size, stat.st_mtime_ns) != promised or not piece:
        raise SinkError(f"{path.name} was changed since the archive was begun")
    return piece


def _sum(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while piece := file.read(_READ):
            crc = checksum(piece, crc)
    return crc
