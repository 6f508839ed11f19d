"""Recordings of live streams as tests make them."""

from __future__ import annotations

from pathlib import Path

from reelin import DiskSink, Network, Report, Session

from .outcomes import names_in

QUICK = Network(retries=0, timeout=5)


async def recorded(url: str, folder: Path, seconds: float = 60) -> Report:
    """Record a stream for so long at most; how that ended."""
    async with (
        Session(network=QUICK) as session,
        session.run(url, sink=DiskSink(folder), live=seconds) as run,
    ):
        return await run.finish()


def saved(folder: Path) -> bytes:
    """What was saved, as one file."""
    return film_in(folder).read_bytes()


def film_in(folder: Path) -> Path:
    """The one file that was saved."""
    (name,) = names_in(folder)
    return folder / name
