"""The URLs that a run begins with, and behind which of them nothing is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from .visit import Visit


class Starts:
    """The URLs that a run begins with, each once, and what the pages behind them brought."""

    def __init__(self, urls: Iterable[str]) -> None:
        self.urls = tuple(dict.fromkeys(urls))
        self._good: set[str] = (
            set()
        )  # pages with an item, or with a failure: that is told by itself
        self._links: dict[str, list[str]] = {}  # of all others

    def add(self, visit: Visit) -> None:
        """Take in a page that was looked at to its end."""
        if visit.has_items or visit.failures:
            self._good.add(visit.url)
        else:
            self._links[visit.url] = list(visit.links)

    def list_empty(self) -> tuple[str, ...]:
        """Return those behind which nothing is: on no page that any links lead to from there.

        What another one has as well counts for both. To be asked when all pages were looked at.
        """
        if self._good.issuperset(self.urls):
            return ()
        sources = defaultdict(list)
        for page, links in self._links.items():
            for link in links:
                sources[link].append(page)
        good, waiting = set(self._good), list(self._good)
        while waiting:
            further = [each for each in sources.get(waiting.pop(), ()) if each not in good]
            good.update(further)
            waiting += further
        return tuple(each for each in self.urls if each not in good)
