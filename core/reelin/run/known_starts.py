"""The start URLs that the sink of a run knows as files: these need no look at them as pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from ..model import urls
from ..model.item import MediaItem
from ..plugins.extractor import Extractor
from .pages import is_page

Recall: TypeAlias = Callable[[str], Awaitable[MediaItem | None]]


class KnownStarts:
    """The URLs of a run that were taken for the files that they were in an earlier one.

    recall: gives the file that a URL itself is, where that is known
    """

    def __init__(self, recall: Recall) -> None:
        self._recall = recall
        self._taken: set[str] = set()

    async def find(self, url: str, chosen: Sequence[Extractor]) -> MediaItem | None:
        """Return the file that a URL was, where it can be no page; None: it is looked at.

        chosen: the extractors for the URL: of one that claims it nobody knows what it will find
        """
        item = await self._recall(urls.join(url, url) or url)
        if item is None or not _is_file(item):
            return None
        if not any(each.name == item.extractor and not each.pattern for each in chosen):
            return None
        self._taken.add(item.url)
        return item

    def forget(self, url: str) -> bool:
        """Take a URL for a file no more; whether it was taken for one."""
        was_taken = url in self._taken
        self._taken.discard(url)
        return was_taken


def _is_file(item: MediaItem) -> bool:
    """Whether an item is of a type that leads to nothing else. Texts are read before they are."""
    mime = item.mime or ""
    return bool(mime) and not is_page(mime) and not mime.startswith("text/")
