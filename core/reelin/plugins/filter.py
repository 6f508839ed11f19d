"""The answer of a filter: keep, drop with a reason, or cannot tell yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from ..model.item import MediaItem


@dataclass(frozen=True, slots=True)
class Verdict:
    """`keep` is True, False (with a `reason`), or None: cannot tell before more is known."""

    keep: bool | None
    reason: str = ""


KEEP = Verdict(True)
UNKNOWN = Verdict(None)


def drop(reason: str) -> Verdict:
    """The verdict that refuses an item; `reason` completes "skipped, because …"."""
    return Verdict(False, reason)


@runtime_checkable
class Filter(Protocol):
    """Decides on items, in two moments: on what the page says, and on the answer's headers.

    A filter is a frozen dataclass whose fields are its options. It must be quick and pure.
    """

    name: ClassVar[str]

    def judge(self, item: MediaItem) -> Verdict:
        """KEEP, `drop(reason)`, or UNKNOWN while `item` lacks the fact it decides on."""
        ...
