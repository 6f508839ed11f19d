"""Temporary folders of transfers that must have a whole file before they can pass on a byte."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp

_PIECE = 1 << 20


@asynccontextmanager
async def temporary_folder() -> AsyncGenerator[Path]:
    """Make a folder that is gone afterwards."""
    folder = Path(await asyncio.to_thread(mkdtemp, prefix="reelin-"))
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def pieces_of(path: Path) -> AsyncGenerator[bytes]:
    """Read the bytes of a file, in pieces of up to 1 MiB."""
    file = await asyncio.to_thread(path.open, "rb")
    with file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
