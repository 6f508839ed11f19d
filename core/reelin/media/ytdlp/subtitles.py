"""The subtitles of a video, one file a language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .info import Info, dicts, text, url

_EXTENSIONS = ("vtt", "srt", "ass", "ssa", "ttml", "lrc")  # the most usual first


def choose_subtitles(info: Mapping[str, Any]) -> Iterator[tuple[str, str, Info]]:
    """Yield language, extension, and what yt-dlp says of the file."""
    languages = info.get("subtitles")
    for language, files in languages.items() if isinstance(languages, dict) else ():
        by_ext = {text(each.get("ext")): each for each in dicts(files) if _is_file(each)}
        ext = next((each for each in _EXTENSIONS if each in by_ext), None)
        if ext and isinstance(language, str):
            yield language, ext, by_ext[ext]


def _is_file(about: Info) -> bool:
    return url(about.get("url")) is not None and about.get("protocol") in (None, "http", "https")
