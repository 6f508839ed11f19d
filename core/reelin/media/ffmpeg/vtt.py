"""WebVTT as HLS cuts it: many little files, each with its place in the stream's time.

One file is made of them, on the clock of the stream that they belong to: ffmpeg's own reader knows
nothing of X-TIMESTAMP-MAP (RFC 8216, section 3.5). Whatever is not understood is left out. SubRip
is read as well: it has commas in its times, and no header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_TIME = r"(?:(\d{1,9}):)?([0-5]\d):([0-5]\d)[.,](\d{3})"
_TIMING = re.compile(rf"\s*{_TIME}\s+-->\s+{_TIME}([ \t].*)?")
_MAP = re.compile(r"X-TIMESTAMP-MAP=(.*)")
_LOCAL = re.compile(rf"LOCAL:{_TIME}")
_MPEGTS = re.compile(r"MPEGTS:(\d{1,20})")
_BETWEEN = re.compile(r"\n{2,}|\n(?=\ufeff?WEBVTT\b)")
_CLOCK = 90_000  # of MPEG-TS, whose counter begins anew after so many ticks:
WRAP = (1 << 33) / _CLOCK
# Blocks that are no cues, and belong to the file that they stand in.
_NO_CUES = (["NOTE"], ["STYLE"], ["REGION"])


@dataclass(frozen=True, slots=True)
class Cue:
    """A text that is shown from one second to another; `settings` say where."""

    start: float
    end: float
    settings: str
    text: str


def read_cues(text: str, begin: float) -> Iterator[Cue]:
    """Yield the cues of one or more WebVTT files, one after another, in seconds after `begin`.

    begin: the second on the clock of MPEG-TS at which the stream begins; it counts for files that
           have a X-TIMESTAMP-MAP
    """
    offset = 0.0
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    for block in _BETWEEN.split(text):
        lines = block.replace("\ufeff", "").strip("\n").split("\n")
        if lines[0].startswith("WEBVTT"):
            offset = _read_offset(lines, begin)
            continue
        if lines[0].split(maxsplit=1)[:1] in _NO_CUES:
            continue
        if "-->" not in lines[0]:
            lines.pop(0)  # its name
        timing = _TIMING.fullmatch(lines[0]) if lines else None
        if timing is not None:
            start, end = _to_seconds(timing.groups()[:4]), _to_seconds(timing.groups()[4:8])
            shown = "\n".join(lines[1:]).strip()
            if shown and end > start and end + offset > 0:
                settings = (timing[9] or "").strip()
                yield Cue(max(0.0, start + offset), end + offset, settings, shown)


def is_mapped(text: str) -> bool:
    """Whether WebVTT says where it is on the clock of MPEG-TS."""
    return "X-TIMESTAMP-MAP" in text


def join_cues(cues: Iterable[Cue]) -> str:
    """Make one WebVTT file of these cues, in order, each once.

    A cue that spans segments stands in all of them.
    """
    ordered = sorted(dict.fromkeys(cues), key=lambda each: (each.start, each.end))
    blocks = [
        f"{_format_time(each.start)} --> {_format_time(each.end)} {each.settings}".rstrip()
        + f"\n{each.text}\n"
        for each in ordered
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _read_offset(header: list[str], begin: float) -> float:
    """Return the seconds to add to the times of a file with this header."""
    found = next(filter(None, map(_MAP.match, header)), None)
    if found is None:
        return 0.0
    local, ticks = _LOCAL.search(found[1]), _MPEGTS.search(found[1])
    if local is None or ticks is None:
        return 0.0
    return unwrap(int(ticks[1]) / _CLOCK - begin) - _to_seconds(local.groups())


def unwrap(seconds: float) -> float:
    """Return a difference of two times of an MPEG-TS clock, whatever rounds that has gone."""
    return (seconds + WRAP / 2) % WRAP - WRAP / 2


def _to_seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(each or 0) for each in parts)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _format_time(seconds: float) -> str:
    whole = round(seconds * 1000)
    hours, rest = divmod(whole, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
