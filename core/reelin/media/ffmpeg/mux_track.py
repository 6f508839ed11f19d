"""A track as ffmpeg is given it: the files it is read from, its streams, language and title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from .probe import Probe, Stream
from .program import Input, tag

Takes: TypeAlias = Literal["all", "video", "audio", "subtitles"]

_MAPS: dict[Takes, tuple[str, ...]] = {
    "all": ("v:0?", "a?"),
    "video": ("v:0",),
    "audio": ("a:0",),
    "subtitles": ("s:0",),
}
# What MPEG-TS holds shows only when the first frame of it comes.
_PATIENCE = ("-probesize", "50M", "-analyzeduration", "20M")


@dataclass(frozen=True, slots=True)
class MuxTrack:
    """The streams of some files that go into one file.

    parts:     its files, in order; more than one where the stream is discontinuous, and then all
               tracks of the stream have as many. A part of subtitles is WebVTT: any number of
               files, with an empty line between them; they may also be all in one part.
    takes:     `all` (video, and audio if there is any), `video`, `audio` or `subtitles`
    container: of its parts, in ffmpeg's words: `mpegts`, `mp4`, `aac`…; None: ffmpeg looks itself
    language:  BCP 47 tag
    title:     as a player's menu shows it
    """

    parts: tuple[Path, ...]
    takes: Takes = "all"
    container: str | None = None
    language: str | None = None
    title: str | None = None

    def make_input(self, path: Path, *options: str) -> Input:
        """Return one of its parts as an input for ffmpeg."""
        patience = _PATIENCE if self.container == "mpegts" else ()
        return Input(path, self.container, (*patience, *options))

    def map_from(self, number: int) -> list[str]:
        """Return the arguments that take it from the input of that number."""
        return [word for each in _MAPS[self.takes] for word in ("-map", f"{number}:{each}")]

    def count_audio(self, probe: Probe) -> int:
        """Return how many audio streams it takes from a file."""
        return {"video": 0, "audio": 1}.get(self.takes, len(probe.select("audio")))

    def describe(self, stream: str) -> list[str]:
        """Return the arguments that give a stream of the result its language and title."""
        words = []
        if self.language:
            words += tag(f"{stream} language", _to_three_letters(self.language))
        if self.title:
            # Some players read the one, some the other.
            words += tag(f"{stream} title", self.title)
            words += tag(f"{stream} handler_name", self.title)
        return words


def describe_all(
    played: Sequence[MuxTrack], period: Sequence[Probe], subtitles: Sequence[MuxTrack]
) -> list[str]:
    """Return the arguments for languages, titles, and which stream plays where nobody chooses."""
    words = ["-disposition:s", "0"]
    number = 0
    for track, probe in zip(played, period, strict=True):
        for _ in range(track.count_audio(probe)):
            words += [f"-disposition:a:{number}", "0" if number else "default"]
            words += track.describe(f"s:a:{number}")
            number += 1
    for at, track in enumerate(subtitles):
        words += track.describe(f"s:s:{at}")
    return words


def list_muxed(probe: Probe) -> list[Stream]:
    """Return the streams of a file that may go into another: the first video, and all audio."""
    return [*probe.select("video")[:1], *probe.select("audio")]


def _to_three_letters(language: str) -> str:
    """Return a language as MP4 names it (ISO 639-2/T)."""
    first = language.replace("_", "-").partition("-")[0].lower()
    if len(first) != 2:
        return first
    from yt_dlp.utils import ISO639Utils

    return str(ISO639Utils.short2long(first) or first)
