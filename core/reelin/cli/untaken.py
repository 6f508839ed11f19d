"""What a run left out, and a sentence on it where nothing is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..model.events import Event, Finished, Skipped
from ..model.urls import without_userinfo

_MOST_REASONS = 3


class Untaken:
    """The candidates of one run that were left out, by the rule and its reason."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._names = ", ".join(map(without_userinfo, urls))
        self._noise: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()

    def note(self, event: Event) -> None:
        """Take an event of the run into account."""
        if isinstance(event, Skipped) and event.rule == "noise":
            self._noise[event.reason] += 1
        elif isinstance(event, Skipped) and event.rule != "present":
            self._refused[f"{event.rule}: {event.reason}"] += 1

    def sentence(self, end: Finished) -> str | None:
        """What there is to say at the end of a run that found nothing, or took nothing of it."""
        if end.failed:
            return None  # that is told already
        if not end.found:
            noise = self._noise.total()
            but = f" but {_count(noise)} of no use ({_reasons(self._noise)})" if noise else ""
            return f"{self._names}: nothing found{but}"
        if self._refused.total() == end.found:
            whole = f"all {end.found} items are" if end.found > 1 else "the only item is"
            return f"{self._names}: {whole} left out by filters ({_reasons(self._refused)})"
        return None


def _count(number: int) -> str:
    return "1 item" if number == 1 else f"{number} items"


def _reasons(counts: Counter[str]) -> str:
    """The most frequent reasons with how often each was met, and where all are told."""
    listed = [
        f"{number} x {reason}" if len(counts) > 1 or number > 1 else reason
        for reason, number in counts.most_common(_MOST_REASONS)
    ]
    others = len(counts) - len(listed)
    return "; ".join([*listed, f"and for {others} more reasons"] if others else listed)
