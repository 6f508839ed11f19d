"""Files that are stored already as one ZIP, of which any part costs no more than that part."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Self

from ..model.errors import ReelinError, SinkLost, UsageError
from .directory import Directory
from .kept import Kept
from .wanted import ArchiveAnswer, ArchiveBody, Wanted

_LOT = 64 << 10  # bytes that small pieces are gathered to


def archive_of(
    files: Sequence[Kept],
    *,
    filename: str = "files.zip",
    start: int = 0,
    stop: int | None = None,
    etag: str | None = None,
) -> StoredArchive:
    """Return the ZIP of stored files, as an asynchronous iterator over its bytes.

    files:       in their order; sizes and checksums must be right
    filename:    a name for the archive
    start, stop: from which byte of the archive on, and before which one to end
    etag:        of the archive in which these count; another one comes whole. None: it is the same

    No file is read that lies outside of that. Raises `UsageError` for a `start` below 0 or a `stop`
    not behind it.
    """
    return StoredArchive(files, filename, Wanted(start, stop, etag))


class StoredArchive(ArchiveBody):
    """The bytes of a ZIP of stored files, used as a `ZipStream`. Iterate over it once.

    filename, start, stop: as there

    The same files make the same archive, with the same entity tag, in every process.
    """

    def __init__(self, files: Sequence[Kept], filename: str, wanted: Wanted) -> None:
        wanted.check()
        self.filename = filename
        self.start, self.stop, self._etag = wanted
        self._files = tuple(files)
        self._directory: Directory | None = None
        self._is_over = False

    @property
    def etag(self) -> str | None:
        """Its strong entity tag (RFC 9110, 8.8.3), quotes included, once it is open."""
        return self._directory.etag if self._directory is not None else None

    @property
    def _answer(self) -> ArchiveAnswer:
        length = self._directory.length if self._directory is not None else None
        return ArchiveAnswer(self.filename, self.start, self.stop, length, self.etag or "")

    async def open(self) -> None:
        """Work out its length and entity tag; no file is read for that.

        Raises `UsageError` where two files have one name.
        """
        if self._directory is None:
            self._directory = await asyncio.to_thread(Directory, self._files)
            if self._etag not in (None, self._directory.etag):
                self.start, self.stop = 0, None

    async def aclose(self) -> None:
        """Have nothing further read. An iteration that is left is closed by itself."""
        self._is_over = True

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        """Give the bytes. Raises `SinkLost` where a file is not what was said of it."""
        if self._is_over:
            raise UsageError("this archive was read or closed; make another one")
        self._is_over = True
        await self.open()
        assert self._directory is not None
        stop = self.start + (self.content_length or 0)
        try:
            pieces = self._give(self._directory, self.start, stop)
            async with aclosing(pieces), aclosing(_gather(pieces)) as lots:
                async for lot in lots:
                    yield lot
        except ReelinError as error:
            raise SinkLost(f"the archive is broken off: {error}") from error

    async def _give(self, directory: Directory, start: int, stop: int) -> AsyncGenerator[bytes]:
        """Give all pieces from `start` to `stop`, also empty ones."""
        for number in range(directory.find(start), len(self._files)):
            at, header = directory.place(number)
            if at >= stop:
                return
            yield header[max(0, start - at) : stop - at]
            at += len(header)
            file = self._files[number]
            if at < stop:
                first = min(max(0, start - at), file.size)
                async with aclosing(file.read(first, min(file.size, stop - at))) as chunks:
                    async for chunk in chunks:
                        yield chunk
        if directory.start < stop:
            first = max(0, start - directory.start)
            yield directory.body[first : stop - directory.start]


async def _gather(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Give the first piece at once, and small ones behind it together."""
    waiting: list[bytes] = []
    size, least = 0, 1
    async for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= least:
            yield b"".join(waiting)
            waiting, size, least = [], 0, _LOT
    if size:
        yield b"".join(waiting)
