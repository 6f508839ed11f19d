"""The addresses of one track, in all its qualities and formats, with what stands beside each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..model import facts
from ..model.item import Alternative
from ..model.media_types import MediaType, extension, media_type, type_of
from .document import Document
from .elements import each_once, playable, url_in
from .track_facts import (
    OWN_TITLES,
    SOURCES,
    THUMBNAILS,
    TITLES,
    as_list,
    first_text,
    height_in,
    is_text,
    size_in,
)
from .track_parts import EMBEDS, embed_in

# Those that mean media also where the extension does not tell.
_CERTAIN = frozenset(["src", "source", "sources", "file", "url", "urls"])
_MAY_BE_AUDIO = ("webm", "mp4")
_LONGEST_URL = 4096
_MOST_QUALITIES = 12


def renditions(
    page: Document, value: Any, kind: MediaType | None = None, depth: int = 3
) -> list[Alternative]:
    """The addresses of one thing, largest first: itself, its sources, one for each format."""
    found: list[Alternative] = []
    if isinstance(value, str):
        url = url_in(page, value) if len(value) < _LONGEST_URL else None
        if url and (playable(type_of(url)) or (kind and type_of(url) is None)):
            found.append(Alternative(url, type=_type_at(url, kind)))
    elif isinstance(value, list) and depth:
        found = [each for part in value for each in renditions(page, part, kind, depth - 1)]
    elif isinstance(value, dict) and depth and not embed_in(value):
        for key in _source_keys(value):
            inner = value[key]
            known = _kind(value, is_list=isinstance(inner, list))
            known = known or (kind if key in _CERTAIN else None)
            parts = renditions(page, inner, known, depth - 1)
            found += [_describe(each, value) for each in parts] if is_text(inner) else parts
    return each_once(sorted(found, key=lambda each: -(each.height or 0))) if found else found


def _type_at(url: str, kind: MediaType | None) -> MediaType | None:
    """The type of what is at an address, by its extension; an audio player plays video as audio."""
    if kind == "audio" and extension(url) in _MAY_BE_AUDIO:
        return kind
    return playable(type_of(url)) or kind


def _source_keys(value: Mapping[str, Any]) -> list[str]:
    """The keys of an entry's addresses; with a title, also names of the author's own."""
    known = [key for key in SOURCES if key in value and not _are_tracks(value[key])]
    if known or not first_text(value, TITLES):
        return known
    own = (key for key, each in value.items() if isinstance(each, str) and "/" in each)
    return [key for key in own if key not in {*TITLES, *THUMBNAILS}]


def _are_tracks(value: Any) -> bool:
    """Whether a list holds tracks of their own, each with its title, and no sources of one."""
    return any(first_text(each, OWN_TITLES) for each in as_list(value))


def _kind(value: Mapping[str, Any], *, is_list: bool) -> MediaType | None:
    """The type of an address without an extension by `type`: a MIME type, or a word for a list."""
    text = value.get("type")
    if not isinstance(text, str):
        return None
    if "/" in text:
        return None if text.removeprefix("video/") in EMBEDS else playable(media_type(text))
    return playable(text) if is_list else None


def _describe(rendition: Alternative, value: Mapping[str, Any]) -> Alternative:
    """Add what stands beside its address: MIME type, size, bit rate, lines, label."""
    mime, height = value.get("type"), height_in(value) or facts.lines_in(rendition.url)
    return replace(
        rendition,
        mime=mime if isinstance(mime, str) and "/" in mime else None,
        size=size_in(value),
        bitrate=facts.bits_in(str(value.get("bitrate", ""))),
        height=height if rendition.type == "video" else None,
        label=f"{height}p" if height else first_text(value, ("label", "quality")),
    )


def is_one_thing(page: Document, values: Sequence[Any]) -> bool:
    """Whether a list holds no tracks but the qualities or formats of one."""
    if not 2 <= len(values) <= _MOST_QUALITIES:
        return False
    found = [renditions(page, each) for each in values]
    if not all(len(each) == 1 for each in found):
        return False
    if any(first_text(each, OWN_TITLES) for each in values):
        return False
    parts = [each[0] for each in found]
    for key in ([each.height for each in parts], [each.url.rpartition(".")[2] for each in parts]):
        if None not in key and len(set(key)) == len(key):
            stems = {each.url.rpartition(".")[0] for each in parts}
            return len(stems) == 1 or parts[0].height is not None
    return False
