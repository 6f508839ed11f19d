"""The events of one run on their way to one reader, who may be slow."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from .events import Event, Progress

E = TypeVar("E", bound=Event)
AHEAD = 256  # facts that may wait for a slow reader before the run waits for it too


class EventStream:
    """A bounded queue: facts wait for room, Progress is dropped when room is scarce."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(AHEAD)
        self._number = 0

    async def tell(self, kind: type[E], *facts: Any) -> E:
        """Put a fact at the end of the stream, as soon as there is room for it; the event."""
        await self._room.acquire()
        return self._put(kind, *facts)

    def tell_progress(self, *facts: Any) -> None:
        """Put a Progress event at the end, unless the reader is behind already."""
        if self._queue.qsize() < AHEAD // 2:
            self._put(Progress, *facts)

    def end(self) -> None:
        """Nothing more will be told."""
        self._queue.put_nowait(None)

    async def next(self) -> Event | None:
        """The next event; None at the end, as often as asked."""
        event = await self._queue.get()
        if event is None:
            self.end()
        elif not isinstance(event, Progress):
            self._room.release()
        return event

    def _put(self, kind: type[E], *facts: Any) -> E:
        # Numbered here, not before the wait for room: numbers are the order of the stream.
        self._number += 1
        event = kind(self._number, *facts)
        self._queue.put_nowait(event)
        return event
