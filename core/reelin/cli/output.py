"""What the command line prints: data on stdout, everything else on stderr."""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from ..model.errors import SinkLost
from ..model.events import Event, Failed, Finished, Found, Saved, Skipped, Warned, as_dict
from ..model.item import Alternative, MediaItem, as_facts
from ..model.units import format_size
from ..model.urls import without_userinfo
from ..plugins.registry import Registry
from ..run.filters import judge
from .settings import Settings

logger = logging.getLogger("reelin.cli")


class Output(AbstractContextManager["Output"]):
    """One event after another as plain lines. The base of all other ways to show a run.

    in_order: whether a run is only shown when those before it are over, as they are data
    """

    in_order = False

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._ended_by = ""
        self._noise: Counter[str] = Counter()  # by place

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        sys.stdout.flush()

    def begin(self, urls: Sequence[str], place: str) -> None:
        """Begin to show a run that saves into `place`: a folder, or whatever its sink has."""
        logger.info("%s -> %s", ", ".join(map(without_userinfo, urls)), place)

    def show(self, event: Event, place: str) -> None:
        """Print what a person wants to know of an event of a run that saves into `place`."""
        match event:
            case Failed():
                self.show_failed(event)
            case Warned():
                self.note(f"warning: {event.message}")
            case Saved():
                logger.info("saved %s (%s)", event.stored.name, format_size(event.stored.size))
                self.show_saved(event)
            case Skipped():
                self._noise[place] += event.rule == "noise"
                logger.info("skipped %s: %s", event.item.url, event.reason)
            case Found():
                logger.debug("found %s (%s)", event.item.url, event.item.origin)
            case Finished():
                # What nobody wants is no news: nobody misses it.
                wanted = replace(event, skipped=event.skipped - self._noise.pop(place, 0))
                self.show_finished(wanted, place)

    def show_failed(self, event: Failed) -> None:
        """Tell what failed. What ends the run is the same for all that was under way."""
        if event.error != self._ended_by:
            self.error(event.error)
        if event.kind == SinkLost.kind:
            self._ended_by = event.error

    def show_saved(self, event: Saved) -> None:
        """Tell that an item is stored, unless the log does that."""
        if not self.settings.display.verbose:
            self.note(f"{event.stored.name}  {format_size(event.stored.size)}")

    def show_finished(self, event: Finished, place: str) -> None:
        """Tell that a run has ended, and how."""
        if (event.found or event.failed) and not self.settings.display.finds_only:
            self.note(summary(event, place))

    def show_untaken(self, sentence: str) -> None:
        """Tell what a run says that found nothing, or took nothing of what it found."""
        is_long = "(" in sentence and not self.settings.display.explain
        self.note(f"{sentence}; --explain shows each" if is_long else sentence)

    def note(self, text: str) -> None:
        """Print a line for a person, unless told to be quiet."""
        if not self.settings.display.quiet:
            self.line(text)

    def error(self, text: str) -> None:
        """Print what went wrong; also when quiet."""
        self.line(f"reelin: error: {text}")

    def line(self, text: str) -> None:
        """Print a line on stderr."""
        print(printable(text), file=sys.stderr)


class FindsOutput(Output):
    """`--dry-run`: the items found, one a line; `--json`, `-g` and plain."""

    in_order = True

    def show(self, event: Event, place: str) -> None:
        if isinstance(event, Found):
            self._print(event.item)
        else:
            super().show(event, place)

    def _print(self, item: MediaItem) -> None:
        if self.settings.display.json:
            _write_json(_as_object(item))
        elif self.settings.display.get_urls:
            _write(item.url)
        else:
            size = format_size(item.size) if item.size is not None else ""
            kind = item.type or "?"
            _write(f"{kind:8} {size:>10}  {item.title or ''}  {item.url}".rstrip())


class ExplainOutput(Output):
    """`--explain`: a table of every candidate, its fate, and where it was found."""

    in_order = True

    def show(self, event: Event, place: str) -> None:
        if isinstance(event, Found):
            rule, verdict = judge(event.item, self.settings.run.filters)
            if verdict.keep is None:
                self._row("keep?", f"{rule}: only the answer to its request tells", event.item)
            else:
                self._row("keep", "", event.item)
        elif isinstance(event, Skipped):
            self._row("drop", f"{event.rule}: {event.reason}", event.item)
        else:
            super().show(event, place)

    def _row(self, fate: str, reason: str, item: MediaItem) -> None:
        if self.settings.display.json:
            _write_json({"fate": fate, "reason": reason, **_as_object(item)})
            return
        _write(f"{fate:6}{item.type or '?':8}  {_describe_rendition(item)}")
        asked = any(item.page_url in target.urls for target in self.settings.targets)
        where = "" if asked else f" on {item.page_url}"
        _write(f"      found by {item.extractor}: {item.origin or 'its own rules'}{where}")
        for each in item.alternatives[:5]:
            _write(f"      instead of {_describe_rendition(each)}")
        if len(item.alternatives) > 5:
            _write(f"      and of {len(item.alternatives) - 5} more renditions")
        if reason:
            _write(f"      {'dropped' if fate == 'drop' else 'decided later'} by {reason}")


class JsonOutput(Output):
    """`--json` with a run: each event as one line of JSON."""

    in_order = True

    def show(self, event: Event, place: str) -> None:
        _write_json(as_dict(event))
        if isinstance(event, Failed):
            self.show_failed(event)


def summary(event: Finished, place: str) -> str:
    """Return the last line: `12 saved (3.4 MiB), 2 skipped, 1 failed in 4.2 s -> place`."""
    parts = [f"{event.saved} saved ({format_size(event.size)})"]
    if event.skipped:
        parts.append(f"{event.skipped} skipped")
    if event.failed:
        parts.append(f"{event.failed} failed")
    is_there = event.saved or (event.skipped and "://" in place) or Path(place).exists()
    return f"{', '.join(parts)} in {event.seconds:.1f} s{f' -> {place}' if is_there else ''}"


def print_plugins(settings: Settings) -> None:
    """`--list-plugins`: each extractor with what it is for, an example, and its options."""
    registry = Registry.load(without=settings.run.without).configured(settings.run.plugin_options)
    for each in registry.describe():
        _write(f"{each.name}  ({each.source})")
        _write(f"    {each.summary}")
        for example in (*each.examples, each.finds):
            if example:
                first, *others = example.splitlines()
                _write(f"    for example  {first}")
                for line in others:
                    _write(f"                 {line}")
        for option in each.options:
            _write(
                f"    -O {each.name}.{option.name}={option.default_text}  {option.type_name}"
                + (f": {option.help}" if option.help else "")
            )
    for each in registry.describe_others():
        if each.options:  # else another option of the command line leads to it
            _write(f"{each.name}  ({each.source})")
            _write(f"    {each.summary}")
        for option in each.options:
            default = "" if option.default is None else f"={option.default_text}"
            _write(f"    {option.name}{default}  {option.type_name}: {option.help}".rstrip(": "))
    for problem in registry.problems:
        print(f"reelin: warning: {problem}", file=sys.stderr)


def printable(text: str) -> str:
    """Return text from outside without marks that would steer a terminal."""
    return "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in text)


def _describe_rendition(rendition: MediaItem | Alternative) -> str:
    """Return its URL, which of the formats there, and what makes it better or worse."""
    width, height, rate = rendition.width, rendition.height, rendition.bitrate
    size = f"{width} x {height}" if width and height else f"{width} wide" if width else ""
    return "  ".join(
        filter(
            None,
            (
                rendition.url + (f" ({rendition.format})" if rendition.format else ""),
                size or (f"{height} high" if height else ""),
                f"{rate // 1000} kbit/s" if rate else "",
            ),
        )
    )


def _as_object(item: MediaItem) -> dict[str, Any]:
    """Return an item for programs: the documented keys are always there."""
    known = as_facts(item)
    return {"url": item.url, "type": item.type or "other", "extractor": item.extractor} | known


def _write_json(value: dict[str, Any]) -> None:
    readable = sys.stdout.encoding.lower() in ("utf-8", "utf8")
    sys.stdout.write(json.dumps(value, ensure_ascii=not readable) + "\n")
    sys.stdout.flush()


def _write(text: str) -> None:
    sys.stdout.write(printable(text) + "\n")
