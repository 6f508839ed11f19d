"""The bytes of an HLS stream: every segment, in order, checked; then one file that plays."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncGenerator, Coroutine, Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar

from ...disk.landing import Landing
from ...disk.names import safe_name
from ...disk.temporary import pieces_of, temporary_folder
from ...disk.writer import WritingThread, disk_error
from ...media.ffmpeg import Ffmpeg
from ...media.ffmpeg.mux import PartsDiffer, mux
from ...media.ffmpeg.mux_track import MuxTrack, Takes
from ...model.errors import ConvertError, FetchError, UsageError
from ...model.media_types import MediaType, path_of
from ...model.outcomes import Incomplete
from ...model.sniff import SNIFF_BYTES
from ...model.stored import Head, Stored
from ...net.client import Client
from ...plugins.transfer import Order, Transfer
from .body import BOXES, packed_audio
from .files import TrackFiles
from .loading import Playlists
from .plan import Part, Plan
from .segments import Segments, total
from .tracks import Tracks

logger = logging.getLogger(__name__)

T = TypeVar("T")
AHEAD = 8  # segments that are fetched at once where nobody asked for another number
_PIECE = 1 << 20
_MIMES = {
    "aac": "audio/aac",
    "ac3": "audio/ac3",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ts": "video/mp2t",
}
_SOUND = frozenset(["aac", "ac3", "m4a", "mp3"])
_NO_NAMES = frozenset(
    "chunklist hls index manifest master playlist prog_index stream video".split()
)


class HlsTransfer(Transfer):
    """The stream of a playlist, multivariant or not, as `item.format` says (see `media.hls`).

    ffmpeg puts what was fetched into one MP4. Where there is none, or where it fails, the bytes
    stay as they came.
    """

    def __init__(self, order: Order, client: Client, ffmpeg: Ffmpeg) -> None:
        super().__init__(order)
        self._client = client
        self._ffmpeg = ffmpeg
        self._playlists = Playlists(client, self.item)
        self._plan = Plan(self._playlists, self.item, live=order.live is not None)
        self._segments = Segments(client, self.item, client.network.connections or AHEAD)
        self._parts: list[Part] = []
        self._missing: list[str] = []  # of a live stream
        self._done = self._all = self._bytes = 0
        self._sha256: str | None = None  # of what is kept as it came
        self._thread = WritingThread("reelin-hls")
        self._tracks = Tracks(self._playlists, self._segments, self._thread, self._count)

    async def open(self, landing: Landing | None = None) -> Head:
        await self.take_slot()
        self._parts = await self._plan.parts()
        self._all = sum(total(each.media) for each in self._parts if each.media.endlist)
        is_sound = self._parts[0].takes == "audio"
        await self.admit(self._head_of(self._expected(), "audio" if is_sound else "video"))
        return self.head

    async def chunks(self) -> AsyncGenerator[bytes]:
        async with temporary_folder() as folder:
            path = await self._made(folder)
            if self._missing:  # before the first byte, so that nobody takes it for whole
                raise FetchError(f"{self.item.url}: {self._lost}", url=self.item.url)
            self.leave_slot()
            async with aclosing(pieces_of(path)) as pieces:
                async for piece in pieces:
                    yield piece

    async def save(self, landing: Landing) -> Stored:
        token = {"url": self.item.url, "format": self.item.format, "protocol": "hls"}
        folder = await landing.make_store(token)
        path = await self._made(folder)
        landing.rename(self.head, path.suffix.removeprefix("."))
        stored = await landing.adopt(path, self._sha256)
        if self._missing:
            raise Incomplete(self.item.url, self._lost, stored)
        return stored

    @property
    def _lost(self) -> str:
        return "; ".join(self._missing)

    async def close(self) -> None:
        await self._segments.close()
        self._thread.close(wait=False)
        await super().close()

    # Its name

    def _expected(self) -> str:
        """The extension of what will be made; `_made` may know better.

        Raises `ConvertError` where that needs ffmpeg, and there is none.
        """
        main = self._parts[0]
        if self._lacking is None:
            return "m4a" if main.takes == "audio" else "mp4"
        if len(self._parts) > 1:
            raise ConvertError(f"{self.item.url}: its tracks come apart; {self._lacking}")
        if any(each.map for each in main.media.segments):
            return "m4a" if main.takes == "audio" else "mp4"
        return "aac" if main.takes == "audio" else "ts"

    @property
    def _lacking(self) -> str | None:
        """Why nothing can be put together; None where it can."""
        try:
            self._ffmpeg.require()
        except UsageError as error:
            return str(error)
        return None

    def _head_of(self, ending: str, type: MediaType, size: int | None = None) -> Head:
        name = f"{self._stem()}.{ending}"
        return Head(self.item.url, mime=_MIMES[ending], type=type, size=size, filename=name)

    def _stem(self) -> str:
        """What its file is called, without extension: its title, else by a part of its URL."""
        if self.item.title:
            return safe_name(self.item.title)
        *folders, name = path_of(self.item.url).split("/")
        stems = [name.rpartition(".")[0] or name, *reversed(folders)]
        return next((each for each in stems if each and each.lower() not in _NO_NAMES), "video")

    # The bytes

    async def _made(self, folder: Path) -> Path:
        """Have all tracks fetched into a folder and put together; the file."""
        if all(each.media.endlist for each in self._parts):
            tracks = [await self._track(each, folder) for each in self._parts]
        else:  # what is live passes by at the same time
            tracks = await _together(self._track(each, folder) for each in self._parts)
        self.leave_slot()
        parts = len(tracks[0].parts)
        tracks = [each for each in tracks if await self._can_be_put_in(each, parts)]
        path = await self._muxed(tracks, folder)
        if path is None:
            path = await self._thread.run(_joined, tracks[0], folder)
        size = (await self._thread.run(path.stat)).st_size
        ending = path.suffix.removeprefix(".")
        is_sound = tracks[0].takes == "audio" or ending in _SOUND
        await self.admit(self._head_of(ending, "audio" if is_sound else "video", size))
        return path

    async def _can_be_put_in(self, track: MuxTrack, parts: int) -> bool:
        """Whether it is anything but text that nobody can place, which is told."""
        if track.takes != "subtitles":
            return True
        if not await self._thread.run(_is_webvtt, track.parts[0]):
            problem = "are no WebVTT"
        elif len(track.parts) != parts:
            problem = "do not say where the film is discontinuous"
        else:
            return True
        self._missing.append(f"its subtitles {track.title} {problem}, and cannot be put in")
        return False

    async def _muxed(self, tracks: Sequence[MuxTrack], folder: Path) -> Path | None:
        """One file of all tracks; None where they are one that has to be kept as it came."""
        if self._lacking is not None:
            logger.warning("%s: kept as it came: %s", self.item.url, self._lacking)
            return None
        try:
            return await self._one_file(tracks, folder / "whole")
        except OSError as error:
            raise disk_error(error) from error
        except ConvertError as error:
            if len(tracks) > 1:
                raise
            logger.warning("%s: kept as it came: %s", self.item.url, error)
            return None

    async def _one_file(self, tracks: Sequence[MuxTrack], out: Path) -> Path:
        try:
            return await mux(self._ffmpeg, out, tracks, title=self.item.title)
        except PartsDiffer as error:
            logger.warning("%s: %s; it is saved as MPEG-TS", self.item.url, error)
            for each in tracks:
                if each.takes == "subtitles":
                    self._missing.append(f"MPEG-TS cannot hold its subtitles {each.title}")
            return await mux(self._ffmpeg, out.with_suffix(".ts"), tracks, title=self.item.title)

    async def _track(self, part: Part, folder: Path) -> MuxTrack:
        """Have one playlist's segments fetched."""
        files = TrackFiles(folder, part.name, hashed=self._lacking is not None)
        live = self._order.live
        try:
            if part.media.endlist or live is None:
                await self._tracks.fetch(part, files)
            else:
                self._missing += await self._tracks.record(part, files, live)
            self._sha256 = files.sha256
        finally:
            await self._thread.run(files.close)
        paths = tuple(files.paths)
        return MuxTrack(paths, part.takes, language=part.language, title=part.title)

    def _count(self, segments: int, size: int) -> None:
        self._done += segments
        self._bytes += size
        self.refuse_beyond_bound(self._bytes)
        is_known = self._all > 0 and self._done > 0
        whole = self._bytes * self._all // self._done if is_known else None
        self.tell(self._bytes, whole, (self._done, self._all or None))


async def _together(work: Iterable[Coroutine[None, None, T]]) -> list[T]:
    """What all of these give, at the same time; when one fails, the others are stopped."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _joined(track: MuxTrack, folder: Path) -> Path:
    """The parts of a track in one file, one behind the other, named after what they are."""
    first, *others = track.parts
    whole = folder / f"whole.{_ending_of(first, track.takes)}"
    first.rename(whole)
    with whole.open("ab") as out:
        for each in others:
            with each.open("rb") as file:
                shutil.copyfileobj(file, out, _PIECE)
    return whole


def _is_webvtt(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16).removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT")


def _ending_of(path: Path, takes: Takes) -> str:
    """The extension that suits the bytes of a track."""
    with path.open("rb") as file:
        start = file.read(SNIFF_BYTES)
    if start[4:8] in BOXES:
        return "m4a" if takes == "audio" else "mp4"
    return packed_audio(start) or "ts"
