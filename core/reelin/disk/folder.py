"""A run folder: files under unique, stable names, and `.reelin/` with what makes reruns cheap.

One run at a time is in a folder. A file that is listed in the manifest and still there is never
asked for again; one that was left unfinished is continued under the same name.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from ..model.item import FileIdentity, MediaItem, file_identity
from ..model.media_types import mime_of
from ..model.outcomes import Incomplete, Refused
from ..model.stored import Head, Stored
from .keeper import Keeper
from .landing import STORE, Landing
from .lock import FolderLock
from .manifest import STATE, Manifest
from .names import Names, name_for
from .sidecar import read_sidecar
from .writer import Writer, disk_error, is_full

_SIDECAR = ".part.json"
_DRAFT = ".part.tmp"


class RunFolder:
    """The files of one run, and of the runs before it in the same folder.

    template:  file names as `{title}.{ext}`; None: the best name that is known
    overwrite: fetch everything again, and replace files that have a wanted name
    resume:    continue what an earlier run left unfinished
    """

    def __init__(
        self,
        path: Path,
        *,
        template: str | None = None,
        overwrite: bool = False,
        resume: bool = True,
    ) -> None:
        self.path = path
        self._state = path / STATE
        self._template = template
        self._overwrite = overwrite
        self._resume = resume
        self._lock = FolderLock(self._state / "lock")
        self._unfinished: dict[FileIdentity, str] = {}  # -> name
        self._keepers: dict[Landing, _ItemKeeper] = {}
        self._writing: dict[Keeper, int] = {}  # the oldest first, with departures it knows of
        self._departures = 0
        self._left = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Make the folder and wait for its lock. Raises `SinkError`."""
        try:
            self._state.mkdir(parents=True, exist_ok=True)
            await self._lock.acquire()
            self._manifest = Manifest(self.path)
            self._names = Names(() if self._overwrite else self._list_names())
            self._tidy()
        except OSError as error:
            self._lock.release()
            raise disk_error(error) from None
        self._writer = Writer()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Finish what is being written, and let the next run in."""
        self._writer.close()
        self._manifest.close()
        self._lock.release()

    def present(self, item: MediaItem) -> Stored | None:
        """Return the receipt of an item that is here already, complete and unchanged."""
        entry = None if self._overwrite else self._manifest.find_complete(item)
        return Stored(entry.name, entry.size, new=False) if entry else None

    def begun(self, item: MediaItem) -> Landing | None:
        """Return where an earlier run left an item unfinished; None: it did not."""
        name = self._unfinished.pop(file_identity(item), None)
        return self._make_landing(name, item) if name is not None else None

    def land(self, item: MediaItem, head: Head, begun: Landing | None) -> Landing:
        """Return where the body of an item goes: to where it was begun, or to a new unique name."""
        landing = begun
        if landing is None:
            wanted = self._manifest.name_of(item) or name_for(item, head, self._template)
            landing = self._make_landing(self._names.reserve(wanted), item)
        keeper = self._keepers[landing]
        keeper.head = head
        self._writing[keeper] = self._departures
        return landing

    async def leave(self, landing: Landing, error: BaseException | None = None) -> None:
        """End a landing, however its transfer ended; keep what a later run can continue."""
        await landing.close()
        if error is not None and not self._worth_keeping(landing, error):
            landing.discard()
            self._names.release(landing.path.name)
        keeper = self._keepers.pop(landing, None)
        if keeper is not None:
            self._writing.pop(keeper, None)
        self._departures += 1
        self._left.set()
        self._left = asyncio.Event()

    def _worth_keeping(self, landing: Landing, error: BaseException) -> bool:
        if isinstance(error, Incomplete):
            return True
        if isinstance(error, Refused) or not landing.sidecar.exists():
            return False
        # On a full disk, what the others need is worth more than a part of this one.
        return not (is_full(error) and len(self._writing) > 1)

    async def _wait_for_room(self, keeper: Keeper) -> bool:
        """Wait on a full disk: the youngest file gives up its space to all others."""
        if keeper not in self._writing:
            return False
        if self._writing[keeper] == self._departures:  # else there may be room since then
            if next(reversed(self._writing)) is keeper:
                return False
            await self._left.wait()
        self._writing[keeper] = self._departures
        return True

    def _make_landing(self, name: str, item: MediaItem) -> Landing:
        path = self.path / name
        keeper = _ItemKeeper(item, path, self._manifest, self._names, self._wait_for_room)
        landing = Landing(path, self._writer, keeper, state=self._state, overwrite=self._overwrite)
        self._keepers[landing] = keeper
        return landing

    def _list_names(self) -> list[str]:
        return [entry.name for entry in os.scandir(self.path)]

    def _tidy(self) -> None:
        """Learn what is unfinished; remove drafts, which no later run can use."""
        for path in self._state.iterdir():
            if path.name.endswith(_DRAFT) and path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.endswith(_DRAFT):
                path.unlink(missing_ok=True)
            elif path.name.endswith(STORE) and not _sidecar_of(path).exists():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.endswith(_SIDECAR):
                self._learn_unfinished(path)

    def _learn_unfinished(self, sidecar: Path) -> None:
        name = sidecar.name.removesuffix(_SIDECAR)
        token, _ = read_sidecar(sidecar)
        url, kept, audio = (token and token.get(key) for key in ("url", "format", "audio"))
        if (
            self._resume
            and isinstance(url, str)
            and isinstance(kept, str | None)
            and isinstance(audio, str | None)
        ):
            reserved = self._names.reserve(name)
            if reserved == name:
                self._unfinished[url, kept, audio] = name
                return
            self._names.release(reserved)
        shutil.rmtree(sidecar.with_name(name + STORE), ignore_errors=True)
        for path in (sidecar, self.path / f"{name}.part"):
            with suppress(OSError):
                path.unlink(missing_ok=True)


class _ItemKeeper(Keeper):
    """Keeps the file of one item: its line in the manifest, and its name in the folder.

    wait_for_room: called with this keeper when the disk is full
    """

    def __init__(
        self,
        item: MediaItem,
        path: Path,
        manifest: Manifest,
        names: Names,
        wait_for_room: Callable[[Keeper], Awaitable[bool]],
    ) -> None:
        known = zip(("url", "format", "audio"), file_identity(item), strict=True)
        self.identity = {key: value for key, value in known if value is not None}
        self.head = Head(item.url)  # until the answer is here
        self._item = item
        self._path = path
        self._name = path.name
        self._manifest = manifest
        self._names = names
        self._wait_for_room = wait_for_room

    def record(self, stat: os.stat_result, sha256: str) -> None:
        self._manifest.add(self._item, self.head, self._name, stat, sha256)

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


def _sidecar_of(store: Path) -> Path:
    return store.with_name(store.name.removesuffix(STORE) + _SIDECAR)
