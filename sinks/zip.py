"""One ZIP instead of files: written as the items come, in their order."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Self

from reelin import (
    FileOutlet,
    Layout,
    MediaItem,
    Outlet,
    Sink,
    Stored,
    StreamOutlet,
    Transfer,
    UsageError,
    ZipArchive,
    hookimpl,
)


class ZipSink(Sink):
    """Stores items as entries of one ZIP, uncompressed, under unique and safe names.

    target:   the archive's path; it gets that name when it is whole. Or a binary file that is
              open for writing, such as a pipe; or an `Outlet`
    spool:    have every item complete before its entry begins, in temporary files, so that none
              can break the archive
    template: entry names as `{title}.{ext}`; None: the best name that is known
    layout:   what the archive will hold to the byte, where that is settled
    start:    bytes of such an archive that are there already, and are not written again; the
              target is then no path

    Items that fail are listed in a last entry `_failed.txt`. One of more than 8 MiB that fails
    for good after its entry began ends the run, and the archive stays without its directory.
    """

    name = "zip"

    def __init__(
        self,
        target: str | os.PathLike[str] | BinaryIO | Outlet,
        *,
        spool: bool = False,
        template: str | None = None,
        layout: Layout | None = None,
        start: int = 0,
    ) -> None:
        if start and isinstance(target, str | os.PathLike):
            raise UsageError(f"{target}: the rest of an archive needs a file that is open already")
        self.archive = ZipArchive(
            _outlet(target), spool=spool, template=template, layout=layout, start=start
        )

    async def __aenter__(self) -> Self:
        await self.archive.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.archive.__aexit__(*exc)

    async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
        """Store one item as the next entry."""
        return await self.archive.store(item, transfer)


def _outlet(target: str | os.PathLike[str] | BinaryIO | Outlet) -> Outlet:
    if isinstance(target, Outlet):
        return target
    if isinstance(target, str | os.PathLike):
        return FileOutlet(Path(target))
    return StreamOutlet(target)


@hookimpl
def reelin_sinks() -> Iterable[type[Sink]]:
    """The built-in ZIP sink."""
    return [ZipSink]
