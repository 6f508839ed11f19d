"""What gives a run its items: whoever finds them, or knows them already."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..model.errors import ReelinError
from ..model.item import MediaItem


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know, that cost no item."""

    text: str


class ItemSource(Protocol):
    """The knowledge of which items a run has: a `Finder`, or `KnownItems`.

    empty: the URLs behind which nothing was found, when all is found
    """

    empty: tuple[str, ...]

    def find(self, starts: Sequence[str]) -> AsyncGenerator[MediaItem | ReelinError | Notice]:
        """Give items as they are found; errors and notices between them."""
        ...

    def look_into(self, item: MediaItem) -> AsyncIterator[MediaItem]:
        """Give what is behind an item that turned out to be a list or a stream."""
        ...

    def begin_anew(self, item: MediaItem) -> ItemSource | None:
        """Return what looks at the URL of an item that was taken for known, None: it was not."""
        ...


class KnownItems:
    """Items that were found before, as the source of a run."""

    def __init__(self, items: Sequence[MediaItem]) -> None:
        self._items = items
        self.empty: tuple[str, ...] = ()

    async def find(self, _: Sequence[str]) -> AsyncGenerator[MediaItem | ReelinError | Notice]:
        """Give all of them."""
        for each in self._items:
            yield each

    async def look_into(self, item: MediaItem) -> AsyncIterator[MediaItem]:
        """Give the item as it is: what is behind it was seen before."""
        yield item

    def begin_anew(self, item: MediaItem) -> ItemSource | None:
        """Return nothing: what they were found on is not looked at."""
        del item
        return None
