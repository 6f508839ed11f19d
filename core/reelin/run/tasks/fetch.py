"""The fetching of one URL to exactly the name that was asked for.

The file that has that name stays until the new one is whole, durable and as it should be. What is
unfinished is in `.reelin/tasks` beside it, so it is in nobody's way; two who write the same file,
also two processes, do that one after the other.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from asyncio import Semaphore
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ...disk.keeper import Keeper
from ...disk.landing import Landing
from ...disk.lock import FolderLock, open_locked
from ...disk.manifest import STATE
from ...disk.writer import Writer, disk_error, is_full
from ...model import urls
from ...model.errors import FetchError
from ...model.item import NO_HEADERS, MediaItem
from ...model.stored import Head
from ...net.client import Client
from ...net.credentials import login_in
from ...plugins.transfer import NO_SEGMENTS, Order, Segments, Watcher
from ...transfer.http.request import kept_bytes
from ...transfer.http.resource import HttpTransfer
from .task import Task, make_digest

_LONGEST = 200  # bytes of a name that leave room for the endings of what is unfinished
_READ = 8 << 20


class WrongHash(FetchError):
    """The error of a body without the hash that was expected. `actual`: the one that it has."""

    def __init__(self, task: Task, actual: str) -> None:
        wrong = f"{task.algorithm} {actual} came, {task.describe_expected_hash()} was expected"
        super().__init__(f"{urls.without_userinfo(task.url)}: {wrong}; what came was removed")
        self.actual = actual


@dataclass(frozen=True, slots=True)
class Tools:
    """The means that the tasks of one round share.

    is_last:       whether no other task needs room on the disk
    folders:       those with what is unfinished
    without_locks: those of which it was said that they have no locks
    """

    client: Client
    writer: Writer
    slots: Semaphore
    is_last: Callable[[], bool]
    folders: set[Path] = field(default_factory=set)
    without_locks: set[Path] = field(default_factory=set)

    def close(self) -> None:
        """End the writing threads; leave no folders where nothing is unfinished."""
        self.writer.close()
        for folder in self.folders:
            with suppress(OSError):  # it is not empty; who is about to use it makes it again
                folder.rmdir()
                folder.parent.rmdir()


async def fetch(task: Task, tools: Tools) -> int:
    """Fetch a task's file, from where an earlier try left it; its bytes.

    Tells the task how far it is. Raises `FetchError`, `SinkError`.
    """
    landing = _make_landing(task, tools.writer)
    lock = FolderLock(_lock_file(landing), warned=tools.without_locks)
    tools.folders.add(landing.path.parent)
    try:
        await lock.acquire()
    except OSError as error:
        raise disk_error(error) from error
    try:
        return await _fetch(task, landing, tools)
    finally:
        lock.release(remove=True)


def count_kept(task: Task) -> int:
    """Return how many bytes of an unfinished task are here, for the next try to build on."""
    return kept_bytes(_make_landing(task, Writer()))


def discard(task: Task) -> None:
    """Remove what is unfinished of a task, unless another one is at work on that file."""
    landing = _make_landing(task, Writer())
    folder = landing.path.parent
    with suppress(OSError):  # it stays, and is in nobody's way
        if not folder.is_dir() or (descriptor := open_locked(_lock_file(landing))) is None:
            return
        try:
            landing.discard()
            _lock_file(landing).unlink()
        finally:
            os.close(descriptor)
        folder.rmdir()
        folder.parent.rmdir()


def _lock_file(landing: Landing) -> Path:
    return landing.path.with_name(landing.path.name + ".lock")


async def _fetch(task: Task, landing: Landing, tools: Tools) -> int:
    start = urls.from_person(task.url) or task.url
    plain, login = urls.without_userinfo(start), login_in(start)
    tools.client.credentials.trust(plain)
    # Its own, so that tasks with other logins for the same server do not use it.
    item = MediaItem(plain, headers={"Authorization": login} if login else NO_HEADERS)
    order = Order(item, tools.slots, _TaskWatcher(task), as_is=True)
    try:
        async with HttpTransfer(order, tools.client) as transfer:
            await transfer.open(landing)
            stored = await transfer.save(landing)
        return stored.size
    except BaseException as error:
        # On a full disk, one that is too large never stops the others.
        if isinstance(error, WrongHash) or (is_full(error) and not tools.is_last()):
            landing.discard()
        task.downloaded_bytes = kept_bytes(landing)
        raise
    finally:
        await landing.close()


def _make_landing(task: Task, writer: Writer) -> Landing:
    final = Path(task.filepath)
    name, state = os.fsencode(final.name), final.parent / STATE / "tasks"
    key = final.name if len(name) <= _LONGEST else hashlib.sha256(name).hexdigest()
    keeper = _TaskKeeper(task)
    return Landing(state / key, writer, keeper, state=state, final=final, overwrite=True)


class _TaskKeeper(Keeper):
    """Keeps a task's file, if it has the hash that is expected."""

    small = 0  # of the smallest file, too, there is something to go on with

    def __init__(self, task: Task) -> None:
        self._task = task

    async def examine(self, path: Path, sha256: str) -> None:
        task = self._task
        if task.expected_hash is None:
            return
        actual = sha256 if task.algorithm == "sha256" else await _hash(path, task.algorithm)
        if actual != task.expected_hash:
            raise WrongHash(task, actual)


async def _hash(path: Path, algorithm: str) -> str:
    known = make_digest(algorithm)
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _READ):
            await asyncio.to_thread(known.update, piece)
    return known.hexdigest()


class _TaskWatcher(Watcher):
    """Keeps a task informed of its transfer."""

    seconds = 0  # it costs next to nothing, and who asks learns what is so

    def __init__(self, task: Task) -> None:
        self._task = task

    async def admit(self, head: Head) -> None:
        self._task.total_bytes = head.size

    def progressed(self, done: int, size: int | None, segments: Segments = NO_SEGMENTS) -> None:
        self._task.downloaded_bytes, self._task.total_bytes = done, size
