"""The doors of the library for scripts: `download` and `find` wait until all is done."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Sequence
from os import PathLike
from typing import Any, TypeVar

from ..model.audio import Audio
from ..model.errors import UsageError
from ..model.item import MediaItem
from ..net.network import Network
from ..plugins.filter import Filter
from .report import Report
from .session import Session

T = TypeVar("T")


def download(
    url: str,
    to: str | PathLike[str],
    *,
    types: Collection[str] | None = None,
    filters: Sequence[Filter] = (),
    plugin: str | None = None,
    audio: Audio | None = None,
    workers: int = 5,
    network: Network | None = None,
    ffmpeg: str | PathLike[str] | None = None,
) -> Report:
    """Save everything behind a URL into the folder `to`, and wait for it; the report.

    For scripts. In asynchronous code use `Session.download`.
    """

    async def work() -> Report:
        async with Session(workers=workers, network=network, ffmpeg=ffmpeg) as session:
            return await session.download(
                url, to, types=types, filters=filters, plugin=plugin, audio=audio
            )

    return _blocking("download", work())


def find(
    url: str,
    *,
    plugin: str | None = None,
    filters: Sequence[Filter] = (),
    workers: int = 5,
    network: Network | None = None,
) -> list[MediaItem]:
    """The items behind a URL, without downloading them. For scripts."""

    async def work() -> list[MediaItem]:
        async with Session(workers=workers, network=network) as session:
            return [each async for each in session.items(url, plugin=plugin, filters=filters)]

    return _blocking("find", work())


def _blocking(name: str, work: Coroutine[Any, Any, T]) -> T:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    work.close()
    raise UsageError(f"reelin.{name} blocks; inside a running event loop use reelin.Session")
