"""The streams of a media file, read from what `ffmpeg -i` says: there may be no ffprobe."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

# Values of tags stand deeper, and lines that they go on in as well: none is taken for one of these.
_DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", re.MULTILINE)
_START = re.compile(r"^  Duration: .*?, start: (-?\d+(?:\.\d+)?)", re.MULTILINE)
_CONTAINER = re.compile(r"^Input #0, ([\w,]+), from ", re.MULTILINE)
_STREAM = re.compile(
    r"^  Stream #0:(?P<number>\d+)(?:\[\w+\])?(?:\((?P<language>[\w-]+)\))?:"
    r" (?P<kind>Audio|Video|Subtitle|Data|Attachment): (?P<codec>\w+)(?P<rest>.*)$",
    re.MULTILINE,
)
_SIZE = re.compile(r", (\d{1,5})x(\d{1,5})\b")
_HERTZ = re.compile(r", (\d{1,7}) Hz(?:, ([^,]+))?(?:, (\w+))?")
_BITRATE = re.compile(r", (\d{1,7}) kb/s")
_GUESSED = "Estimating duration from bitrate"


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of a file.

    kind:     audio, video, subtitle, data or attachment
    codec:    as ffmpeg calls it: h264, aac, mp3…
    language: as the file says
    size:     of video, in pixels
    rate:     samples per second; layout: of channels; sample: how each is kept, such as `s16`
    bitrate:  kbit/s, where the file says it
    is_cover: whether it is the image that comes with a piece of music
    """

    number: int
    kind: str
    codec: str
    language: str | None = None
    size: tuple[int, int] | None = None
    rate: int | None = None
    layout: str | None = None
    sample: str | None = None
    bitrate: int | None = None
    is_cover: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """The contents of a media file.

    containers: names of its format, as ffmpeg calls them: mov, mp4…
    duration:   in seconds
    start:      the time at which it starts, in seconds
    exact:      whether the duration is more than a guess
    """

    containers: tuple[str, ...]
    streams: tuple[Stream, ...]
    duration: float | None = None
    start: float = 0.0
    exact: bool = True

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the first input that ffmpeg writes of. Without streams where there is none."""
        text = text.partition("\nInput #1")[0].partition("\nOutput #0")[0]
        container, start = _CONTAINER.search(text), _START.search(text)
        return cls(
            containers=tuple(container[1].split(",")) if container else (),
            streams=tuple(_read_stream(found) for found in _STREAM.finditer(text)),
            duration=_read_duration(text),
            start=float(start[1]) if start else 0.0,
            exact=_GUESSED not in text,
        )

    def select(self, kind: str) -> list[Stream]:
        """Return the streams of a kind; covers are no video."""
        return [each for each in self.streams if each.kind == kind and not each.is_cover]

    @property
    def covers(self) -> list[Stream]:
        """The images that come with a piece of music."""
        return [each for each in self.streams if each.is_cover]


def _read_stream(found: re.Match[str]) -> Stream:
    rest = found["rest"]
    size, audio, bitrate = _SIZE.search(rest), _HERTZ.search(rest), _BITRATE.search(rest)
    return Stream(
        number=int(found["number"]),
        kind=found["kind"].lower(),
        codec=found["codec"],
        language=found["language"],
        size=(int(size[1]), int(size[2])) if size else None,
        rate=int(audio[1]) if audio else None,
        layout=audio[2] if audio else None,
        sample=audio[3] if audio else None,
        bitrate=int(bitrate[1]) if bitrate else None,
        is_cover="(attached pic)" in rest,
    )


def _read_duration(text: str) -> float | None:
    found = _DURATION.search(text)
    if found is None:
        return None
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])
