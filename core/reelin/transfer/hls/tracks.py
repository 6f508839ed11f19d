"""The tracks of one stream: their segments fetched, and written in as few files as can be."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

from ...disk.batch import LARGE, OLD_SECONDS
from ...disk.sums import Sums
from ...disk.writer import WritingThread
from ...media.ffmpeg.mux_track import MuxTrack
from ...media.m3u8 import Segment
from ...model.errors import FetchError
from ...model.media_types import extension
from ...plugins.live_recording import LiveRecording
from .body import Body, count_bytes, get_piece
from .check import SegmentCheck
from .containers import is_whole_file
from .files import Cuts, TrackFiles, sign
from .live import LivePlaylist
from .loading import PlaylistLoader
from .plan import PlannedTrack
from .segments import FetchedSegment, SegmentFetcher
from .subtitles import fetch_subtitles

logger = logging.getLogger(__name__)

T = TypeVar("T")
# What goes on from segment to segment, by the names of these.
_STREAMED = frozenset("aac ac3 ec3 m2ts mp3 mts ts".split())
_MUCH = 8 << 20  # bytes of a segment that are written before the next is fetched, to save memory


@dataclass(slots=True)
class _SegmentBatch:
    """Segments that wait to be written together, all of one part. `done`: those before its end."""

    part: int
    pieces: list[bytes] = field(default_factory=list)
    size: int = 0
    done: int = 0
    since: float = field(default_factory=time.monotonic)

    def add(self, body: Body, done: int) -> None:
        self.pieces += body
        self.size += count_bytes(body)
        self.done = done

    @property
    def is_due(self) -> bool:
        """Whether it is to be written now: it is large, or what a crash would lose is old."""
        return self.size >= LARGE or time.monotonic() - self.since >= OLD_SECONDS


class TrackFetcher:
    """Fetches tracks into their files.

    count:   called with the number of further segments that are here, and of their bytes
    missing: what of live tracks and of subtitles is not in their files, in words
    sums:    of the file of the last track, if they were wanted and are known
    """

    def __init__(
        self,
        playlists: PlaylistLoader,
        segments: SegmentFetcher,
        thread: WritingThread,
        count: Callable[[int, int], None],
    ) -> None:
        self._playlists = playlists
        self._segments = segments
        self._thread = thread
        self._count = count
        self.missing: list[str] = []
        self.sums: Sums | None = None

    async def fetch_all(
        self,
        planned: Sequence[PlannedTrack],
        folder: Path,
        *,
        live: LiveRecording | None,
        hashed: bool,
    ) -> list[MuxTrack]:
        """Fetch tracks into a folder, one after the other; live ones at the same time.

        live:   how those are recorded that have no end
        hashed: whether `sums` are wanted
        """
        work = (self._fetch_any(each, folder, live, hashed) for each in planned)
        if all(each.media.endlist for each in planned):
            found = [await each for each in work]
        else:
            found = await _gather(work)
        return [each for each in found if each is not None]

    async def _fetch_any(
        self, track: PlannedTrack, folder: Path, live: LiveRecording | None, hashed: bool
    ) -> MuxTrack | None:
        """Fetch one track; None for subtitles that cannot be had."""
        if track.takes != "subtitles":
            return await self._fetch_one(track, folder, live, hashed)
        if track.media.endlist:
            found, lost = await fetch_subtitles(
                track, folder, self._segments, self._thread, self._count
            )
            self.missing += [lost] if lost else []
            return found
        try:
            return await self._fetch_one(track, folder, live, hashed)
        except FetchError as error:
            self.missing.append(f"its subtitles {track.title} are missing: {error}")
            return None

    async def _fetch_one(
        self, track: PlannedTrack, folder: Path, live: LiveRecording | None, hashed: bool
    ) -> MuxTrack:
        files = TrackFiles(folder, track.name, hashed=hashed)
        try:
            if track.media.endlist or live is None:
                await self._fetch(track, files)
            else:
                with live.under_way():
                    self.missing += await self._record(track, files, live)
            self.sums = files.sums
        finally:
            await self._thread.run(files.close)
        paths = tuple(files.paths)
        return MuxTrack(paths, track.takes, language=track.language, title=track.title)

    async def _fetch(self, track: PlannedTrack, files: TrackFiles) -> None:
        """Append what is missing of a track to its files."""
        segments, check = track.media.segments, SegmentCheck(track.takes)
        places = await self._find_places(track, check)
        done = await self._resume(track, files, check)
        batch = _SegmentBatch(places[done - 1] if done else -1)
        writing = asyncio.create_task(asyncio.sleep(0))
        try:
            fetching = self._segments.fetch_in_order(segments, places, done, track.mirrors, check)
            async with aclosing(fetching) as arrivals:
                async for each in arrivals:
                    if places[each.number] != batch.part:
                        writing = await self._write_behind(writing, files, batch)
                        batch = _SegmentBatch(places[each.number])
                        init = await self._segments.fetch_map(each.segment, track.mirrors, check)
                        batch.pieces.append(init)
                    batch.add(_join(each, check, track), each.number + 1)
                    self._count(1, count_bytes(each.body))
                    del each  # or it would be kept until the next one is here
                    if batch.is_due:
                        writing = await self._write_behind(writing, files, batch)
                        if batch.size > _MUCH:
                            await writing
                        batch = _SegmentBatch(batch.part)
        finally:
            await writing
            await self._write(files, batch)

    async def _find_places(self, track: PlannedTrack, check: SegmentCheck) -> list[int]:
        """Return the part that each segment belongs to.

        Those that are whole MP4 files by themselves are parts of their own, which only bytes tell.
        """
        segments, cuts = track.media.segments, Cuts()
        first = next((each for each in segments if not each.gap), None)
        if first is not None and first.map is None and extension(first.uri) not in _STREAMED:
            fetched = await self._segments.fetch(first, track.mirrors, check)
            if is_whole_file(partial(get_piece, fetched.body, size=16)):
                counted = accumulate(not each.gap for each in segments)
                return [max(0, count - 1) for count in counted]
        return [cuts.place(each) for each in segments]

    async def _resume(self, track: PlannedTrack, files: TrackFiles, check: SegmentCheck) -> int:
        """Go on where an earlier process was; return the number of segments that are there."""
        segments, signature = track.media.segments, sign(track.media)
        done, size = await self._thread.run(files.resume, signature)
        if done and not await self._ends_with(files, segments[done - 1], track, check):
            logger.warning("%s: it has changed since it was begun; begun anew", track.media.url)
            await self._thread.run(files.begin, signature)
            done = size = 0
        self._count(sum(not each.gap for each in segments[:done]), size)
        return done

    async def _ends_with(
        self, files: TrackFiles, segment: Segment, track: PlannedTrack, check: SegmentCheck
    ) -> bool:
        """Whether the files end with that segment: another version has other bytes."""
        last = await self._segments.fetch(segment, track.mirrors, check)
        return await self._thread.run(files.ends_with, _join(last, check, track))

    async def _record(
        self, track: PlannedTrack, files: TrackFiles, recording: LiveRecording
    ) -> list[str]:
        """Append what a live playlist shows from now on; return what is missing, in words."""
        media = track.media
        live = LivePlaylist(self._playlists, track.url, media, track.variables, recording)
        check = SegmentCheck(track.takes)
        await self._thread.run(files.resume, f"live {time.time_ns()}")
        part, done, before = 0, 0, None
        async for segment in live.follow():
            try:
                fetched = await self._segments.fetch(segment, None, check)
                init = await self._segments.fetch_map(segment, None, check)
            except FetchError as error:
                live.lose(error)
                self._segments.forget_failures()
                continue
            # By its bytes: the address of the same map may hold another token at each reload.
            is_whole = not init and is_whole_file(partial(get_piece, fetched.body, size=16))
            now = (segment.discontinuity, init, done if is_whole else None)
            part += done > 0 and now != before
            done += 1
            batch = _SegmentBatch(part)
            if now != before:
                batch.pieces.append(init)
            before = now
            batch.add(_join(fetched, check, track), done)
            await self._write(files, batch)
            self._count(1, count_bytes(fetched.body))
        if not done:
            raise FetchError(f"{media.url}: nothing came within its time", url=media.url)
        lost = f"{live.lost} segments were gone before they could be fetched" if live.lost else ""
        return [each for each in (lost, live.ended) if each]

    async def _write_behind(
        self, writing: asyncio.Task[None], files: TrackFiles, batch: _SegmentBatch
    ) -> asyncio.Task[None]:
        """Begin to write a batch when the one before it is written: the disk sets the pace."""
        await writing
        return asyncio.create_task(self._write(files, batch))

    async def _write(self, files: TrackFiles, batch: _SegmentBatch) -> None:
        if batch.done:
            await self._thread.run(files.append, batch.part, batch.pieces, batch.done)


async def _gather(work: Iterable[Coroutine[None, None, T]]) -> list[T]:
    """Return the results of all, done at the same time; when one fails, the others are stopped."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _join(fetched: FetchedSegment, check: SegmentCheck, track: PlannedTrack) -> Body:
    """Return what is written of a segment: files of subtitles need an empty line between them."""
    body = check.join(fetched.before, fetched.body, fetched.segment.discontinuity)
    return [*body, b"\n\n"] if track.takes == "subtitles" else body
