"""One item as a stream of bytes, for pipes and players."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable
from contextlib import aclosing
from typing import BinaryIO

from reelin import MediaItem, Sink, SinkError, SinkLost, Stored, Transfer, hookimpl

_ENOUGH = 1 << 18  # bytes that are worth a write


class StdoutSink(Sink):
    """Writes the first item to standard output as it arrives; every further one is an error.

    stream: another binary file to write to
    """

    name = "stdout"

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream = stream or sys.stdout.buffer
        self._taken: str | None = None

    async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
        """Write one item. A break is healed; what had to begin anew is an error."""
        await transfer.open()  # a filter may refuse it now
        if self._taken is not None:
            raise SinkError(f"{item.url}: stdout takes one item, it has {self._taken} already")
        self._taken = item.url
        waiting, size = bytearray(), 0
        async with aclosing(transfer.chunks()) as chunks:
            async for chunk in chunks:
                waiting += chunk
                size += len(chunk)
                transfer.tell(size, transfer.head.size)
                if len(waiting) >= _ENOUGH:
                    await self._put(bytes(waiting))
                    waiting.clear()
        await self._put(bytes(waiting))
        return Stored("stdout", size)

    async def _put(self, data: bytes) -> None:
        """Write in a thread: who reads sets the pace."""
        try:
            await asyncio.to_thread(_write, self._stream, data)
        except OSError as error:
            raise SinkLost(f"stdout: {os.strerror(error.errno or 0)}") from error


def _write(stream: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[stream.write(view) :]
    stream.flush()


@hookimpl
def reelin_sinks() -> Iterable[type[Sink]]:
    """The built-in sink for pipes."""
    return [StdoutSink]
