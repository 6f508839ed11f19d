"""One file of the tracks of a stream: put together by ffmpeg, or as they came where it cannot."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from ...disk.writer import WritingThread, disk_error
from ...media.ffmpeg import Ffmpeg
from ...media.ffmpeg.mux import PartsDiffer, mux
from ...media.ffmpeg.mux_track import MuxTrack
from ...media.ffmpeg.vtt import read_cues
from ...model.errors import ConvertError, UsageError
from ...model.item import MediaItem
from .naming import detect_ending
from .plan import PlannedTrack

_PIECE = 1 << 20  # bytes that are copied at once


class Muxer:
    """Makes one file of the tracks of an item.

    warn: is told what a person should know of the file

    `missing`: what could not be put in, in words
    """

    def __init__(
        self, ffmpeg: Ffmpeg, item: MediaItem, thread: WritingThread, warn: Callable[[str], None]
    ) -> None:
        self._ffmpeg = ffmpeg
        self._item = item
        self._thread = thread
        self._warn = warn
        self.missing: list[str] = []

    @property
    def obstacle(self) -> str | None:
        """Why nothing can be put together; None where it can."""
        try:
            self._ffmpeg.require()
        except UsageError as error:
            return str(error)
        return None

    def is_film(self, track: PlannedTrack) -> bool:
        """Whether a track is no subtitles; where nothing can be put together, they are missing."""
        if track.takes != "subtitles":
            return True
        self.missing.append(f"its subtitles {track.title} cannot be put in: {self.obstacle}")
        return False

    async def make(self, tracks: Sequence[MuxTrack], folder: Path) -> Path:
        """Make one file of the tracks, named after what it is. Raises `ConvertError`."""
        films = [each for each in tracks if each.takes != "subtitles"]
        texts = [each for each in tracks if each.takes == "subtitles"]
        parts = len(films[0].parts)
        texts = [each for each in texts if await self._thread.run(self._can_put_in, each, parts)]
        path = await self._mux_with(films, texts, folder / "whole") if texts else None
        path = path or await self._mux(films, folder)
        if path is None:
            path = await self._thread.run(_join_parts, films[0], folder)
        return path

    def _can_put_in(self, track: MuxTrack, parts: int) -> bool:
        """Whether a track has words that can be placed; those that cannot are noted as missing."""
        texts = [each.read_text("utf-8", "replace") for each in track.parts]
        if not any(next(read_cues(each, 0.0), None) for each in texts):
            if all(map(_is_silent, texts)):
                return False
            problem = "are no WebVTT"
        elif parts != 1 and len(texts) not in (1, parts):
            problem = "do not say where the video is discontinuous"
        else:
            return True
        self.missing.append(f"its subtitles {track.title} {problem}, and cannot be put in")
        return False

    async def _mux_with(
        self, films: Sequence[MuxTrack], texts: Sequence[MuxTrack], out: Path
    ) -> Path | None:
        """Put the tracks together, with subtitles; None, which is noted, where that fails."""
        try:
            return await mux(self._ffmpeg, out, [*films, *texts], title=self._item.title)
        except OSError as error:
            raise disk_error(error) from error
        except PartsDiffer:
            problem = "MPEG-TS cannot hold them"
        except ConvertError as error:
            problem = str(error)
        for each in texts:
            self.missing.append(f"its subtitles {each.title} cannot be put in: {problem}")
        return None

    async def _mux(self, tracks: Sequence[MuxTrack], folder: Path) -> Path | None:
        """Put the tracks together; None where there is one, which has to be kept as it came."""
        if self.obstacle is not None:
            self._warn(f"kept as it came: {self.obstacle}")
            return None
        try:
            return await self._mux_or_fall_back(tracks, folder / "whole")
        except OSError as error:
            raise disk_error(error) from error
        except ConvertError as error:
            if len(tracks) > 1:
                raise
            self._warn(f"kept as it came: {error}")
            return None

    async def _mux_or_fall_back(self, tracks: Sequence[MuxTrack], out: Path) -> Path:
        """Make an MP4, or MPEG-TS, without subtitles, where MP4 cannot hold it."""
        title = self._item.title
        try:
            return await mux(self._ffmpeg, out, tracks, title=title)
        except PartsDiffer as error:
            self._warn(f"{error}; it is saved as MPEG-TS")
            return await mux(self._ffmpeg, out.with_suffix(".ts"), tracks, title=title)


def _join_parts(track: MuxTrack, folder: Path) -> Path:
    """Put the parts of a track into one file, one behind the other, named after what they are."""
    first, *others = track.parts
    whole = folder / f"whole.{detect_ending(first, track.takes)}"
    first.rename(whole)
    with whole.open("ab") as out:
        for each in others:
            with each.open("rb") as file:
                shutil.copyfileobj(file, out, _PIECE)
    return whole


def _is_silent(text: str) -> bool:
    """Whether a text is WebVTT in which nobody speaks."""
    return "-->" not in text and (not text.strip("\ufeff\0 \n\r\t") or "WEBVTT" in text[:1024])
