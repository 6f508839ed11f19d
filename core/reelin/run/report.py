"""How a run ended: its counts, what it saved, and what failed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ..model.events import Failed
from ..model.item import MediaItem, replace_fields
from ..model.stored import Stored


@dataclass(frozen=True, slots=True)
class Report:
    """The end of a run in figures: items, bytes stored (`size`); `failures` includes pages.

    `skipped` includes noise, which is not among what was `found`. `empty` are those of the run's
    URLs behind which nothing was found and nothing failed, when the run has ended.
    """

    found: int
    saved: tuple[Stored, ...]
    skipped: int
    failures: tuple[Failed, ...]
    size: int
    seconds: float
    empty: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is missing."""
        return not self.failures


@dataclass(slots=True)
class Tally:
    """The counts of a run that goes on."""

    started: float = field(default_factory=time.monotonic)
    found: int = 0
    taken: int = 0
    skipped: int = 0
    size: int = 0
    saved: list[Stored] = field(default_factory=list)
    failures: list[Failed] = field(default_factory=list)

    def take(self, item: MediaItem) -> MediaItem:
        """Return an item that is to be fetched, with its number; one that it has already stays."""
        self.taken += 1
        return item if item.number is not None else replace_fields(item, number=self.taken)

    def report(self, empty: tuple[str, ...] = ()) -> Report:
        """Return how the run stands; `empty` when it has ended."""
        return Report(
            self.found,
            tuple(self.saved),
            self.skipped,
            tuple(self.failures),
            self.size,
            time.monotonic() - self.started,
            empty,
        )
