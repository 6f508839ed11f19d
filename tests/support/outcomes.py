"""Runs as tests need them: from a URL into a folder, with what was told on the way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reelin import DiskSink, Event, Extractor, Filter, Network, Report, Session
from reelin.plugins.registry import Registry

QUICK = Network(retries=2, timeout=2.0)


async def fetch(
    url: str,
    folder: Path,
    *,
    network: Network = QUICK,
    filters: Sequence[Filter] = (),
    plugin: str | None = None,
    workers: int = 4,
    overwrite: bool = False,
    extractors: Sequence[Extractor] | None = None,
) -> tuple[Report, list[Event]]:
    """Save what is behind a URL; the report and all events."""
    registry = Registry(extractors) if extractors is not None else None
    async with Session(workers=workers, network=network, registry=registry) as session:
        sink = DiskSink(folder, overwrite=overwrite)
        async with session.run(url, sink=sink, filters=filters, plugin=plugin) as run:
            events = [event async for event in run]
        return run.report, events


def names_in(folder: Path) -> list[str]:
    """The visible files of a run folder."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".reelin")


def leftovers(folder: Path) -> list[str]:
    """What unfinished files left: parts, sidecars and drafts."""
    return sorted(path.name for path in folder.rglob("*.part*"))
