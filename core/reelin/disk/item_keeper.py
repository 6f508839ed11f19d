"""The owner of the name of an item's file in a run folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from ..model.item import MediaItem, file_identity
from ..model.media_types import mime_of
from ..model.outcomes import AlreadyStored
from ..model.stored import Head
from .keeper import Keeper
from .manifest import STATE, Manifest
from .names import Names
from .recall import is_itself, note_item
from .space import SpaceClaim
from .sums import Sums

_ASIDE = "replaced"  # in the state folder: files that were not what had been downloaded

logger = logging.getLogger(__name__)


class ItemKeeper(Keeper):
    """Keeps the file of one item: its line in the manifest, and its name in the folder.

    wait_for_room: called with this keeper when the disk is full
    anew: whether the files of earlier runs are replaced, also by the same bytes
    """

    def __init__(
        self,
        item: MediaItem,
        path: Path,
        manifest: Manifest,
        names: Names,
        wait_for_room: Callable[[Keeper], Awaitable[bool]],
        *,
        anew: bool,
    ) -> None:
        url, kept, audio = file_identity(item)
        known = {"url": url, "format": kept, "audio": audio, "page_url": item.page_url}
        self.identity = {key: value for key, value in known.items() if value}
        if is_itself(item):
            self.identity["item"] = note_item(item)
        self.head = Head(item.url)  # until the answer is here
        self.claim: SpaceClaim | None = None  # to free space, of a file that is not small
        self.item = item
        self._path = path
        self._name = path.name
        self._manifest = manifest
        self._names = names
        self._wait_for_room = wait_for_room
        self._anew = anew

    def record(self, stat: os.stat_result, sums: Sums) -> None:
        if self.claim is not None:
            self.claim.size = 0  # it has all, and its part gets another name now
        self._manifest.add(self.item, self.head, self._name, stat, sums, self.loss)

    async def examine(self, path: Path, sha256: str) -> Path | None:
        """See whether it is a file that is here, or was; raise `AlreadyStored` if it is."""
        files = self._manifest.known
        known = files.find_twin(self.item, sha256)
        if known is None or known.name == self._name:
            return None
        there = self._path.with_name(known.name)
        if files.is_intact(known) and (files.is_claimed(known) or not self._anew):
            self._manifest.add_address(self.item, self.head, known)
            raise AlreadyStored(known.receipt)
        if there.is_dir() or not self._names.claim(known.name):
            return None
        self._names.release(self._name)
        self._name = known.name
        return there

    def make_way(self, final: Path) -> None:
        """Put aside what is no file of ours any more: somebody may have changed it."""
        if self._anew or not final.is_file():
            return
        aside = self._path.parent / STATE / _ASIDE
        aside.mkdir(exist_ok=True)
        kept = Names(each.name for each in aside.iterdir()).reserve(final.name)
        final.rename(aside / kept)
        logger.warning(
            "%s was changed, and is replaced; what it was is %s/%s/%s",
            final,
            STATE,
            _ASIDE,
            kept,
        )

    async def wait_for_room(self) -> bool:
        return await self._wait_for_room(self)

    def rename(self, head: Head, ending: str) -> Path:
        """Give the file the extension of what it is, where it has one at all."""
        name = self._path.name
        stem, dot, before = name.rpartition(".")
        if dot and before != ending and mime_of(name) is not None:
            name = self._names.reserve(f"{stem}.{ending}")
        self.head, self._name = head, name
        return self._path.with_name(name)
