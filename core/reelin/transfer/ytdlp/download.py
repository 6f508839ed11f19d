"""Items that only yt-dlp can fetch, by its own downloaders: segments, merges, odd protocols.

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
from .process import Worker

logger = logging.getLogger(__name__)

_MODULE = "reelin.transfer.ytdlp.worker"


class YtdlpTransfer(Transfer):
    """A transfer of one format, or two merged, of the video or track at the page `item.url`.

    Breaks are healed within yt-dlp's process. A later process starts anew: what yt-dlp leaves
    behind does not say which version of a file it is of.
    """

    def __init__(self, order: Order, backend: Backend) -> None:
        super().__init__(order)
        self._backend = backend
        self._worker: Worker | None = None

    async def open(self, landing: Landing | None = None) -> Head:
        await self.take_slot()
        try:
            recipe = self._backend.to_recipe()
        except (TypeError, ValueError) as error:
            raise self._make_error(
                f"its backend cannot be handed to another process: {error}"
            ) from None
        self._worker = await Worker.start(_MODULE)
        await self._worker.send(
            {
                "backend": recipe,
                "format": self.item.format,
                "level": logger.getEffectiveLevel(),
                "url": self.item.url,
            }
        )
        about = await self._wait_for("head")
        name = f"{self.item.title or about['title']}.{about['ext']}".replace("/", "_")
        await self.admit(
            Head(
                self.item.url,
                mime=about["mime"],
                type=about["type"],
                size=about["size"],
                filename=name,
            )
        )
        return self.head

    async def chunks(self) -> AsyncGenerator[bytes]:
        async with temporary_folder() as folder:
            path = await self._fetch(folder)
            async with aclosing(pieces_of(path)) as pieces:
                async for piece in pieces:
                    yield piece

    async def save(self, landing: Landing) -> Stored:
        return await landing.adopt(await self._fetch(await landing.make_workspace()))

    async def close(self) -> None:
        await self._end()
        await super().close()

    async def _fetch(self, folder: Path) -> Path:
        """Have it fetched into an empty folder; return the complete file."""
        assert self._worker is not None
        try:
            await self._worker.send({"folder": str(folder.absolute())})
            about = await self._wait_for("file")
        finally:
            await self._end()
        path = folder / str(about["name"])
        size, start = await asyncio.to_thread(_look_into, path)
        check_body(self.item, self.head, start)
        await self.admit(replace(self.head, size=size))
        self.leave_slot()
        return path

    async def _wait_for(self, name: str) -> dict[str, Any]:
        """Return what the worker sends under that name.

        Its progress and log lines are handed on meanwhile. Raises the error that it sends.
        """
        assert self._worker is not None
        while True:
            try:
                message = await self._worker.receive()
            except PluginError as error:
                raise self._make_error(str(error)) from None
            if "done" in message:
                self.refuse_beyond_bound(message["done"])
                self.tell(message["done"], message["size"])
            elif "log" in message:
                logger.log(message["level"], "%s", message["log"])
            elif "error" in message:
                raise self._as_error(message)
            elif name in message:
                found: dict[str, Any] = message[name]
                return found

    def _as_error(self, message: dict[str, Any]) -> ReelinError:
        if message["errno"]:
            return disk_error(OSError(message["errno"], message["error"]))
        if message["kind"] == "PluginError":
            return PluginError(message["error"], url=self.item.url)
        return FetchError(message["error"], url=self.item.url, status=message["status"])

    def _make_error(self, problem: str) -> PluginError:
        return PluginError(f"{self.item.url}: yt-dlp: {problem}", url=self.item.url)

    async def _end(self) -> None:
        if self._worker is not None:
            worker, self._worker = self._worker, None
            await worker.end()


def _look_into(path: Path) -> tuple[int, bytes]:
    """Return the size of a file, and its first bytes."""
    with path.open("rb") as file:
        return path.stat().st_size, file.read(SNIFF_BYTES)
