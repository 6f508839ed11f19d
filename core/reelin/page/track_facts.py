"""Facts that entries of track lists state of their tracks, under whatever names authors use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..model import facts
from .document import Document
from .text import fold

# What authors call the address of a track, and its other facts.
SOURCES = (
    "src sources source file files url urls mp3 m4a aac ogg oga opus wav flac audio webma fla mp4"
    " m4v webm webmv ogv flv video hls dash m3u8 m3u8v m3u8a href link path stream contentUrl"
).split()
TITLES = ("title", "name", "label", "chapter", "text", "caption")
OWN_TITLES = ("title", "name")  # of a track, and not of one of its formats
ARTISTS = ("artist", "author", "performer", "narrator", "reader")
DATES = tuple("date datePublished publishedAt published uploadDate pubDate createdAt".split())
ALBUMS = ("album", "book", "series")
THUMBNAILS = "poster cover cover_art_url artwork pic thumbnail image thumb".split()
_DURATIONS = ("duration", "length")
_SIZES = "fileSize filesize file_size sizeInBytes size_in_bytes contentLength bytes size".split()
_LEAST_SIZE = 10_000  # bytes: a smaller `size` are lines, as in `size: 720`
_QUALITIES = ("size", "height", "res", "resolution", "quality", "label")
_LINES = re.compile(r"(\d{3,4})p?\b")


def first_text(about: Any, keys: Sequence[str]) -> str | None:
    """The first of these entries that is text, white space folded."""
    for key in keys if isinstance(about, dict) else ():
        value = about.get(key)
        if value and isinstance(value, str):
            folded = fold(value)
            if folded:
                return folded
    return None


def height_in(about: Mapping[str, Any]) -> int | None:
    """The lines that a quality states: `size: 720`, `label: '1080p'`."""
    for key in _QUALITIES:
        found = _LINES.match(str(about.get(key, "")))
        if found and 100 <= int(found[1]) < 9000:
            return int(found[1])
    return None


def seconds_in(about: Mapping[str, Any]) -> float | None:
    """The duration that an entry states, or what holds its address: `{title, audio: {url}}`."""
    holders = (about, *(about[key] for key in SOURCES if isinstance(about.get(key), dict)))
    values = (str(each.get(key, "")) for each in holders for key in _DURATIONS)
    return next(filter(None, map(facts.seconds_in, values)), None)


def size_in(about: Mapping[str, Any]) -> int | None:
    """The size in bytes that an entry states."""
    sizes = (facts.count_in(str(about.get(key, ""))) or 0 for key in _SIZES)
    return next((size for size in sizes if size >= _LEAST_SIZE), None)


def thumbnail_in(page: Document, about: Mapping[str, Any]) -> str | None:
    """The image of an entry: an address, or an object that has one, or a list of either."""
    for value in map(about.get, THUMBNAILS):
        first = value[0] if value and isinstance(value, list) else value
        address = first if is_text(first) else first_text(first, ("src", "url"))
        if address:
            return page.absolute(address)
    return None


def is_text(value: Any) -> bool:
    """Whether a value is text that is more than white space."""
    return isinstance(value, str) and bool(value.strip())


def as_list(value: Any) -> list[Any]:
    """A value that is a list; an empty one for any other."""
    return value if isinstance(value, list) else []
