"""One file of the tracks of a stream: put together by ffmpeg, or as they came where it cannot."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from ...disk.writer import WritingThread, disk_error
from ...media.ffmpeg import Ffmpeg
from ...media.ffmpeg.mux import PartsDiffer, mux
from ...media.ffmpeg.mux_track import MuxTrack
from ...model.errors import ConvertError, UsageError
from ...model.item import MediaItem
from .naming import detect_ending

logger = logging.getLogger(__name__)

_PIECE = 1 << 20  # bytes that are copied at once


class Muxer:
    """Makes one file of the tracks of an item.

    missing: what could not be put in, in words
    """

    def __init__(self, ffmpeg: Ffmpeg, item: MediaItem, thread: WritingThread) -> None:
        self._ffmpeg = ffmpeg
        self._item = item
        self._thread = thread
        self.missing: list[str] = []

    @property
    def obstacle(self) -> str | None:
        """Why nothing can be put together; None where it can."""
        try:
            self._ffmpeg.require()
        except UsageError as error:
            return str(error)
        return None

    async def make(self, tracks: Sequence[MuxTrack], folder: Path) -> Path:
        """Make one file of the tracks, named after what it is. Raises `ConvertError`."""
        parts = len(tracks[0].parts)
        tracks = [each for each in tracks if await self._can_put_in(each, parts)]
        path = await self._mux(tracks, folder)
        if path is None:
            path = await self._thread.run(_join_parts, tracks[0], folder)
        return path

    async def _can_put_in(self, track: MuxTrack, parts: int) -> bool:
        """Whether a track is no subtitles that nobody can place, which are noted as missing."""
        if track.takes != "subtitles":
            return True
        if not await self._thread.run(_is_webvtt, track.parts[0]):
            problem = "are no WebVTT"
        elif len(track.parts) != parts:
            problem = "do not say where the video is discontinuous"
        else:
            return True
        self.missing.append(f"its subtitles {track.title} {problem}, and cannot be put in")
        return False

    async def _mux(self, tracks: Sequence[MuxTrack], folder: Path) -> Path | None:
        """Put the tracks together; None where there is one, which has to be kept as it came."""
        if self.obstacle is not None:
            logger.warning("%s: kept as it came: %s", self._item.url, self.obstacle)
            return None
        try:
            return await self._mux_or_fall_back(tracks, folder / "whole")
        except OSError as error:
            raise disk_error(error) from error
        except ConvertError as error:
            if len(tracks) > 1:
                raise
            logger.warning("%s: kept as it came: %s", self._item.url, error)
            return None

    async def _mux_or_fall_back(self, tracks: Sequence[MuxTrack], out: Path) -> Path:
        """Make an MP4, or MPEG-TS, without subtitles, where MP4 cannot hold it."""
        title = self._item.title
        try:
            return await mux(self._ffmpeg, out, tracks, title=title)
        except PartsDiffer as error:
            logger.warning("%s: %s; it is saved as MPEG-TS", self._item.url, error)
            for each in tracks:
                if each.takes == "subtitles":
                    self.missing.append(f"MPEG-TS cannot hold its subtitles {each.title}")
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


def _is_webvtt(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16).removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT")
