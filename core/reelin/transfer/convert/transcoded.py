"""Audio that is converted once it is here: a transfer around the one that fetches it.

Items that turn out to be neither audio nor video pass through as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path

from ...disk.landing import Landing
from ...disk.temporary import pieces_of, temporary_folder
from ...media.ffmpeg import Ffmpeg, Input
from ...media.ffmpeg.audio import Tags, takes_cover, transcode
from ...model.audio import Audio
from ...model.errors import ConvertError
from ...model.item import MediaItem
from ...model.media_types import STREAMS
from ...model.stored import Head, Stored
from ...plugins.transfer import Order, Transfer
from .covers import Covers
from .original import Original


class Transcoded(Transfer):
    """The audio of what `inner` fetches, as the kind of file that the item is to become."""

    def __init__(
        self, order: Order, inner: Transfer, wish: Audio, ffmpeg: Ffmpeg, covers: Covers
    ) -> None:
        super().__init__(order)
        self._inner = inner
        self._wish = wish
        self._ffmpeg = ffmpeg
        self._covers = covers
        self._original: Head | None = None  # what there is to be converted
        self._is_here = False

    async def open(self, landing: Landing | None = None) -> Head:
        original = Original(landing) if landing else None
        head = await original.find_whole() if original else None
        if head is not None:
            await self.admit(head)
            self._is_here = True
        else:
            head = await self._inner.open(original)
        if _is_played(self.item, head):
            self._original = head
            head = replace(head, mime=self._wish.mime, type="audio", size=None)
        self.head = head
        return head

    async def chunks(self) -> AsyncGenerator[bytes]:
        async with aclosing(self._chunks()) as chunks:
            async for chunk in chunks:
                yield chunk

    async def save(self, landing: Landing) -> Stored:
        if self._original is None:
            return await self._inner.save(landing)
        original = Original(landing)
        try:
            if not self._is_here:
                await self._save_original(original, self._original)
            made = await self._convert(original.part, await landing.make_workspace())
            landing.keeper.loss = self.loss
            stored = await landing.adopt(made)
        finally:
            await original.close()
        original.discard()
        return stored

    async def _save_original(self, original: Original, head: Head) -> None:
        """Fetch what is to be converted."""
        stored = await self._inner.save(original)
        if stored.sha256 is not None and not self.loss:  # else a later run would not tell it
            await original.note_whole(head, stored.sha256)

    @property
    def loss(self) -> str:
        return self._inner.loss

    def pause(self, *, restarts: bool) -> None:
        self._inner.pause(restarts=restarts)

    async def close(self) -> None:
        await self._inner.close()
        await super().close()

    def _chunks(self) -> AsyncGenerator[bytes]:
        return self._inner.chunks() if self._original is None else self._convert_chunks()

    async def _convert_chunks(self) -> AsyncGenerator[bytes]:
        async with temporary_folder() as folder:
            original = folder / "original"
            with await asyncio.to_thread(original.open, "wb") as file:
                async with aclosing(self._inner.chunks()) as chunks:
                    async for chunk in chunks:
                        await asyncio.to_thread(file.write, chunk)
            made = await self._convert(original, folder)
            async with aclosing(pieces_of(made)) as pieces:
                async for piece in pieces:
                    yield piece

    async def _convert(self, original: Path, folder: Path) -> Path:
        """Make a file of the original, in `folder`."""
        await self._inner.close()  # the network is for others now
        made = folder / f"made.{self._wish.format}"
        try:
            probe = await self._ffmpeg.probe(Input(original))
            await transcode(
                self._ffmpeg,
                original,
                probe,
                made,
                self._wish,
                tags=Tags.from_item(self.item),
                cover=await self._cover() if takes_cover(probe, self._wish) else None,
                progress=partial(self._tell_converted, probe.duration),
            )
        except ConvertError as error:
            url = self.item.url
            raise ConvertError(f"{url}: no {self._wish.format} of it: {error}", url=url) from None
        return made

    def _tell_converted(self, whole: float | None, seconds: float) -> None:
        if whole:
            self._order.watcher.converted(min(1.0, seconds / whole))

    async def _cover(self) -> bytes | None:
        if self.item.thumbnail is None:
            return None
        await self.take_slot()
        try:
            return await self._covers.get(
                self.item.thumbnail, self.item.page_url, self.item.referrer_policy
            )
        finally:
            self.leave_slot()


def _is_played(item: MediaItem, head: Head) -> bool:
    """Whether a body is audio or video, by what came of it or else by what the page says."""
    kind = head.type if head.type not in (None, "other") else item.type
    return kind in ("audio", "video") and head.mime not in STREAMS
