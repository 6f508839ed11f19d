"""The segments of the tracks of one stream: fetched, and written in as few files as can be."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from ...disk.batch import LARGE, OLD_SECONDS
from ...disk.writer import WritingThread
from ...media.m3u8 import Segment
from ...model.errors import FetchError
from ...plugins.live_recording import LiveRecording
from .body import Body, size_of
from .files import Cuts, TrackFiles, signature_of
from .live import Live
from .loading import Playlists
from .plan import Part
from .segments import Segments

logger = logging.getLogger(__name__)

_MUCH = 8 << 20  # bytes of a segment that are written before the next is fetched, to save memory


@dataclass(slots=True)
class _Batch:
    """Segments that wait to be written together, all of one part. `done`: those before its end."""

    part: int
    pieces: list[bytes] = field(default_factory=list)
    size: int = 0
    done: int = 0
    since: float = field(default_factory=time.monotonic)

    def add(self, body: Body, done: int) -> None:
        self.pieces += body
        self.size += size_of(body)
        self.done = done

    @property
    def is_due(self) -> bool:
        """Whether it is to be written now: it is large, or what a crash would lose is old."""
        return self.size >= LARGE or time.monotonic() - self.since >= OLD_SECONDS


class Tracks:
    """Fetches tracks into their files.

    count: is told of segments that are here, and of their bytes
    """

    def __init__(
        self,
        playlists: Playlists,
        segments: Segments,
        thread: WritingThread,
        count: Callable[[int, int], None],
    ) -> None:
        self._playlists = playlists
        self._segments = segments
        self._thread = thread
        self._count = count

    async def fetch(self, part: Part, files: TrackFiles) -> None:
        """Append what is missing of one playlist to its files."""
        segments, cuts = part.media.segments, Cuts()
        places = [cuts.part_of(each) for each in segments]
        signature = signature_of(part.media)
        done, size = await self._thread.run(files.resume, signature)
        if done and not await self._ends_with(files, segments[done - 1], part):
            logger.warning("%s: it has changed since it was begun; begun anew", part.media.url)
            await self._thread.run(files.begin, signature)
            done = size = 0
        self._count(sum(not each.gap for each in segments[:done]), size)
        batch = _Batch(places[done - 1] if done else -1)
        writing = asyncio.create_task(asyncio.sleep(0))
        try:
            async with aclosing(self._segments.in_order(segments, done, part.mirrors)) as pieces:
                async for piece in pieces:
                    if places[piece.number] != batch.part:
                        writing = await self._behind(writing, files, batch)
                        batch = _Batch(places[piece.number])
                        batch.pieces.append(await self._segments.map(piece.segment, part.mirrors))
                    batch.add(_as_written(piece.body, part), piece.number + 1)
                    self._count(1, size_of(piece.body))
                    del piece  # or it would be kept until the next one is here
                    if batch.is_due:
                        writing = await self._behind(writing, files, batch)
                        if batch.size > _MUCH:
                            await writing
                        batch = _Batch(batch.part)
        finally:
            await writing
            await self._write(files, batch)

    async def _ends_with(self, files: TrackFiles, segment: Segment, part: Part) -> bool:
        """Whether what is here ends with that segment: another version has other bytes."""
        body = await self._segments.body(segment, part.mirrors)
        return await self._thread.run(files.ends_with, _as_written(body, part))

    async def record(self, part: Part, files: TrackFiles, recording: LiveRecording) -> list[str]:
        """Append what a live playlist shows from now on; what is missing of it, in words."""
        with recording.under_way():
            return await self._record(part, files, recording)

    async def _record(self, part: Part, files: TrackFiles, recording: LiveRecording) -> list[str]:
        live = Live(self._playlists, part.url, part.media, part.variables, recording)
        await self._thread.run(files.resume, f"live {time.time_ns()}")
        at, done, before = 0, 0, None
        async for segment in live.segments():
            try:
                body = await self._segments.body(segment)
                init = await self._segments.map(segment)
            except FetchError as error:
                live.lose(error)
                self._segments.forget_failures()
                continue
            # By its bytes: the address of the same map may hold another token at each reload.
            now = (segment.discontinuity, init)
            at += done > 0 and now != before
            done += 1
            batch = _Batch(at)
            if now != before:
                batch.pieces.append(init)
            before = now
            batch.add(_as_written(body, part), done)
            await self._write(files, batch)
            self._count(1, size_of(body))
        if not done:
            raise FetchError(f"{part.media.url}: nothing came within its time", url=part.media.url)
        lost = f"{live.lost} segments were gone before they could be fetched" if live.lost else ""
        return [each for each in (lost, live.ended) if each]

    async def _behind(
        self, writing: asyncio.Task[None], files: TrackFiles, batch: _Batch
    ) -> asyncio.Task[None]:
        """Begin to write a batch when the one before it is written: the disk sets the pace."""
        await writing
        return asyncio.create_task(self._write(files, batch))

    async def _write(self, files: TrackFiles, batch: _Batch) -> None:
        if batch.done:
            await self._thread.run(files.append, batch.part, batch.pieces, batch.done)


def _as_written(body: Body, part: Part) -> Body:
    """Files of text need an empty line between them."""
    return [*body, b"\n\n"] if part.takes == "subtitles" else body
