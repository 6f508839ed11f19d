"""Who knows the items of a run."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Protocol

from ..model.errors import ReelinError
from ..model.item import MediaItem
from .finder import Notice


class Source(Protocol):
    """Who knows the items of a run: a `Finder`, or `Known`."""

    def find(self, starts: Sequence[str]) -> AsyncGenerator[MediaItem | ReelinError | Notice]:
        """Items as they are found; errors and notices between them."""
        ...

    def looked_into(self, item: MediaItem) -> AsyncIterator[MediaItem]:
        """What is behind an item that turned out to be a list or a stream."""
        ...


class Known:
    """Items that were found before."""

    def __init__(self, items: Sequence[MediaItem]) -> None:
        self._items = items

    async def find(self, _: Sequence[str]) -> AsyncGenerator[MediaItem | ReelinError | Notice]:
        """All of them."""
        for each in self._items:
            yield each

    async def looked_into(self, item: MediaItem) -> AsyncIterator[MediaItem]:
        """What it is was seen before."""
        yield item
