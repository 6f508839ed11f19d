"""Progress on a terminal: one bar for all, one for each file under way, speed and time left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ..model.events import Event, Failed, Finished, Found, Saved, Skipped, Started
from ..model.events import Progress as ProgressEvent
from ..model.item import Identity, MediaItem, identity
from ..model.units import format_size
from .output import Output, printable
from .settings import Settings

SHOWN = 8  # files with a bar of their own
_NAME = 32  # characters of a file's name


class _Speed(ProgressColumn):
    """Bytes per second, in the units in which sizes are shown."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{format_size(speed)}/s" if speed else "", style="progress.data.speed")


class ProgressOutput(Output):
    """Shows a run with rich's progress bars."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(binary_units=True),
            _Speed(),
            TimeRemainingColumn(compact=True),
            console=self._console,
            transient=True,
            refresh_per_second=8,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._progress.stop()
        super().__exit__(*exc)

    def begin(self, urls: Sequence[str], place: str) -> None:
        super().begin(urls, place)
        self._found = self._ended = 0
        self._bytes = self._expected = 0  # of all files, as far as sizes are known
        self._done: dict[Identity, int] = {}  # bytes of each file under way
        self._bars: dict[Identity, TaskID] = {}
        self._all = self._progress.add_task("", total=None)

    def show(self, event: Event) -> None:
        match event:
            case Found():
                self._found += 1
            case Started():
                self._expected += event.size or 0
                self._done[identity(event.item)] = 0
                if len(self._bars) < SHOWN and event.size:
                    self._bars[identity(event.item)] = self._progress.add_task(
                        _name(event.item), total=event.size
                    )
            case ProgressEvent():
                self._advance(identity(event.item), event.done)
                self._show_converting(event.item, event.converted)
            case Saved():
                self._advance(identity(event.item), event.stored.size)
                self._end(identity(event.item))
            case Skipped() if event.rule != "noise":
                self._end(identity(event.item))
            case Failed() if event.item is not None:
                self._end(identity(event.item))
            case Finished():
                self._progress.remove_task(self._all)
        super().show(event)
        if not isinstance(event, Finished):
            self._show_all()

    def show_saved(self, event: Saved) -> None:
        """The bars tell; a line for each file would push them away."""

    def line(self, text: str) -> None:
        self._console.print(escape(printable(text)), highlight=False, soft_wrap=True)

    def _advance(self, item: Identity, done: int) -> None:
        self._bytes += done - self._done.get(item, 0)
        self._done[item] = done
        if item in self._bars:
            self._progress.update(self._bars[item], completed=done)

    def _show_converting(self, item: MediaItem, share: float | None) -> None:
        bar = self._bars.get(identity(item))
        if bar is not None and share is not None:
            self._progress.update(bar, description=f"{_name(item)} -> {item.audio} {share:.0%}")

    def _end(self, item: Identity) -> None:
        self._ended += 1
        self._done.pop(item, None)
        bar = self._bars.pop(item, None)
        if bar is not None:
            self._progress.remove_task(bar)

    def _show_all(self) -> None:
        self._progress.update(
            self._all,
            description=f"{self._ended} of {self._found} files",
            completed=self._bytes,
            total=max(self._expected, self._bytes) or None,
        )


def _name(item: MediaItem) -> str:
    return escape(printable(item.title or item.url.rpartition("/")[2])[:_NAME])
