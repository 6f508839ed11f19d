"""The way of a body to the disk: first `name.part` with a sidecar, its own name when verified."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from ..model.errors import FetchError, SinkError
from ..model.stored import Head, Stored
from .blocking import PartFile, open_complete, write_draft
from .keeper import Keeper
from .sidecar import Token, is_of_same, read_sidecar, write_sidecar
from .sums import Sums
from .writer import Writer, disk_error, is_full

QUICK = 256 << 10  # bytes that go into the page cache sooner than a thread would take them over
STORE = ".part.d"  # the ending of folders with what is unfinished


class Landing:
    """A file on its way to the disk: written by a transfer, owned by its keeper.

    path:      what is unfinished is called after it
    keeper:    see `Keeper`; None: whoever does not care
    state:     the folder of the sidecar; None: that of the file
    final:     the final name; None: `path`
    overwrite: whether a file that already has the final name may be replaced
    crc32:     of the file that was published
    """

    def __init__(
        self,
        path: Path,
        writer: Writer,
        keeper: Keeper | None = None,
        *,
        state: Path | None = None,
        final: Path | None = None,
        overwrite: bool = False,
    ) -> None:
        self.path = path
        self.final = final or path
        self.keeper = keeper or Keeper()
        self.crc32: int | None = None
        self._state = state or path.parent
        self._writer = writer
        self._thread = writer.choose_thread()
        self._overwrite = overwrite
        self._part_file: PartFile | None = None
        self._workspace: Path | None = None

    @property
    def part(self) -> Path:
        """The unfinished file."""
        return self.path.with_name(self.path.name + ".part")

    @property
    def sidecar(self) -> Path:
        """The file with what a later process must know to continue the part."""
        return self._state / (self.path.name + ".part.json")

    def read_unfinished(self) -> tuple[Token, list[Any], int] | None:
        """Return token, notes and size of the part that is here; None if it cannot go on."""
        token, notes = read_sidecar(self.sidecar)
        if token is None or self.part.is_symlink():
            return None
        try:
            return token, notes, self.part.stat().st_size
        except OSError:
            return None

    # One body, in order

    async def begin(self, token: Token | None, keep: int = 0) -> None:
        """Get ready to append after the first `keep` bytes of the part; drop what lies behind.

        token: what a later process needs to continue, or None if it will not be able to
        """
        known = None if token is None else self.keeper.identity | token
        await self._thread.run(self._open_part().begin, known, keep)

    async def append(self, pieces: list[bytes]) -> None:
        """Write and hash further pieces of the body."""
        await self._write(self._open_part().append, pieces)

    # One body, in ranges

    async def begin_ranges(self, token: Token, size: int, spans: list[tuple[int, int]]) -> None:
        """Get ready to write anywhere in a part of `size` bytes, of which `spans` are written."""
        known = self.keeper.identity | token
        await self._thread.run(self._open_part().begin_ranges, known, size, spans)

    async def write_at(self, offset: int, pieces: list[bytes]) -> None:
        """Write pieces at an offset, then note the range in the sidecar."""
        await self._write(self._open_part().write_at, offset, pieces)

    async def hash_until(self, start: int, end: int) -> None:
        """Hash the written bytes from `start`, where the last call ended, to `end`."""
        await self._thread.run(self._open_part().hash_range, start, end)

    # A file that others make

    async def make_store(self, token: Token) -> Path:
        """Return a folder for what a later process can go on with; the token says of what.

        A store of something else is removed. It goes when the file has its final name.
        """
        return await self._thread.run(self._make_store, self.keeper.identity | token)

    async def make_workspace(self) -> Path:
        """Return an empty folder on the same disk. It goes when the landing is closed."""
        if self._workspace is None:
            self._workspace = Path(
                await self._thread.run(partial(mkdtemp, suffix=".part.tmp", dir=self._state))
            )
        return self._workspace

    async def adopt(self, path: Path, sums: Sums | None = None) -> Stored:
        """Make a complete file of the workspace durable and give it the final name.

        sums: its checksums, where they are known already

        Raises `SinkError` when the disk refuses.
        """
        descriptor, size, known = await self._thread.run(open_complete, path, sums)
        await self._publish(os.fspath(path), descriptor, known)
        await self._writer.sync_folder(self.final.parent)
        await self._thread.run(self._drop_unfinished)
        return Stored(self.final.name, size, known.sha256, crc32=known.crc32)

    # The end

    def rename(self, head: Head, ending: str) -> None:
        """Tell before the end that the file is something else than was announced.

        head: what it is; ending: the extension of such files
        """
        self.final = self.keeper.rename(head, ending) or self.final

    async def publish(self, promised: str | None = None) -> str:
        """Make the part durable and give it its final name; its sha256.

        promised: the sha256 that the server says it has; None: it does not say

        Raises `FetchError` when it has another one, `SinkError` when the disk refuses.
        """
        part = self._open_part()
        sums = part.sums
        self._check_promise(sums.sha256, promised)
        descriptor, self._part_file = part.detach(), None
        await self._publish(os.fspath(self.part), descriptor, sums)
        await self._writer.sync_folder(self.final.parent)
        self.sidecar.unlink(missing_ok=True)
        return sums.sha256

    async def publish_bytes(self, pieces: list[bytes], promised: str | None = None) -> str:
        """Publish a whole small body at once, without a sidecar, as `publish` does; its sha256."""
        draft = f"{self._state}{os.sep}{self.path.name}.part.tmp"
        try:
            if sum(map(len, pieces)) > QUICK:
                descriptor, sums = await self._thread.run(write_draft, draft, pieces)
            else:
                descriptor, sums = write_draft(draft, pieces)
            self._check_promise(sums.sha256, promised)
            if os.path.exists(f"{self.path}.part"):  # a Path takes longer
                self.discard()  # what there was of another version
            await self._publish(draft, descriptor, sums)
            # Should its name get lost in a crash, the next run fetches it again.
            self._writer.sync_folder_later(self.final.parent)
        except BaseException as error:
            with suppress(OSError):
                os.unlink(draft)
            if isinstance(error, OSError):
                raise disk_error(error) from error
            raise
        return sums.sha256

    async def close(self) -> None:
        """Close the part as it is. It can be continued later if it has a sidecar."""
        if self._workspace is not None:
            workspace, self._workspace = self._workspace, None
            await self._thread.run(partial(shutil.rmtree, workspace, ignore_errors=True))
        if self._part_file is not None:
            part, self._part_file = self._part_file, None
            await self._thread.run(part.close)

    def discard(self) -> None:
        """Remove all that is unfinished, and its sidecar."""
        shutil.rmtree(self._store, ignore_errors=True)
        for path in (self.part, self.sidecar):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _check_promise(self, sha256: str, promised: str | None) -> None:
        if promised not in (None, sha256):
            self.discard()
            raise FetchError(
                f"{self.path.name}: its sha256 is {sha256}, the server promised {promised}"
            )

    async def _publish(self, source: str, descriptor: int, sums: Sums) -> None:
        self.crc32 = sums.crc32
        try:
            await self._writer.sync_file(descriptor)
            lost = await self.keeper.examine(Path(source), sums.sha256)
            if lost is not None:
                self.final, self._overwrite = lost, True
            stat = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        while True:
            try:
                # Between the two nothing waits: no cancellation comes between.
                self.keeper.record(stat, sums)
                self._reveal(source)
                return
            except OSError as error:
                ours = disk_error(error)
                if not is_full(ours) or not await self.keeper.wait_for_room():
                    raise ours from error

    def _reveal(self, source: str) -> None:
        if self._overwrite:
            self.keeper.make_way(self.final)
            os.replace(source, self.final)
            return
        try:
            os.link(source, self.final)
        except FileExistsError:
            raise
        except OSError:
            # A file system without links: the folder's lock keeps other runs out of this gap.
            if os.path.lexists(self.final):
                raise FileExistsError(errno.EEXIST, "file exists", str(self.final)) from None
            os.rename(source, self.final)
        else:
            os.unlink(source)

    async def _write(self, work: Callable[..., None], *args: object) -> None:
        """Write, and again for as long as a full disk is said to have room by then."""
        while True:
            try:
                return await self._thread.run(work, *args)
            except SinkError as error:
                if not is_full(error) or not await self.keeper.wait_for_room():
                    raise

    @property
    def _store(self) -> Path:
        return self._state / (self.path.name + STORE)

    def _open_part(self) -> PartFile:
        if self._part_file is None:
            self._part_file = PartFile(self.part, self.sidecar)
        return self._part_file

    # In the writer's thread

    def _drop_unfinished(self) -> None:
        """Remove what an adopted file was made of."""
        self.discard()

    def _make_store(self, token: Token) -> Path:
        if not is_of_same(read_sidecar(self.sidecar)[0], token):
            self.discard()
            write_sidecar(self.sidecar, token, [])
        self._store.mkdir(exist_ok=True)
        return self._store
