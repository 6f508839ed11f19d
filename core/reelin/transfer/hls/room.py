"""How much of the segments that are fetched ahead may wait in memory for their turn."""

from __future__ import annotations

import asyncio


class Room:
    """The bytes that wait. The segment whose turn it is takes what it needs, so that all go on.

    most: bytes that the others may hold together
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._changed = asyncio.Event()

    async def take(self, size: int, share: Share) -> None:
        """Wait until so many bytes may be held."""
        while not share.is_first and self._held + size > self._most:
            self._changed.clear()
            await self._changed.wait()
        self._held += size

    def give(self, size: int) -> None:
        """Free so many bytes."""
        self._held -= size
        self._changed.set()

    def wake(self) -> None:
        """Let all look again whether it is their turn."""
        self._changed.set()


class Share:
    """The part of a room that one segment holds."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._held = 0
        self.is_first = False

    async def take(self, size: int) -> None:
        """Hold so many bytes more, as soon as there is room."""
        await self._room.take(size, self)
        self._held += size

    def leave(self) -> None:
        """Hold nothing any more."""
        self._room.give(self._held)
        self._held = 0

    def come_first(self) -> None:
        """Let it be its turn."""
        self.is_first = True
        self._room.wake()
