"""Subtitles that have an end. Whatever becomes of them, the film is saved: players play on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from ...disk.writer import WritingThread
from ...media.ffmpeg.mux_track import MuxTrack
from ...media.m3u8 import Segment
from ...model.errors import FetchError
from .check import SegmentCheck
from .files import Cuts
from .plan import PlannedTrack
from .segments import SegmentFetcher

_AHEAD = 8  # segments that are fetched at once
_PATIENCE = 3  # segments in sequence that cannot be had, after which no more is asked for
_MOST_BYTES = 64 << 20  # of one track


async def fetch_subtitles(
    track: PlannedTrack,
    folder: Path,
    segments: SegmentFetcher,
    thread: WritingThread,
    count: Callable[[int, int], None],
) -> tuple[MuxTrack | None, str]:
    """Fetch what can be had of a track into a folder, and say in words what cannot; empty: all can.

    count: called with the number of further segments that are here, and of their bytes
    """
    texts = _SubtitleText(track, segments)
    needed = [each for each in track.media.segments if not each.gap]
    for at in range(0, len(needed), _AHEAD):
        some = needed[at : at + _AHEAD]
        before = texts.size
        await texts.add(some)
        count(len(some), texts.size - before)
        if texts.is_hopeless:
            break
    paths = tuple(folder / f"{track.name}.{part}" for part in range(len(texts.parts)))
    for path, text in zip(paths, texts.parts, strict=True):
        await thread.run(path.write_bytes, text)
    found = MuxTrack(paths, track.takes, language=track.language, title=track.title)
    return found if paths else None, texts.describe_losses(len(needed))


class _SubtitleText:
    """The text of a track so far, in parts as the stream is cut.

    size: bytes of it
    """

    def __init__(self, track: PlannedTrack, segments: SegmentFetcher) -> None:
        self._track = track
        self._segments = segments
        self._check = SegmentCheck("subtitles")
        self._cuts = Cuts()
        self._got = self._in_sequence = 0  # segments that could be had, and could not
        self._problem: FetchError | None = None  # the first one
        self.parts: list[bytearray] = []
        self.size = 0

    @property
    def is_hopeless(self) -> bool:
        return self._in_sequence >= _PATIENCE or self.size > _MOST_BYTES

    async def add(self, segments: list[Segment]) -> None:
        """Fetch some segments at once."""
        for segment, found in zip(
            segments, await asyncio.gather(*map(self._fetch, segments)), strict=True
        ):
            part = self._cuts.place(segment)
            if isinstance(found, FetchError):
                self._problem = self._problem or found
                self._in_sequence += 1
                continue
            init, text = found
            if part >= len(self.parts):
                self.parts += [bytearray() for _ in range(part + 1 - len(self.parts))]
                self.parts[part] += init + b"\n\n"
            self.parts[part] += text + b"\n\n"  # files need an empty line between them
            self._got += 1
            self._in_sequence = 0
            self.size += len(text)

    async def _fetch(self, segment: Segment) -> tuple[bytes, bytes] | FetchError:
        try:
            fetched = await self._segments.fetch(segment, self._track.mirrors, self._check)
            init = await self._segments.fetch_map(segment, self._track.mirrors, self._check)
        except FetchError as error:
            return error
        return init, b"".join(fetched.body)

    def describe_losses(self, wanted: int) -> str:
        lost = wanted - self._got
        if not lost:
            return ""
        why = f": {self._problem}" if self._problem else ""
        return f"{lost} of {wanted} segments of its subtitles {self._track.title} are missing{why}"
