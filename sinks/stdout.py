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

    The first is the first in the page's order that can be had and that no filter refuses.

    stream: another binary file to write to
    """

    name = "stdout"

    def __init__(self, stream: BinaryIO | None = None) -> None:
        self._stream = stream or sys.stdout.buffer
        self._turn = asyncio.Lock()
        self._taken: str | None = None

    async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
        """Write one item. A break is healed; what had to begin anew is an error."""
        await self._take(item, transfer)
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

    async def _take(self, item: MediaItem, transfer: Transfer) -> None:
        """Begin an item. Until one is taken, one after another: which it is must not be chance."""
        async with self._turn:
            if self._taken is None:
                await transfer.open()
                self._taken = item.url
                return
        await transfer.open()  # a filter may refuse it now
        raise SinkError(f"{item.url}: stdout takes one item, it has {self._taken} already")

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
