"""Which format to take: the best or worst, nearest to a wish, of a kind, merged if need be."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .formats import AUDIO_ONLY, HLS, Format, container_of, offered, page_of, with_sound


def best_first(
    info: Mapping[str, Any], wanted: str, quality: str, *, merged: bool, public_only: bool = False
) -> list[Format]:
    """All that could be fetched, each once, the one to take in front.

    wanted:  best, worst, an extension, `audio` or the kind of audio
    quality: best, worst, a height such as `720p` or a rate such as `192k`
    merged:  whether films without sound may be put together with sound
    public_only: without what would be fetched past the guard

    Films without sound only where none has any.
    """
    found = list(offered(info, public_only))
    if "worst" in (wanted, quality):
        found.reverse()
    found = _nearest(found, quality)
    if merged and not info.get("is_live"):  # what never ends is not yt-dlp's
        found = _nearest(list(_merged(found, page_of(info))), quality)
    found = [each for each in found if each.sound] or found
    to_be_seen = not is_audio(wanted) and any(each.picture for each in found)

    def misfit(each: Format) -> tuple[bool, bool, int]:
        is_other = wanted not in ("best", "worst", "audio", each.ext, each.codecs[1])
        # A better picture is worth a playlist or a merge; of sound alone a plain file will do.
        needs_ffmpeg = each.is_merged or each.who == HLS
        is_far = needs_ffmpeg and not merged if to_be_seen else each.who
        return each.picture is not to_be_seen, is_other, is_far

    return sorted(found, key=misfit)


def _nearest(formats: list[Format], quality: str) -> list[Format]:
    """The formats, those nearest to a height or a rate first; of two as near, the lower one."""
    wanted = re.match(r"(\d+)([pk])", quality)
    if wanted is None:
        return formats

    def distance(each: Format) -> tuple[float, float]:
        has = each.rate if wanted[2] == "k" else each.shown.height or math.inf
        return abs(has - int(wanted[1])), has

    return sorted(formats, key=distance)


def is_audio(wanted: str) -> bool:
    """Whether a kind of format is one of sound alone."""
    return wanted == "audio" or wanted in AUDIO_ONLY


def _merged(formats: list[Format], page: tuple[str, str] | None) -> Iterator[Format]:
    """The formats; each film without sound followed by itself with the best sound, and with the
    best that its kind of file can hold, if that is another.
    """
    sounds = [each for each in formats if not each.picture and each.who != HLS]
    for film in formats:
        yield film
        if film.sound or film.who == HLS:
            continue
        fitting = [each for each in sounds if container_of(film, each) != "mkv"]
        for sound in sounds[:1] + [each for each in fitting[:1] if each != sounds[0]]:
            both = with_sound(film, sound, page)
            if both is not None:
                yield both
