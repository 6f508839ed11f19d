"""Runs that are cut short, and what a folder then holds."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from reelin import DiskSink, Network, Session


async def interrupt(url: str, folder: Path, size: int, **network: Any) -> int:
    """Leave a run as soon as `size` bytes of its file are on the disk; the bytes left there."""
    settings = Network(**({"timeout": 20.0, "connections": 1} | network))
    async with Session(network=settings) as session:
        async with session.run(url, sink=DiskSink(folder)) as run:
            reading = asyncio.create_task(run.finish())
            async with asyncio.timeout(20):
                while part_size(folder) < size:
                    assert not reading.done(), f"the run ended by itself: {run.report}"
                    await asyncio.sleep(0.01)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    return part_size(folder)


def part_size(folder: Path) -> int:
    """Bytes of the unfinished files in a folder."""
    return sum(path.stat().st_size for path in folder.glob("*.part"))


def finals(folder: Path) -> dict[str, bytes]:
    """The finished files of a folder by name."""
    if not folder.exists():
        return {}
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.name != ".reelin" and path.suffix != ".part"
    }


def holds(folder: Path, **files: bytes) -> bool:
    """Whether a folder holds exactly these files; `clip=…` means `clip.mp4`.

    For bodies that are too large to be shown when a test fails.
    """
    return finals(folder) == {f"{name}.mp4": body for name, body in files.items()}
