"""The renditions of one item, and which of them has the resolution that somebody wants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

from .errors import UsageError
from .item import Alternative, MediaItem, as_alternative
from .media_types import extension, extension_for, media_type, type_of

_WANTED = re.compile(r"(?:(\d{1,5})x)?(\d{1,5})p?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Resolution:
    """The rendition of a video that is wanted: `1280x720`, `720p`, `best` or `worst`.

    height: lines, or of an upright video columns; None: the best, or the worst
    width:  pixels, None where only the height counts
    """

    height: int | None = None
    width: int | None = None
    worst: bool = False

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the resolution that a person means. Raises `UsageError`."""
        text = text.strip()
        if text.lower() in ("best", "worst"):
            return cls(worst=text.lower() == "worst")
        found = _WANTED.fullmatch(text)
        if not found or not int(found[2]):
            words = f"{text!r} is no resolution; write 1280x720, 720p, best or worst"
            raise UsageError(words)
        return cls(int(found[2]), int(found[1]) if found[1] else None)

    def __str__(self) -> str:
        if self.height is None:
            return "worst" if self.worst else "best"
        return f"{self.width}x{self.height}" if self.width else f"{self.height}p"

    def choose(self, item: MediaItem) -> tuple[MediaItem, bool]:
        """Return the item in the rendition that fits, and whether that is what was asked for.

        Where it is missing, the nearest one that is not above it counts; else the lowest. Of
        several with one resolution, the one with the highest bit rate.
        """
        if item.type not in (None, "video"):
            return item, True
        every = [item, *(each for each in renditions(item) if each.type in (None, "video"))]
        videos = [each for each in every if _lines(each)]
        if self.height is None and len(videos) < len(every):
            return _choose_by_rate(every, videos, worst=self.worst), True
        if len(every) < 2 or not videos:
            return item, len(every) < 2
        videos.sort(key=lambda each: (_lines(each), each.bitrate or 0), reverse=True)
        if self.height is None:
            return videos[-1 if self.worst else 0], True
        exact = next((each for each in videos if self._is(each)), None)
        if exact is not None:
            return exact, True
        below = (each for each in videos if _lines(each) <= self.height)
        lowest = _lines(videos[-1])
        return next(below, next(each for each in videos if _lines(each) == lowest)), False

    def _is(self, item: MediaItem) -> bool:
        if self.width is not None:
            return (item.width, item.height) == (self.width, self.height)
        return _lines(item) == self.height


def describe_size(item: MediaItem) -> str:
    """Say in words which size a rendition has that was taken instead of another."""
    if not item.height:
        return "what it names first (no size is told)"
    return f"{item.width}x{item.height}" if item.width else f"{item.height}p"


def _choose_by_rate(
    every: Sequence[MediaItem], sized: Sequence[MediaItem], *, worst: bool
) -> MediaItem:
    """Return the best or the worst of renditions not all of which tell their size.

    By their bit rates, or else by their order, of which streams are sure; else by the sizes.
    """
    if all(each.bitrate for each in every):
        choose = min if worst else max
        return choose(every, key=lambda each: each.bitrate or 0)
    if len(sized) > 1:
        return sorted(sized, key=_lines)[0 if worst else -1]
    return every[-1 if worst and every[0].protocol == "hls" else 0]


def _lines(item: MediaItem) -> int:
    """Return what stands before the p: the shorter side of a video. 0: not known."""
    return min(item.width or item.height or 0, item.height or 0)


def renditions(item: MediaItem) -> Iterator[MediaItem]:
    """Give the item with each of its alternatives in front."""
    shown = as_alternative(item)
    for chosen in item.alternatives:
        # A variant of a stream is fetched by the stream's playlist, which names its audio.
        is_variant = item.protocol == "hls" and chosen.format is not None
        others = tuple(each for each in item.alternatives if each is not chosen)
        yield replace(
            item,
            url=item.url if is_variant else chosen.url,
            protocol="hls" if is_variant else "http" if item.protocol == "hls" else item.protocol,
            type=chosen.type or type_of(chosen.url) or item.type,
            mime=chosen.mime,
            width=chosen.width,
            height=chosen.height,
            size=chosen.size,
            bitrate=chosen.bitrate,
            format=chosen.format,
            filename=_rename(item.filename, chosen),
            alternatives=(shown, *others),
        )


def _rename(name: str | None, chosen: Alternative) -> str | None:
    """Return a name with the ending of another rendition; as it is where that is not known."""
    mime = chosen.mime if chosen.mime and media_type(chosen.mime) != "other" else None
    by_url = extension(chosen.url) if type_of(chosen.url) else ""
    ending = extension_for(mime) if mime else by_url
    if not name or not ending:
        return name
    stem = name.rpartition(".")[0] if type_of(name) else name
    return f"{stem}.{ending}"
