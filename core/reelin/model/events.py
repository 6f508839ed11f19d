"""The events of a run, as small frozen values: progress bars, sockets and logs all read these.

Found → (Skipped | Started → Progress* → (Saved | Failed | Skipped)) for each item, Warned at any
time, and Finished once, last. Facts are never lost; Progress is throttled, and like Retried it may
be dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from .item import MediaItem, as_facts
from .stored import Stored


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events. `number` counts up from 1 within a run; Progress may leave gaps."""

    number: int


@dataclass(frozen=True, slots=True)
class Found(Event):
    """An extractor found an item, and no filter refused it so far."""

    item: MediaItem


@dataclass(frozen=True, slots=True)
class Skipped(Event):
    """An item is not fetched, or no further. `rule` names what decided, `reason` says why.

    Rules: a filter's name (`size`, `type`, …), `noise`, or `present` (stored already, complete:
    then `stored` says as what).
    """

    item: MediaItem
    rule: str
    reason: str
    stored: Stored | None = None


@dataclass(frozen=True, slots=True)
class Started(Event):
    """The bytes of an item begin to arrive. `size`: bytes expected, None when unknown."""

    item: MediaItem
    size: int | None


@dataclass(frozen=True, slots=True)
class Progress(Event):
    """`done` of `size` bytes of an item are here; a few times a second at most.

    converted: 0 to 1, while what is here is being made into another kind of file
    downloaded_segments, total_segments: of a stream; its total is None while it is live, and
               `size` is an estimate
    """

    item: MediaItem
    done: int
    size: int | None
    converted: float | None = None
    downloaded_segments: int | None = None
    total_segments: int | None = None


@dataclass(frozen=True, slots=True)
class Retried(Event):
    """An attempt to fetch something of an item failed, and is made again. May be left out.

    attempts: that were made; wait: seconds until the next one
    status:   of the answer, None without one
    """

    item: MediaItem
    error: str
    attempts: int
    wait: float
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Saved(Event):
    """An item is stored, complete and verified."""

    item: MediaItem
    stored: Stored


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """An item, or a page (`item` is None), could not be had. The run goes on without it.

    kind:   the error's class, such as `FetchError`
    code:   one word for the cause, see `ReelinError`
    status: of the HTTP answer, None without one
    """

    url: str
    error: str
    kind: str
    item: MediaItem | None = None
    code: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Warned(Event):
    """Something a person should know that cost no item: a plugin failed, a limit was reached."""

    message: str


@dataclass(frozen=True, slots=True)
class Finished(Event):
    """The run has ended: always the last event. Counts are items, `size` is bytes stored."""

    found: int
    saved: int
    skipped: int
    failed: int
    size: int
    seconds: float


def as_dict(event: Event) -> dict[str, Any]:
    """The event, JSON-ready: `{"event": "saved", "number": 7, …}`. Headers are left out."""
    out: dict[str, Any] = {"event": type(event).__name__.lower()}
    for each in fields(event):
        value = getattr(event, each.name)
        if isinstance(value, MediaItem | Stored):
            value = as_facts(value)
        if value is not None:
            out[each.name] = value
    return out
