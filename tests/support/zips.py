"""ZIPs as tests need them: made of pages, and opened by every program that is there."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from reelin import Event, Filter, Layout, Network, Report, Session, ZipSink

from .outcomes import QUICK

KIB = 1024
READERS = {
    "unzip": ("unzip", "-tq"),
    "bsdtar": ("bsdtar", "-tf"),
    "7z": ("7z", "t"),
    "python": ("python3", "-m", "zipfile", "-t"),
}


async def archive(
    url: str,
    target: Path,
    *,
    filters: Sequence[Filter] = (),
    network: Network = QUICK,
    workers: int = 4,
    spool: bool = False,
    template: str | None = None,
) -> tuple[Report, list[Event]]:
    """Save what is behind a URL as one ZIP; the report and all events."""
    async with Session(workers=workers, network=network) as session:
        sink = ZipSink(target, spool=spool, template=template)
        async with session.run(url, sink=sink, filters=filters) as run:
            events = [event async for event in run]
        return run.report, events


def entries(made: Path | bytes) -> dict[str, bytes]:
    """The entries of a whole archive, in their order, each checked."""
    with zipfile.ZipFile(io.BytesIO(made) if isinstance(made, bytes) else made) as archive:
        names = archive.namelist()
        assert len(set(names)) == len(names)
        return {name: archive.read(name) for name in names}


def is_whole(made: bytes) -> bool:
    """Whether it ends as a ZIP does."""
    return zipfile.is_zipfile(io.BytesIO(made))


def readers() -> list[str]:
    """The programs that are there to open an archive."""
    return [name for name, command in READERS.items() if shutil.which(command[0])]


def opened(by: str, path: Path) -> subprocess.CompletedProcess[str]:
    """What a program says of an archive."""
    return subprocess.run([*READERS[by], str(path)], capture_output=True, text=True)


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelin.archive.checksums.EVERY", 64 * KIB)
    monkeypatch.setattr("reelin.archive.zip_archive.SMALL", 256 * KIB)
    monkeypatch.setattr("reelin.archive.queue.SMALL", 256 * KIB)


async def read(
    session: Session, *urls: str, most: int | None = None, **how: Any
) -> tuple[bytes, Layout]:
    """What comes, or as much of it as a reader takes before he goes away; and the layout then."""
    got = b""
    async with session.stream_zip(*urls, sized=True, **how) as archive:
        async for chunk in archive:
            got += chunk
            if most is not None and len(got) >= most:
                got = got[:most]
                break
    assert archive.layout is not None
    return got, archive.layout
