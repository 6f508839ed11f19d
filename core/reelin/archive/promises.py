"""The entries that a layout promises, as an archive comes to them."""

from __future__ import annotations

from collections import deque

from ..model.errors import SinkLost
from ..model.item import MediaItem, file_identity
from .checksums import Checks
from .layout import Layout, Planned


class Promises:
    """The entries still to come of a layout, in its order, and what becomes known meanwhile.

    start:  bytes of the archive that whoever reads has already
    checks: the checksums of its entries
    """

    def __init__(self, layout: Layout, start: int) -> None:
        self._layout = layout
        self._due = deque(layout.continue_at(start))
        # One more, for the entry that tells what failed.
        self.checks = Checks([*(each.checks for each in layout.entries), ()])

    @property
    def layout(self) -> Layout:
        """The layout, with the checksums that are known by now."""
        return self._layout.with_checks(self.checks.list_known()[:-1])

    def keep(self, item: MediaItem) -> tuple[int, Planned]:
        """Return the place of an item, and what is promised of it.

        Raises `SinkLost` where that is not the next one: what is missing cannot be left out.
        """
        place = len(self._layout.entries) - len(self._due)
        expected = self._due[0].item if self._due else None
        if expected is None or file_identity(expected) != file_identity(item):
            wanted = expected.url if expected is not None else "nothing further"
            raise SinkLost(f"the archive is to hold {wanted} next, not {item.url}")
        return place, self._due.popleft()

    def require_kept(self) -> None:
        """Raise `SinkLost` where something did not come."""
        if self._due:
            missing = self._due[0].item.url
            raise SinkLost(f"the archive is to hold {missing} as well, which did not come")
