"""For transfers that have a whole file before its first byte can be passed on."""

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
    """A folder that is gone afterwards."""
    folder = Path(await asyncio.to_thread(mkdtemp, prefix="reelin-"))
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def pieces_of(path: Path) -> AsyncGenerator[bytes]:
    """The bytes of a file."""
    file = await asyncio.to_thread(path.open, "rb")
    with file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
