"""How much runs do at once, and how their workers come by items."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal

from ..model.item import MediaItem
from ..net.client import Client
from .full_disk import FullDisk

MOST_WAITING = 32  # finished files that may wait to be made durable while others are fetched
_OWN_DESCRIPTORS = 48  # what a process has open besides transfers, generously


class Slots(asyncio.Semaphore):
    """Downloads at the same time: none begins, or goes on after a pause, once the disk is full."""

    def __init__(self, most: int, disk: FullDisk) -> None:
        super().__init__(most)
        self._disk = disk

    async def acquire(self) -> Literal[True]:
        """Wait for a slot. Raises `SinkError` when the disk is full."""
        await super().acquire()
        try:
            self._disk.require_room()
        except BaseException:
            self.release()
            raise
        return True


@dataclass(frozen=True, slots=True)
class Pool:
    """The bounds of one run, or of several that share them.

    workers: items in hand at the same time, fetched or made durable
    places:  a place for each of these; who waits longest gets the next one
    slots:   downloads at the same time, which use the network
    client:  the session's, with no more connections to a host than these downloads need
    disk:    what they all write to
    """

    workers: int
    places: asyncio.Semaphore
    slots: Slots
    client: Client
    disk: FullDisk

    @classmethod
    def of(cls, client: Client, downloads: int, waiting: int) -> Pool:
        """Return a pool of so many downloads; `waiting` more files may become durable meanwhile."""
        workers, disk = downloads + waiting, FullDisk()
        places, slots = asyncio.Semaphore(workers), Slots(downloads, disk)
        return cls(workers, places, slots, client.limited(downloads), disk)


class ItemQueue:
    """The items of a run for many workers: found when one is free, so never far ahead of them."""

    def __init__(self, first: MediaItem, wanted: AsyncGenerator[MediaItem]) -> None:
        self._first: MediaItem | None = first
        self._wanted = wanted
        self._turn = asyncio.Lock()

    async def next(self) -> MediaItem | None:
        """Return the next item, None when there are no more."""
        async with self._turn:
            item, self._first = self._first, None
            return item or await anext(self._wanted, None)


def afford(workers: int) -> tuple[int, int]:
    """Return how many workers, and finished files waiting, there are descriptors for."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return workers, MOST_WAITING
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit == resource.RLIM_INFINITY:
        return workers, MOST_WAITING
    spare = max(3, limit - _OWN_DESCRIPTORS)
    workers = min(workers, spare // 3)  # a socket, a part, and one more on the way
    return workers, max(1, min(MOST_WAITING, spare - 3 * workers))
