"""Files in a folder: the default sink. Complete and verified, or not under their final name."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from reelin import DiskSpace, MediaItem, RunFolder, Sink, Stored, Transfer, hookimpl


class DiskSink(Sink):
    """Saves items as files of one folder, which is made if need be.

    folder:    where files land; `.reelin/` in it holds the manifest, sidecars and a lock
    template:  file names as `{title}.{ext}`; None: the best name that is known
    overwrite: fetch everything again, and replace files that have a wanted name
    resume:    continue what an earlier run left unfinished
    page:      the URL of the page that the folder is named after; None: a person named it
    space:     of the disk, shared with other sinks; None: no others are filled meanwhile
    """

    name = "disk"

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        template: str | None = None,
        overwrite: bool = False,
        resume: bool = True,
        page: str | None = None,
        space: DiskSpace | None = None,
    ) -> None:
        self.folder = RunFolder(
            Path(folder),
            template=template,
            overwrite=overwrite,
            resume=resume,
            page=page,
            space=space,
        )

    async def __aenter__(self) -> Self:
        await self.folder.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.folder.__aexit__(*exc)

    async def recall(self, url: str) -> MediaItem | None:
        """Return the file that a URL itself is, if it is in the folder, complete or begun."""
        return await asyncio.to_thread(self.folder.recall, url)

    async def write(self, item: MediaItem, transfer: Transfer) -> Stored:
        """Save one item; what is here already, complete, is not asked for again."""
        present = self.folder.present(item)
        if present is not None:
            return present
        landing = self.folder.begun(item)
        try:
            head = await transfer.open(landing)
            landing = self.folder.land(item, head, landing)
            stored = await transfer.save(landing)
        except BaseException as error:
            if landing is not None:
                await self.folder.leave(landing, error)
            raise
        await self.folder.leave(landing)
        return stored

    def take_doubts(self) -> Sequence[MediaItem]:
        """Return the items that may not be those whose files they were taken for."""
        return self.folder.take_doubts()


@hookimpl
def reelin_sinks() -> Iterable[type[Sink]]:
    """The built-in disk sink."""
    return [DiskSink]
