"""The videos and tracks behind a URL: references followed, lists gone through entry by entry."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...model.errors import ExtractError
from .info import Info
from .messages import as_reelin_error

if TYPE_CHECKING:
    from yt_dlp import YoutubeDL

logger = logging.getLogger(__name__)

MOST_DEPTH = 8  # of references and of lists within lists
_LISTS = ("playlist", "multi_video", "compat_list")


def find_entries(ydl: YoutubeDL, url: str) -> Iterator[Info]:
    """Yield the info dicts of what is behind a URL, each as soon as it is known.

    An entry of a list that fails is left out; the error follows after the last one. Raises
    `ExtractError`, `FetchError`, and `PluginError` for what is wrong in yt-dlp.
    """
    failed: list[Exception] = []
    try:
        yield from _resolve(ydl, {"_type": "url", "url": url}, {}, failed)
    except Exception as error:  # whatever one of 1,800 extractors may raise
        raise as_reelin_error(error, url) from None
    if failed:
        more = f" (and {len(failed) - 1} more entries)" if len(failed) > 1 else ""
        first = as_reelin_error(failed[0], url)
        raise type(first)(f"{first}{more}", url=url)


def _resolve(
    ydl: YoutubeDL, result: Info, place: Info, failed: list[Exception], depth: int = 0
) -> Iterator[Info]:
    """Follow references, go through lists entry by entry, complete what is a video."""
    if depth > MOST_DEPTH:
        raise ExtractError("lists within lists, too deep to follow")
    kind = result.get("_type") or "video"
    if kind == "url":
        key = result.get("ie_key")
        found = ydl.extract_info(result["url"], download=False, ie_key=key, process=False)
        if found:
            yield from _resolve(ydl, found, place, failed, depth + 1)
    elif kind in _LISTS:
        yield from _go_through(ydl, result, failed, depth)
    else:
        info = ydl.process_ie_result(result, download=False, extra_info=dict(place))
        if info and info.get("_type") in _LISTS:
            yield from (each for each in info.get("entries") or () if each)
        elif info:
            yield info


def _go_through(
    ydl: YoutubeDL, result: Info, failed: list[Exception], depth: int
) -> Iterator[Info]:
    entries: Iterable[Info | None] = result.get("entries") or ()
    total = len(entries) if isinstance(entries, list) else result.get("playlist_count")
    for number, entry in enumerate(entries, start=1):
        if entry is None:
            continue
        place = {
            "extractor": result.get("extractor"),
            "extractor_key": result.get("extractor_key"),
            "n_entries": total,
            "playlist": result.get("title") or result.get("id"),
            "playlist_index": number,
            "playlist_title": result.get("title"),
            "playlist_uploader": result.get("uploader"),
            "playlist_webpage_url": result.get("webpage_url"),
            "webpage_url": result.get("webpage_url"),  # of an entry without a page of its own
        }
        try:
            yield from _resolve(ydl, entry, place, failed, depth + 1)
        except Exception as error:
            logger.debug("entry %d of %s", number, place["playlist"], exc_info=error)
            failed.append(error)
