"""What a row has shown: the table, the goals that are met or missed, and both as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from .measure import Result


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is to be at most so much.

    against:  the contender to whose figure ours is compared; empty: our own figure counts
    most:     the goal
    floor:    what has to be reached in any case; None: nothing is asked for beside the goal
    figure:   `wall` (seconds) or `memory` (MiB)
    subject:  the contender that is ours
    share:    the figure is multiplied by this first: 0.1 compares ten times the work by the piece
    """

    against: str
    most: float
    floor: float | None = None
    figure: str = "wall"
    subject: str = "reelin"
    share: float = 1.0

    def value(self, results: Mapping[str, Result]) -> float | None:
        """The figure, or None if a contender has no result."""
        ours, theirs = results[self.subject], results[self.against or self.subject]
        if not ours.samples or not theirs.samples:
            return None
        figure = float(getattr(ours, self.figure)) * self.share
        return figure / float(getattr(theirs, self.figure)) if self.against else figure

    def describe(self, results: Mapping[str, Result]) -> str:
        """Return one line: what is compared, the figure, and whether goal and floor are met."""
        value = self.value(results)
        unit = "" if self.against else {"wall": " s", "memory": " MiB"}[self.figure]
        what = f"{self.figure} of {self.subject}" + (f" / {self.against}" if self.against else "")
        if self.share != 1:
            what += ", by the piece"
        if value is None:
            return f"{what}: not measured"
        marks = [f"goal {self.most:g} {_mark(value, self.most)}"]
        if self.floor is not None:
            marks.append(f"floor {self.floor:g} {_mark(value, self.floor)}")
        return f"{what}: {value:.3g}{unit}   {', '.join(marks)}"


def _mark(value: float, most: float) -> str:
    return "met" if value <= most else "MISSED"


def as_text(title: str, results: Sequence[Result], goals: Sequence[Goal]) -> str:
    """The table of a row with its goals below."""
    lines = [f"\n{title}"]
    lines.append(f"  {'':20} {'median s':>9} {'min-max':>15} {'cpu s':>8} {'MiB':>6} {'x ours':>7}")
    ours = results[0]
    for each in results:
        if not each.samples:
            lines.append(f"  {each.name:20} {each.problem}")
            continue
        memory = f"{each.memory:6.0f}" if each.memory else " " * 6
        times = f"{each.wall / ours.wall:7.2f}" if ours.samples else ""
        lines.append(
            f"  {each.name:20} {each.wall:9.3f} {each.spread:>15} {each.cpu:8.3f} {memory} {times}"
        )
    by_name = {each.name: each for each in results}
    return "\n".join([*lines, *(f"  - {goal.describe(by_name)}" for goal in goals)])


def as_dict(name: str, results: Sequence[Result], goals: Sequence[Goal]) -> dict[str, object]:
    """Return a row for JSON, with every run."""
    by_name = {each.name: each for each in results}
    return {
        "row": name,
        "contenders": [asdict(each) for each in results],
        "goals": [{**asdict(goal), "value": goal.value(by_name)} for goal in goals],
    }
