"""The events of one run on their way to one reader, who may be slow."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, TypeVar

from ..model.events import Event, Progress, Retried

E = TypeVar("E", bound=Event)
AHEAD = 256  # facts that may wait for a slow reader before the run waits for it too


class EventStream:
    """A bounded queue: facts wait for room, Progress and Retried are dropped when it is scarce."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._room = asyncio.Semaphore(AHEAD)
        self._news = asyncio.Event()
        self._ended = False
        self._number = 0

    async def tell(self, kind: type[E], *facts: Any) -> E:
        """Put a fact at the end of the stream, once there is room for it; return the event."""
        await self._room.acquire()
        return self._put(kind, *facts)

    def tell_if_room(self, kind: type[Progress | Retried], *facts: Any) -> None:
        """Put an event at the end that may be dropped, unless the reader is behind already."""
        if len(self._events) < AHEAD // 2:
            self._put(kind, *facts)

    def end(self) -> None:
        """Let the reader come to an end: nothing more follows."""
        self._ended = True
        self._news.set()

    async def next(self) -> Event | None:
        """Return the next event; None at the end, as often as asked."""
        while not self._events:
            if self._ended:
                return None
            self._news.clear()
            await self._news.wait()
        event = self._events.popleft()
        if not isinstance(event, Progress | Retried):
            self._room.release()
        return event

    def _put(self, kind: type[E], *facts: Any) -> E:
        # Numbered here, not before the wait for room: numbers are the order of the stream.
        self._number += 1
        event = kind(self._number, *facts)
        self._events.append(event)
        self._news.set()
        return event
