"""Runs through the public API, and what they leave in a folder."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import reelin
from reelin import DiskSink, Filter, Network, Report, Session


async def fetch(
    url: str,
    folder: Path,
    *,
    workers: int = 5,
    filters: Sequence[Filter] = (),
    overwrite: bool = False,
    resume: bool = True,
    **network: Any,
) -> Report:
    """One run to its end, with an impatient network."""
    settings = Network(**({"retries": 2, "timeout": 5.0} | network))
    sink = DiskSink(folder, overwrite=overwrite, resume=resume)
    async with Session(workers=workers, network=settings) as session:
        async with session.run(url, sink=sink, filters=filters) as run:
            return await run.finish()


async def interrupt(url: str, folder: Path, size: int, **network: Any) -> int:
    """Leave a run as soon as `size` bytes of its file are on the disk; the bytes left there."""
    network = {"timeout": 20.0, "connections": 1} | network
    async with Session(network=Network(**network)) as session:
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
    """Bytes of the unfinished file in a folder, 0 without one."""
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


def leftovers(folder: Path) -> list[str]:
    """Parts, drafts and sidecars that a folder still holds."""
    return [path.name for path in folder.rglob("*") if ".part" in path.name]


def rules(events: Sequence[reelin.Event]) -> list[str]:
    """The rules by which items were skipped."""
    return [event.rule for event in events if isinstance(event, reelin.Skipped)]
