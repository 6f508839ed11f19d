"""Which of several renditions of one track is best made into the kind of audio that is wanted."""

from __future__ import annotations

from collections.abc import Sequence

from .audio import Audio
from .item import MediaItem
from .media_types import extension, type_of
from .type_names import canonical

_LOSSLESS = frozenset("aif aifc aiff ape dff dsf flac tta w64 wav wave wv".split())
_LOSSLESS_TYPES = frozenset(
    ["audio/aiff", "audio/flac", "audio/wav", "audio/x-ape", "audio/x-tta", "audio/x-wavpack"]
)
# Endings and types of files whose audio is of that kind already, and is not encoded again.
_ALIKE: dict[str, frozenset[str]] = {
    "flac": frozenset(["flac", "audio/flac"]),
    "m4a": frozenset(["m4a", "m4b", "m4r", "aac", "audio/mp4", "audio/aac"]),
    "mp3": frozenset(["mp3", "mpga", "audio/mpeg"]),
    "opus": frozenset(["opus", "audio/opus"]),
    "wav": frozenset(["wav", "wave", "audio/wav"]),
}


def best_source(offered: Sequence[MediaItem], wish: Audio) -> MediaItem:
    """The one of what is offered to make the wished audio of. There must be at least one.

    What is that kind already, as it is; else what has lost nothing; else the best: by bit rate
    where all tell theirs, or else the first. Where a lower rate is wanted, what is of that kind
    counts first only if it is known to be as low: it would lose twice.
    """
    alike = [each for each in offered if _is_alike(each, wish)]
    lossless = [each for each in offered if _is_lossless(each)]
    kept = alike if wish.is_lossless or wish.quality == "best" else _at_most(alike, wish.rate)
    return _best(kept or lossless or alike or offered)


def _is_alike(item: MediaItem, wish: Audio) -> bool:
    return bool(_words(item) & _ALIKE[wish.format])


def _is_lossless(item: MediaItem) -> bool:
    return bool(_words(item) & (_LOSSLESS | _LOSSLESS_TYPES))


def _words(item: MediaItem) -> set[str]:
    """Return the type of a rendition, or else the ending by which it is known."""
    if item.mime:
        return {canonical(item.mime)}
    by_url = extension(item.url)
    return {by_url if type_of(f"x.{by_url}") or not item.filename else extension(item.filename)}


def _at_most(items: Sequence[MediaItem], rate: int | None) -> list[MediaItem]:
    """Return those that are known to have at most `rate` kilobits per second."""
    return [each for each in items if rate and each.bitrate and each.bitrate <= rate * 1000]


def _best(items: Sequence[MediaItem]) -> MediaItem:
    if all(each.bitrate for each in items):
        return max(items, key=lambda each: each.bitrate or 0)
    return items[0]
