"""The built-in filters, and how several of them decide on an item and on its alternatives."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ..model.audio import Audio
from ..model.audio_choice import best_source
from ..model.errors import PluginError, UsageError
from ..model.item import MediaItem, replace_fields
from ..model.media_types import MEDIA_TYPES, extension, extension_for, media_type, type_of
from ..model.resolution import renditions
from ..model.units import format_size
from ..plugins.calls import describe, preview
from ..plugins.filter import KEEP, UNKNOWN, Filter, Verdict, drop


@dataclass(frozen=True, slots=True)
class Type:
    """Keeps items of these media types: image, video, audio, document, archive, other."""

    name: ClassVar[str] = "type"
    types: Collection[str]

    def __post_init__(self) -> None:
        for each in self.types:
            if each not in MEDIA_TYPES:
                raise UsageError(f"{each!r} is not a type; there are {', '.join(MEDIA_TYPES)}")

    def judge(self, item: MediaItem) -> Verdict:
        """UNKNOWN while the type is not known."""
        kind = item.type or (media_type(item.mime) if item.mime else None)
        if kind is None:
            return UNKNOWN
        return KEEP if kind in self.types else drop(f"its type is {kind}")


@dataclass(frozen=True, slots=True)
class Extension:
    """Keeps items with one of the extensions `only` (empty: any), and none of `never`.

    With or without the dot, in any case; jpg and jpeg are the same.
    """

    name: ClassVar[str] = "ext"
    only: Collection[str] = ()
    never: Collection[str] = ()

    def judge(self, item: MediaItem) -> Verdict:
        """Judge by the file name, else by the URL, else by the MIME type; UNKNOWN without any."""
        last = extension(item.filename or "") or extension(item.url)
        if not last or (item.mime and type_of("." + last) is None):
            last = extension_for(item.mime) if item.mime else ""
        if not last:
            return UNKNOWN
        plain = _normalize(last)
        if plain in map(_normalize, self.never):
            return drop(f".{last} is excluded")
        if self.only and plain not in map(_normalize, self.only):
            return drop(f".{last} is not among the wanted extensions")
        return KEEP


@dataclass(frozen=True, slots=True)
class Size:
    """Keeps items of at least `least` and at most `most` bytes."""

    name: ClassVar[str] = "size"
    least: int = 0
    most: int | None = None

    def judge(self, item: MediaItem) -> Verdict:
        """UNKNOWN while the size is not known."""
        if item.size is None:
            return UNKNOWN
        if item.size < self.least:
            return drop(f"{format_size(item.size)} is less than {format_size(self.least)}")
        if self.most is not None and item.size > self.most:
            return drop(f"{format_size(item.size)} is more than {format_size(self.most)}")
        return KEEP


@dataclass(frozen=True, slots=True)
class Date:
    """Keeps items published (or last modified) from `first` to `last`, both included."""

    name: ClassVar[str] = "date"
    first: datetime | None = None
    last: datetime | None = None

    def judge(self, item: MediaItem) -> Verdict:
        """UNKNOWN while no date is known."""
        if item.date is None:
            return UNKNOWN
        if self.first is not None and item.date < self.first:
            return drop(f"{item.date:%Y-%m-%d} is before {self.first:%Y-%m-%d}")
        if self.last is not None and item.date > self.last:
            return drop(f"{item.date:%Y-%m-%d} is after {self.last:%Y-%m-%d}")
        return KEEP


def largest_size(filters: Sequence[Filter]) -> int | None:
    """Return the bytes beyond which an item is refused, None if there is no such bound."""
    bounds = (each.most for each in filters if isinstance(each, Size))
    return min((each for each in bounds if each is not None), default=None)


def judge(item: MediaItem, filters: Sequence[Filter]) -> tuple[str, Verdict]:
    """Return the verdict of all filters on an item, and the name of the filter that decided.

    The first that drops decides; else it is UNKNOWN if one could not tell; else KEEP. Raises
    `PluginError` for a filter that raises, or answers with something else.
    """
    undecided = ""
    for each in filters:
        verdict = _ask(each, item)
        if verdict.keep is False:
            return each.name, verdict
        if verdict.keep is None:
            undecided = undecided or each.name
    return (undecided, UNKNOWN) if undecided else ("", KEEP)


def _ask(each: Filter, item: MediaItem) -> Verdict:
    try:
        verdict = each.judge(item)
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"filter {each.name} on {item.url}: {describe(error)}", url=item.url
        ) from error
    if isinstance(verdict, Verdict):
        return verdict
    raise PluginError(
        f"filter {each.name} on {item.url}: judge() returned {preview(verdict)},"
        " and not KEEP, UNKNOWN or drop(reason)",
        url=item.url,
    )


def prefer(item: MediaItem, filters: Sequence[Filter]) -> MediaItem:
    """Return the item in its best rendition that no filter refuses; as it is if all are refused.

    So `--ext mp3` takes the MP3 of a track that is offered as Ogg first.
    """
    if not item.alternatives or judge(item, filters)[1].keep is not False:
        return item
    for candidate in renditions(item):
        if judge(candidate, filters)[1].keep is not False:
            return candidate
    return item


def as_audio(item: MediaItem, filters: Sequence[Filter], wish: Audio | None) -> MediaItem:
    """Return an item as audio of the wished kind, if there is a wish and it can be that.

    It is made of the rendition that is best for that, among those that no filter refuses: of a
    video its audio alone, where it is offered like that.
    """
    if wish is None or item.audio or item.type not in (None, "audio", "video"):
        return item
    every = [item, *renditions(item)] if item.alternatives else []
    offered = [
        each
        for each in every
        if (each.type or item.type) == "audio" and judge(each, filters)[1].keep is not False
    ]
    return replace_fields(best_source(offered, wish) if offered else item, audio=wish)


def _normalize(last: str) -> str:
    last = last.lower().lstrip(".")
    return {"jpeg": "jpg", "jpe": "jpg", "tiff": "tif", "htm": "html"}.get(last, last)
