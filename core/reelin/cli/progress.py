"""Progress on a terminal: one bar for all, one for each file under way, speed and time left."""

from __future__ import annotations

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

from ..model.events import Event, Failed, Found, Saved, Skipped, Started
from ..model.events import Progress as ProgressEvent
from ..model.item import Identity, MediaItem, identity
from ..model.units import format_size
from .output import Output, printable
from .settings import Settings

SHOWN = 8  # files with a bar of their own
_NAME = 32  # characters of a file's name
_File = tuple[str, Identity]  # an item, and the place that its run saves into


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
        self._found = self._ended = 0
        self._bytes = self._expected = 0  # of all files, as far as sizes are known
        self._done: dict[_File, int] = {}  # bytes of each file under way
        self._bars: dict[_File, TaskID] = {}
        self._all = self._progress.add_task("", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._progress.remove_task(self._all)
        self._progress.stop()
        super().__exit__(*exc)

    def show(self, event: Event, place: str) -> None:
        match event:
            case Found():
                self._found += 1
            case Started():
                self._begin((place, identity(event.item)), event)
            case ProgressEvent():
                file = place, identity(event.item)
                self._advance(file, event.done)
                self._show_converting(file, event.item, event.converted)
            case Saved():
                file = place, identity(event.item)
                self._advance(file, event.stored.size)
                self._end(file)
            case Skipped() if event.rule != "noise":
                self._end((place, identity(event.item)))
            case Failed() if event.item is not None:
                self._end((place, identity(event.item)))
        super().show(event, place)
        self._show_all()

    def show_saved(self, event: Saved) -> None:
        """The bars tell; a line for each file would push them away."""

    def line(self, text: str) -> None:
        self._console.print(escape(printable(text)), highlight=False, soft_wrap=True)

    def _begin(self, file: _File, event: Started) -> None:
        self._expected += event.size or 0
        self._done[file] = 0
        if len(self._bars) < SHOWN and event.size:
            self._bars[file] = self._progress.add_task(_name(event.item), total=event.size)

    def _advance(self, file: _File, done: int) -> None:
        self._bytes += done - self._done.get(file, 0)
        self._done[file] = done
        if file in self._bars:
            self._progress.update(self._bars[file], completed=done)

    def _show_converting(self, file: _File, item: MediaItem, share: float | None) -> None:
        bar = self._bars.get(file)
        if bar is not None and share is not None:
            self._progress.update(bar, description=f"{_name(item)} -> {item.audio} {share:.0%}")

    def _end(self, file: _File) -> None:
        self._ended += 1
        self._done.pop(file, None)
        bar = self._bars.pop(file, None)
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
