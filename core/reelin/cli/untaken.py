"""What a run left out, and what there is to say where nothing is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ..model.events import Event, Finished, Skipped
from ..model.urls import without_userinfo

_MOST_REASONS = 3


class Untaken:
    """The candidates of one run that were left out, by the rule and its reason."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = [without_userinfo(each) for each in urls]
        self._noise: dict[str, Counter[str]] = {}  # by page
        self._refused: Counter[str] = Counter()

    def note(self, event: Event) -> None:
        """Take an event of the run into account."""
        if isinstance(event, Skipped) and event.rule == "noise":
            self._noise.setdefault(event.item.page_url, Counter())[event.reason] += 1
        elif isinstance(event, Skipped) and event.rule != "present":
            self._refused[f"{event.rule}: {event.reason}"] += 1

    def sentences(self, end: Finished, empty: Iterable[str]) -> Iterator[str]:
        """Give what there is to say at the end of a run of URLs that led to nothing, or of all.

        empty: those behind which nothing was found
        """
        for url in empty:
            noise = self._noise_of(url)
            some = f" but {_count(noise.total())} of no use ({_reasons(noise)})" if noise else ""
            yield f"{url}: nothing found{some}"
        if end.found and not end.failed and self._refused.total() == end.found:
            whole = f"all {end.found} items are" if end.found > 1 else "the only item is"
            names = ", ".join(self._urls)
            yield f"{names}: {whole} left out by filters ({_reasons(self._refused)})"

    def _noise_of(self, url: str) -> Counter[str]:
        """Return what was of no use: of one URL among several, on its own page."""
        if len(self._urls) > 1:
            return self._noise.get(url, Counter())
        return sum(self._noise.values(), Counter())


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
