"""How long live streams are recorded, and the word to end that sooner."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class LiveRecording:
    """The recording of all live streams of one run.

    seconds: of each stream that are wanted
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._under_way = 0
        self._ended = asyncio.Event()

    @property
    def has_ended(self) -> bool:
        """Whether it was ended before its time."""
        return self._ended.is_set()

    def end(self) -> bool:
        """End what is being recorded where it is; whether there was any such thing to end."""
        if self.has_ended or not self._under_way:
            return False
        self._ended.set()
        return True

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """While this lasts, a stream is being recorded."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until it is ended."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._ended.wait()
