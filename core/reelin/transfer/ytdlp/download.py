"""What only yt-dlp can fetch, by yt-dlp's own downloaders: segments, merges, odd protocols.

It works in a process of its own, which can be ended at any moment, ffmpeg included. Its file
comes to light as every other does: complete, hashed, durable, then under its final name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...disk.landing import Landing
from ...disk.temporary import pieces_of, temporary_folder
from ...disk.writer import disk_error
from ...media.ytdlp import Backend
from ...model.errors import FetchError, PluginError, ReelinError
from ...model.sniff import SNIFF_BYTES
from ...model.stored import Head, Stored
from ...plugins.transfer import Order, Transfer
from ..answer import check_body
from .process import Child

logger = logging.getLogger(__name__)

_CHILD = "reelin.transfer.ytdlp.worker"


class YtdlpTransfer(Transfer):
    """One format, or two merged, of the video or track at the page `item.url`.

    Breaks are healed within yt-dlp's process. A later process starts anew: what yt-dlp leaves
    behind does not say which version of a file it is of.
    """

    def __init__(self, order: Order, backend: Backend) -> None:
        super().__init__(order)
        self._backend = backend
        self._child: Child | None = None

    async def open(self, landing: Landing | None = None) -> Head:
        await self.take_slot()
        try:
            recipe = self._backend.recipe()
        except (TypeError, ValueError) as error:
            raise self._blamed(f"its backend cannot be told to another process: {error}") from None
        self._child = await Child.start(_CHILD)
        await self._child.tell(
            {
                "backend": recipe,
                "format": self.item.format,
                "level": logger.getEffectiveLevel(),
                "url": self.item.url,
            }
        )
        told = await self._until("head")
        name = f"{self.item.title or told['title']}.{told['ext']}".replace("/", "_")
        await self.admit(
            Head(
                self.item.url,
                mime=told["mime"],
                type=told["type"],
                size=told["size"],
                filename=name,
            )
        )
        return self.head

    async def chunks(self) -> AsyncGenerator[bytes]:
        async with temporary_folder() as folder:
            path = await self._fetched(folder)
            async with aclosing(pieces_of(path)) as pieces:
                async for piece in pieces:
                    yield piece

    async def save(self, landing: Landing) -> Stored:
        return await landing.adopt(await self._fetched(await landing.make_workspace()))

    async def close(self) -> None:
        await self._end()
        await super().close()

    async def _fetched(self, folder: Path) -> Path:
        """Have it fetched into an empty folder; the complete file."""
        assert self._child is not None
        try:
            await self._child.tell({"folder": str(folder.absolute())})
            told = await self._until("file")
        finally:
            await self._end()
        path = folder / str(told["name"])
        size, start = await asyncio.to_thread(_looked_at, path)
        check_body(self.item, self.head, start)
        await self.admit(replace(self.head, size=size))
        self.leave_slot()
        return path

    async def _until(self, what: str) -> dict[str, Any]:
        """What the child tells of `what`; on the way, how far it is and what it logs."""
        assert self._child is not None
        while True:
            try:
                told = await self._child.hear()
            except PluginError as error:
                raise self._blamed(str(error)) from None
            if "done" in told:
                self.refuse_beyond_bound(told["done"])
                self.tell(told["done"], told["size"])
            elif "log" in told:
                logger.log(told["level"], "%s", told["log"])
            elif "error" in told:
                raise self._failure(told)
            elif what in told:
                found: dict[str, Any] = told[what]
                return found

    def _failure(self, told: dict[str, Any]) -> ReelinError:
        if told["errno"]:
            return disk_error(OSError(told["errno"], told["error"]))
        if told["kind"] == "PluginError":
            return PluginError(told["error"], url=self.item.url)
        return FetchError(told["error"], url=self.item.url, status=told["status"])

    def _blamed(self, text: str) -> PluginError:
        return PluginError(f"{self.item.url}: yt-dlp: {text}", url=self.item.url)

    async def _end(self) -> None:
        if self._child is not None:
            child, self._child = self._child, None
            await child.end()


def _looked_at(path: Path) -> tuple[int, bytes]:
    with path.open("rb") as file:
        return path.stat().st_size, file.read(SNIFF_BYTES)
