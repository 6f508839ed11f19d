"""Runs through the public API, and what they leave in a folder."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reelin import DiskSink, Event, Filter, Network, Report, Session

QUICK = Network(retries=2, timeout=5)


async def fetch(
    url: str,
    folder: Path,
    *,
    network: Network = QUICK,
    workers: int = 5,
    filters: Sequence[Filter] = (),
    **sink: Any,
) -> tuple[Report, list[Event]]:
    """One run into a folder, to its end: its report and its events. `sink`: see `DiskSink`."""
    async with Session(workers=workers, network=network) as session:
        async with session.run(url, sink=DiskSink(folder, **sink), filters=filters) as run:
            events = [event async for event in run]
            return run.report, events


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
    """Bytes of the unfinished file in a folder, 0 without one."""
    return sum(path.stat().st_size for path in folder.glob("*.part"))


def names_in(folder: Path) -> list[str]:
    """The names of the finished files in a folder."""
    if not folder.exists():
        return []
    hidden = (".reelin", ".part")
    return sorted(each.name for each in folder.iterdir() if not each.name.endswith(hidden))


def finals(folder: Path) -> dict[str, bytes]:
    """The finished files of a folder by name."""
    return {name: (folder / name).read_bytes() for name in names_in(folder)}


def leftovers(folder: Path) -> list[str]:
    """Parts, drafts and sidecars that a folder still holds."""
    return sorted(path.name for path in folder.rglob("*.part*"))
