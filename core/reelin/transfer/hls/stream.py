"""The bytes of an HLS stream: every segment, in order, checked; then one file that plays."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from ...disk.landing import Landing
from ...disk.temporary import pieces_of, temporary_folder
from ...disk.writer import WritingThread
from ...media.ffmpeg import Ffmpeg
from ...model.errors import ConvertError
from ...model.stored import Head, Stored
from ...net.client import Client
from ...plugins.transfer import Order, Transfer
from ..connection_slots import ConnectionSlots
from .loading import PlaylistLoader
from .muxing import Muxer
from .naming import expect_ending, make_head
from .plan import Plan, PlannedTrack
from .segments import SegmentFetcher, count_segments
from .tracks import TrackFetcher


class HlsTransfer(Transfer):
    """The stream of a playlist, as `item.format` says (see `media.hls_variants`).

    ffmpeg puts what was fetched into one MP4. Where there is none, or where it fails, the bytes
    stay as they came.
    """

    def __init__(self, order: Order, client: Client, ffmpeg: Ffmpeg) -> None:
        super().__init__(order)
        playlists = PlaylistLoader(client, self.item, order.watcher.retried)
        self._plan = Plan(playlists, self.item, live=order.live is not None)
        self._planned: list[PlannedTrack] = []
        self._thread = WritingThread("reelin-hls")
        slots = ConnectionSlots(order.slots, client.network.connections)
        self._segments = SegmentFetcher(client, self.item, slots, order.watcher.retried)
        self._tracks = TrackFetcher(playlists, self._segments, self._thread, self._count)
        self._muxer = Muxer(ffmpeg, self.item, self._thread, order.watcher.warned)
        self._done = self._all = self._bytes = 0  # segments, and bytes of those that are here

    async def open(self, landing: Landing | None = None) -> Head:
        await self.take_slot()
        self._planned = await self._plan.find_tracks()
        main = self._planned[0]
        obstacle = self._muxer.obstacle
        if obstacle:
            self._planned = [each for each in self._planned if self._muxer.is_film(each)]
            if len(self._planned) > 1:
                raise ConvertError(f"{self.item.url}: its tracks come apart; {obstacle}")
        finite = [each.media for each in self._planned if each.media.endlist]
        self._all = sum(map(count_segments, finite))
        # What is made may turn out to be something else.
        ending = expect_ending(main, is_muxed=obstacle is None)
        await self.admit(make_head(self.item, ending, is_audio=main.takes == "audio"))
        return self.head

    async def chunks(self) -> AsyncGenerator[bytes]:
        async with temporary_folder() as folder:
            path = await self._make(folder)
            self.leave_slot()
            async with aclosing(pieces_of(path)) as pieces:
                async for piece in pieces:
                    yield piece

    async def save(self, landing: Landing) -> Stored:
        token = {"url": self.item.url, "format": self.item.format, "protocol": "hls"}
        path = await self._make(await landing.make_store(token))
        landing.rename(self.head, path.suffix.removeprefix("."))
        landing.keeper.loss = self.loss
        return await landing.adopt(path, self._tracks.sums)

    async def close(self) -> None:
        await self._segments.close()
        self._thread.close(wait=False)
        await super().close()

    @property
    def loss(self) -> str:
        return "; ".join([*self._plan.missing, *self._tracks.missing, *self._muxer.missing])

    async def _make(self, folder: Path) -> Path:
        """Fetch all tracks into a folder and put them together; return the file."""
        is_kept = self._muxer.obstacle is not None
        tracks = await self._tracks.fetch_all(
            self._planned, folder, live=self._order.live, hashed=is_kept
        )
        self.leave_slot()
        path = await self._muxer.make(tracks, folder)
        size = (await self._thread.run(path.stat)).st_size
        ending = path.suffix.removeprefix(".")
        is_audio = self._planned[0].takes == "audio"
        await self.admit(make_head(self.item, ending, is_audio=is_audio, size=size))
        return path

    def _count(self, segments: int, size: int) -> None:
        """Count segments that are here and their bytes, and tell the watcher."""
        self._done += segments
        self._bytes += size
        self.refuse_beyond_bound(self._bytes)
        is_known = self._all > 0 and self._done > 0
        whole = self._bytes * self._all // self._done if is_known else None
        self.tell(self._bytes, whole, (self._done, self._all or None))
