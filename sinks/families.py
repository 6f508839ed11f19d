"""Items of one run that may be one: their addresses differ by what signs them."""

from __future__ import annotations

from reelin import MediaItem


class Families:
    """Items of this run whose addresses differ by their signature: one of them may be assumed.

    Where a page has several, they may be several things: then none is.
    """

    def __init__(self) -> None:
        self._first: dict[str, MediaItem] = {}
        self._assumed: dict[str, MediaItem] = {}
        self._several: set[str] = set()
        self._doubts: list[MediaItem] = []

    def meet(self, item: MediaItem, family: str) -> bool:
        """Note an item; whether it is the only one of its family so far."""
        if self._first.setdefault(family, item) is not item:
            self._several.add(family)
            if family in self._assumed:
                self._doubts.append(self._assumed.pop(family))
        return family not in self._several

    def assume(self, item: MediaItem, family: str) -> bool:
        """Take an item for what an earlier run has put; False where it is not alone any more."""
        if family in self._several:
            return False
        self._assumed[family] = item
        return True

    def take_doubts(self) -> list[MediaItem]:
        """Return the items that were assumed, and are not alone after all."""
        doubts, self._doubts = self._doubts, []
        return doubts
