"""A run folder: files under unique, stable names, and `.reelin/` with what makes reruns cheap.

One run at a time is in a folder. A file that is listed in the manifest and still there is never
asked for again; one that was left unfinished is continued under the same name.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

from ..model.item import FileIdentity, MediaItem, file_identity
from ..model.outcomes import AlreadyStored, Refused
from ..model.stored import Head, Stored
from .item_keeper import ItemKeeper
from .keeper import SMALL, Keeper
from .known import KnownFile
from .landing import STORE, Landing
from .lock import FolderLock
from .manifest import STATE, Manifest
from .names import Names, name_for
from .page_folder import note_page
from .recall import Recollection
from .sidecar import Token, read_sidecar
from .space import DiskSpace
from .unfinished import Unfinished
from .writer import Writer, disk_error, is_full

_SIDECAR = ".part.json"
_DRAFT = ".part.tmp"


class RunFolder:
    """The files of one run, and of the runs before it in the same folder.

    template:  file names as `{title}.{ext}`; None: the best name that is known
    overwrite: fetch everything again, and replace files that have a wanted name
    resume:    continue what an earlier run left unfinished
    page:      the URL of the page that the folder is named after; None: a person named it
    space:     of the disk, shared with other folders; None: no others are filled meanwhile
    """

    def __init__(
        self,
        path: Path,
        *,
        template: str | None = None,
        overwrite: bool = False,
        resume: bool = True,
        page: str | None = None,
        space: DiskSpace | None = None,
    ) -> None:
        self.path = path
        self._space = space or DiskSpace()
        self._page = page
        self._state = path / STATE
        self._template = template
        self._overwrite = overwrite
        self._resume = resume
        self._lock = FolderLock(self._state / "lock")
        self._unfinished = Unfinished()
        self._recollection: Recollection | None = None
        self._keepers: dict[Landing, ItemKeeper] = {}
        self._writing: dict[Keeper, int] = {}  # the oldest first, with departures it knows of
        self._departures = 0
        self._left = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Make the folder and wait for its lock. Raises `SinkError`."""
        with ExitStack() as undo:
            undo.callback(self._lock.release)
            try:
                self._state.mkdir(parents=True, exist_ok=True)
                await self._lock.acquire()
                if self._page is not None:
                    note_page(self.path, self._page)
                self._manifest = Manifest(self.path)
                undo.callback(self._manifest.close)
                self._known = self._manifest.known
                self._names = Names(() if self._overwrite else self._list_names())
                self._tidy()
            except OSError as error:
                raise disk_error(error) from None
            undo.pop_all()
        self._writer = Writer()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Finish what is being written, and let the next run in. Raises `SinkError`."""
        with ExitStack() as stack:
            stack.callback(self._lock.release)
            stack.callback(self._close_manifest)
            stack.callback(self._writer.close)

    def _close_manifest(self) -> None:
        try:
            self._manifest.close()
        except OSError as error:
            raise disk_error(error) from error

    def recall(self, url: str) -> MediaItem | None:
        """Return the file that a URL itself is, if it is here or begun; also before entering."""
        if self._overwrite:
            return None
        self._recollection = self._recollection or Recollection(self.path, resume=self._resume)
        return self._recollection.find(url)

    def present(self, item: MediaItem) -> Stored | None:
        """Return the receipt of an item that is here already, complete and unchanged."""
        known = None if self._overwrite else self._known.find(item)
        return known.receipt if known else None

    def take_doubts(self) -> list[MediaItem]:
        """Return the items of which `present` was too sure: further ones claim the same file."""
        return self._known.take_doubts()

    def begun(self, item: MediaItem) -> Landing | None:
        """Return where an earlier run left an item unfinished; None: it did not."""
        name = self._unfinished.take(item)
        return self._make_landing(name, item) if name is not None else None

    def land(self, item: MediaItem, head: Head, begun: Landing | None) -> Landing:
        """Return where the body of an item goes: to where it was begun, or to a new unique name.

        Where its file is known to be missing or damaged, that one is replaced. Raises
        `AlreadyStored` for an item that turns out to be here, under another address.
        """
        lost = None if begun or self._overwrite else self._find_lost(item, head)
        wanted = self._known.name_of(item) or name_for(item, head, self._template)
        claim = None
        if head.size is not None and head.size > SMALL:
            part = begun.part if begun is not None else None
            claim = self._space.claim(self.path, wanted, head.size, part)
        landing = begun
        if lost is not None:
            landing = self._replace(lost, item)
        if landing is None:
            landing = self._make_landing(self._names.reserve(wanted), item)
        if claim is not None:
            claim.part = landing.part
        keeper = self._keepers[landing]
        keeper.head, keeper.claim = head, claim
        self._writing[keeper] = self._departures
        return landing

    def _find_lost(self, item: MediaItem, head: Head) -> KnownFile | None:
        """Return the file that the item had, and that is not whole any more.

        Raises `AlreadyStored` where the head shows that it is whole.
        """
        known = self._known.recognize(item, head)
        if known is not None and self._known.is_intact(known):
            self._manifest.add_address(item, head, known)
            raise AlreadyStored(known.receipt)
        return known or self._known.find_lost(item)

    def _replace(self, lost: KnownFile, item: MediaItem) -> Landing | None:
        """Return the way to the name of a file that was lost; None where something else has it."""
        if (self.path / lost.name).is_dir() or not self._names.claim(lost.name):
            return None
        return self._make_landing(lost.name, item, overwrite=True)

    async def leave(self, landing: Landing, error: BaseException | None = None) -> None:
        """End a landing, however its transfer ended; keep what a later run can continue."""
        await landing.close()
        keeper = self._keepers.pop(landing, None)
        if error is not None and not self._worth_keeping(landing, keeper, error):
            landing.discard()
            self._names.release(landing.path.name)
        elif error is not None and keeper is not None and landing.sidecar.exists():
            # This run may come back to it.
            self._unfinished.add(
                file_identity(keeper.item), keeper.item.page_url, landing.path.name
            )
        if keeper is not None:
            self._writing.pop(keeper, None)
            if keeper.claim is not None:
                self._space.release(keeper.claim)
        self._departures += 1
        self._left.set()
        self._left = asyncio.Event()

    def _worth_keeping(
        self, landing: Landing, keeper: ItemKeeper | None, error: BaseException
    ) -> bool:
        if isinstance(error, Refused | AlreadyStored) or not landing.sidecar.exists():
            return False
        # On a full disk, what the others need is worth more than a part of this one.
        return not (is_full(error) and keeper in self._writing and len(self._writing) > 1)

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

    def _make_landing(self, name: str, item: MediaItem, *, overwrite: bool = False) -> Landing:
        path = self.path / name
        keeper = ItemKeeper(
            item, path, self._manifest, self._names, self._wait_for_room, anew=self._overwrite
        )
        overwrite = overwrite or self._overwrite or self._known.is_named(file_identity(item), name)
        landing = Landing(path, self._writer, keeper, state=self._state, overwrite=overwrite)
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
        identity = _identity_of(token)
        if self._resume and token is not None and identity is not None:
            # Beside it may lie the damaged file that it is to replace, or what it became.
            is_damaged = self._known.is_named(identity, name) and not self._known.is_whole(identity)
            if (is_damaged or name not in self._names) and self._names.claim(name):
                self._unfinished.add(identity, str(token.get("page_url", "")), name)
                return
        shutil.rmtree(sidecar.with_name(name + STORE), ignore_errors=True)
        for path in (sidecar, self.path / f"{name}.part"):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _identity_of(token: Token | None) -> FileIdentity | None:
    """Return what a sidecar says that its part is of, None if it does not."""
    url, kept, audio = (token and token.get(key) for key in ("url", "format", "audio"))
    if not isinstance(url, str) or not isinstance(kept, str | None):
        return None
    return (url, kept, audio) if isinstance(audio, str | None) else None


def _sidecar_of(store: Path) -> Path:
    return store.with_name(store.name.removesuffix(STORE) + _SIDECAR)
