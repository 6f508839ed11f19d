"""Which format to take: the best or worst, nearest to a wish, of a kind, merged if need be."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .formats import AUDIO_ONLY, HLS, Format, find_container, find_page, list_formats, merge


def rank_formats(
    info: Mapping[str, Any], wanted: str, quality: str, *, merged: bool, public_only: bool = False
) -> list[Format]:
    """Return the formats that could be fetched, each once, the one to take in front.

    wanted:  best, worst, an extension, `audio` or the kind of audio
    quality: best, worst, a height such as `720p` or a rate such as `192k`
    merged:  whether video without audio may be put together with audio
    public_only: without what would be fetched past the guard

    Video without audio comes only where none has any.
    """
    found = list(list_formats(info, public_only))
    if "worst" in (wanted, quality):
        found.reverse()
    found = _sort_by_distance(found, quality)
    if merged and not info.get("is_live"):  # what never ends is not yt-dlp's
        found = _sort_by_distance(list(_add_merged(found, find_page(info))), quality)
    found = [each for each in found if each.has_audio] or found
    wants_video = not is_audio(wanted) and any(each.has_video for each in found)

    def rank(each: Format) -> tuple[bool, bool, int]:
        is_other = wanted not in ("best", "worst", "audio", each.ext, each.codecs[1])
        # Better video is worth a playlist or a merge; of audio alone a plain file will do.
        needs_ffmpeg = each.is_merged or each.transport == HLS
        is_far = needs_ffmpeg and not merged if wants_video else each.transport
        return each.has_video is not wants_video, is_other, is_far

    return sorted(found, key=rank)


def _sort_by_distance(formats: list[Format], quality: str) -> list[Format]:
    """Sort formats, those nearest to a height or a rate first; of two as near, the lower one."""
    wanted = re.match(r"(\d+)([pk])", quality)
    if wanted is None:
        return formats

    def distance(each: Format) -> tuple[float, float]:
        has = each.rate if wanted[2] == "k" else each.alternative.height or math.inf
        return abs(has - int(wanted[1])), has

    return sorted(formats, key=distance)


def is_audio(wanted: str) -> bool:
    """Whether a kind of format is one of audio alone."""
    return wanted == "audio" or wanted in AUDIO_ONLY


def _add_merged(formats: list[Format], page: tuple[str, str] | None) -> Iterator[Format]:
    """Yield the formats, after each video without audio the same with the best audio.

    Also with the best that its kind of file can hold, if that is another.
    """
    audios = [each for each in formats if not each.has_video and each.transport != HLS]
    for video in formats:
        yield video
        if video.has_audio or video.transport == HLS:
            continue
        fitting = [each for each in audios if find_container(video, each) != "mkv"]
        for audio in audios[:1] + [each for each in fitting[:1] if each != audios[0]]:
            both = merge(video, audio, page)
            if both is not None:
                yield both
