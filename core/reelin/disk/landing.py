"""Where a body lands on a disk: `name.part` and its sidecar first, the final name when verified."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from ..model.errors import FetchError, SinkError
from ..model.stored import Head, Stored
from .sidecar import Token, note_range, read_sidecar, write_sidecar
from .writer import Writer, disk_error, is_full

if TYPE_CHECKING:
    from hashlib import _Hash

Recorder = Callable[[os.stat_result, str], None]
Waiter = Callable[["Landing"], Awaitable[bool]]
Renamer = Callable[[Head, str], None]
Examiner = Callable[[Path, str], Awaitable[None]]

SMALL = 1 << 20  # bodies up to this size are kept in memory until they are whole
QUICK = 256 << 10  # bytes that go into the page cache sooner than a thread would take them over
# Of a file of ours: read, written, made; never one that a link leads to.
FLAGS = (
    os.O_RDWR
    | os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
STORE = ".part.d"  # the ending of folders with what is unfinished
_MOST_PIECES = 512  # of one writev call; systems take 1,024
_READ = 1 << 20


def _nothing_to_record(_stat: os.stat_result, _sha256: str) -> None:
    pass


async def _no_room(_landing: Landing) -> bool:
    return False


async def _good_as_it_is(_path: Path, _sha256: str) -> None:
    pass


def _as_expected(_head: Head, _ending: str) -> None:
    pass


class Landing:
    """One file on its way to the disk: written by a transfer, owned by whoever chose its name.

    path:      the final name; what is unfinished is called after it
    state:     the folder of the sidecar
    overwrite: whether a file that already has the final name may be replaced

    `known_as` may be set to what identifies the item: it stands in the sidecar.
    `record` may be set: it is called with the finished file's stat and sha256 once the file is
    durable, just before its final name appears. `examine` may be set: it is awaited with the whole
    file and its sha256 before that, and may raise. `promised` may be set to the sha256 that the
    server says the whole has. `wait_for_room` may be set: it is asked when the disk is full, and
    answers whether writing is worth another try. `turned_out` is to be called before the end by
    who finds that the file is something else than was announced: with what it is, and its
    extension. It may be set, and then changes `final`. `small` may be set: bodies up to so many
    bytes are kept in memory until they are whole, so that nothing is left of them before.
    """

    def __init__(
        self, path: Path, writer: Writer, *, state: Path | None = None, overwrite: bool = False
    ) -> None:
        self.path = path
        self.final = path
        self.turned_out: Renamer = _as_expected
        self.known_as: Token = {}
        self.record: Recorder = _nothing_to_record
        self.examine: Examiner = _good_as_it_is
        self.small = SMALL
        self.promised: str | None = None
        self.wait_for_room: Waiter = _no_room
        self._state = state or path.parent
        self._writer = writer
        self._thread = writer.thread()
        self._overwrite = overwrite
        self._descriptor: int | None = None
        self._workspace: Path | None = None
        self._size = 0
        self._hash: _Hash = hashlib.sha256()

    @property
    def part(self) -> Path:
        """The unfinished file."""
        return self.path.with_name(self.path.name + ".part")

    @property
    def sidecar(self) -> Path:
        """What a later process must know to continue the part."""
        return self._state / (self.path.name + ".part.json")

    def left_behind(self) -> tuple[Token, list[Any], int] | None:
        """Token, notes and size of the part that is here; None when it cannot be continued."""
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
        await self._thread.run(self._begin, token, keep)

    async def append(self, pieces: list[bytes]) -> None:
        """Write and hash further pieces of the body."""
        await self._write(self._append, pieces)

    # One body, in ranges

    async def begin_ranges(self, token: Token, size: int, spans: list[tuple[int, int]]) -> None:
        """Get ready to write anywhere in a part of `size` bytes, of which `spans` are written."""
        await self._thread.run(self._begin_ranges, token, size, spans)

    async def write_at(self, offset: int, pieces: list[bytes]) -> None:
        """Write pieces at an offset, then note the range in the sidecar."""
        await self._write(self._write_at, offset, pieces)

    async def hash_until(self, start: int, end: int) -> None:
        """Hash the written bytes from `start`, where the last call ended, to `end`."""
        await self._thread.run(self._hash_file, start, end)

    # A file that others make

    async def store(self, token: Token) -> Path:
        """A folder for what a later process can go on with; the token says what that is of.

        What is there of something else is removed. It goes when the file has its final name.
        """
        return await self._thread.run(self._keep, token)

    async def workspace(self) -> Path:
        """An empty folder on the same disk. It goes when the landing is closed."""
        if self._workspace is None:
            self._workspace = Path(
                await self._thread.run(partial(mkdtemp, suffix=".part.tmp", dir=self._state))
            )
        return self._workspace

    async def adopt(self, path: Path, sha256: str | None = None) -> Stored:
        """Make a complete file of the workspace durable and give it the final name.

        sha256: where it is known already

        Raises as `publish` does.
        """
        descriptor, size, known = await self._thread.run(_hashed, path, sha256)
        self._check_promise(known)
        await self._publish(os.fspath(path), descriptor, known)
        await self._writer.sync_folder(self.final.parent)
        await self._thread.run(self._adopted)
        return Stored(self.final.name, size, known)

    # The end

    async def publish(self) -> str:
        """Make the part durable and give it its final name; its sha256.

        Raises `FetchError` when that is not the promised one, `SinkError` when the disk refuses.
        """
        sha256 = self._hash.hexdigest()
        self._check_promise(sha256)
        descriptor, self._descriptor = self._open(), None
        await self._publish(os.fspath(self.part), descriptor, sha256)
        await self._writer.sync_folder(self.final.parent)
        self.sidecar.unlink(missing_ok=True)
        return sha256

    async def publish_bytes(self, pieces: list[bytes]) -> str:
        """Publish a whole small body at once, without a sidecar; its sha256. Raises as above."""
        draft = f"{self._state}{os.sep}{self.path.name}.part.tmp"
        try:
            if sum(map(len, pieces)) > QUICK:
                descriptor, sha256 = await self._thread.run(_write_draft, draft, pieces)
            else:
                descriptor, sha256 = _write_draft(draft, pieces)
            self._check_promise(sha256)
            if os.path.exists(f"{self.path}.part"):  # a Path takes longer
                self.discard()  # what there was of another version
            await self._publish(draft, descriptor, sha256)
            # Should its name get lost in a crash, the next run fetches it again.
            self._writer.sync_folder_later(self.final.parent)
        except BaseException as error:
            with suppress(OSError):
                os.unlink(draft)
            if isinstance(error, OSError):
                raise disk_error(error) from error
            raise
        return sha256

    async def close(self) -> None:
        """Close the part as it is. It can be continued later if it has a sidecar."""
        if self._workspace is not None:
            workspace, self._workspace = self._workspace, None
            await self._thread.run(partial(shutil.rmtree, workspace, ignore_errors=True))
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            await self._thread.run(os.close, descriptor)

    def discard(self) -> None:
        """Remove all that is unfinished, and its sidecar."""
        shutil.rmtree(self._stored, ignore_errors=True)
        for path in (self.part, self.sidecar):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _check_promise(self, sha256: str) -> None:
        if self.promised not in (None, sha256):
            self.discard()
            raise FetchError(
                f"{self.path.name}: its sha256 is {sha256}, the server promised {self.promised}"
            )

    async def _publish(self, source: str, descriptor: int, sha256: str) -> None:
        try:
            await self._writer.sync_file(descriptor)
            await self.examine(Path(source), sha256)
            stat = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        while True:
            try:
                # Between the two nothing waits: no cancellation comes between.
                self.record(stat, sha256)
                self._reveal(source)
                return
            except OSError as error:
                ours = disk_error(error)
                if not is_full(ours) or not await self.wait_for_room(self):
                    raise ours from error

    def _reveal(self, source: str) -> None:
        if self._overwrite:
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
        """Write, and once more for as long as a full disk is said to have room again."""
        while True:
            try:
                return await self._thread.run(work, *args)
            except SinkError as error:
                if not is_full(error) or not await self.wait_for_room(self):
                    raise

    # In the writer's thread

    @property
    def _stored(self) -> Path:
        return self._state / (self.path.name + STORE)

    def _adopted(self) -> None:
        """Nothing is unfinished any more."""
        self.discard()

    def _keep(self, token: Token) -> Path:
        token = self.known_as | token
        if read_sidecar(self.sidecar)[0] != token:
            self.discard()
            write_sidecar(self.sidecar, token, [])
        self._stored.mkdir(exist_ok=True)
        return self._stored

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self.part, FLAGS, 0o666)
        return self._descriptor

    def _begin(self, token: Token | None, keep: int) -> None:
        if token is None:
            self.sidecar.unlink(missing_ok=True)
        elif not keep:
            write_sidecar(self.sidecar, self.known_as | token, [])
        os.ftruncate(self._open(), keep)
        self._size = keep
        self._hash = hashlib.sha256()
        self._hash_file(0, keep)

    def _append(self, pieces: list[bytes]) -> None:
        os.lseek(self._open(), self._size, os.SEEK_SET)
        self._size += write_all(self._open(), pieces)
        for piece in pieces:
            self._hash.update(piece)

    def _begin_ranges(self, token: Token, size: int, spans: list[tuple[int, int]]) -> None:
        write_sidecar(self.sidecar, self.known_as | token, [list(span) for span in spans])
        os.ftruncate(self._open(), size)
        self._hash = hashlib.sha256()

    def _write_at(self, offset: int, pieces: list[bytes]) -> None:
        os.lseek(self._open(), offset, os.SEEK_SET)
        end = offset + write_all(self._open(), pieces)
        note_range(self.sidecar, offset, end)

    def _hash_file(self, start: int, end: int) -> None:
        """Hash a range of the part."""
        descriptor = self._open()
        os.lseek(descriptor, start, os.SEEK_SET)
        while start < end:
            piece = os.read(descriptor, min(_READ, end - start))
            if not piece:
                raise OSError(errno.EIO, "the part became shorter while in use", str(self.part))
            self._hash.update(piece)
            start += len(piece)


def _hashed(path: Path, sha256: str | None) -> tuple[int, int, str]:
    """Open a complete file; its descriptor, size and sha256."""
    descriptor = os.open(path, FLAGS & ~os.O_CREAT)
    try:
        if sha256 is None:
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return descriptor, os.fstat(descriptor).st_size, sha256
    except BaseException:
        os.close(descriptor)
        raise


def _write_draft(path: str, pieces: list[bytes]) -> tuple[int, str]:
    """Write a whole body to a new file; its open descriptor and its sha256."""
    descriptor = os.open(path, FLAGS | os.O_TRUNC, 0o666)
    try:
        write_all(descriptor, pieces)
        whole = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        return descriptor, hashlib.sha256(whole).hexdigest()
    except BaseException:
        os.close(descriptor)
        raise


def write_all(descriptor: int, pieces: list[bytes]) -> int:
    """Write all pieces at the file's place, also where the system writes short; their bytes."""
    left: list[bytes | memoryview] = list(pieces)
    total = 0
    while left:
        written = _write_some(descriptor, left)
        total += written
        while left and written >= len(left[0]):
            written -= len(left.pop(0))
        if written:
            left[0] = memoryview(left[0])[written:]
    return total


def _write_some(descriptor: int, pieces: list[bytes | memoryview]) -> int:
    if hasattr(os, "writev"):
        return os.writev(descriptor, pieces[:_MOST_PIECES])
    return os.write(descriptor, pieces[0])  # Windows
