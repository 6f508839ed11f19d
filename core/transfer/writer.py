"""Two threads that write for the whole session: the loop never waits for a disk.

One writes and hashes bodies piece by piece. The other publishes finished files: many at once,
so that the cost of making them durable (fsync) is shared by all that finished meanwhile.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

from ..errors import SinkError

T = TypeVar("T")
SYNC_ALL_FROM = 8  # files from which one sync of the file system is cheaper than one for each


class Publication(Protocol):
    """A file that is complete, and is to appear under its final name."""

    folder: Path

    def prepare(self) -> int:
        """Finish writing; return the file's descriptor, which is to be made durable."""
        ...

    def announce(self) -> None:
        """Record that the final name is about to appear."""
        ...

    def reveal(self) -> None:
        """Let the final name appear."""
        ...

    def abandon(self) -> None:
        """Something failed: leave nothing under the final name."""
        ...


class Writer:
    """The writing threads of one session."""

    def __init__(self) -> None:
        self._bodies = ThreadPoolExecutor(1, "reelin-writer")
        self._publisher = ThreadPoolExecutor(1, "reelin-publisher")
        self._waiting: deque[tuple[Publication, asyncio.Future[None]]] = deque()
        self._publishing = False

    def close(self) -> None:
        """End both threads once they are idle. Waits for what they are doing."""
        self._bodies.shutdown()
        self._publisher.shutdown()

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Call `work` in the thread that writes bodies. An OSError becomes a `SinkError`."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._bodies, work, *args)
        except OSError as error:
            raise disk_error(error) from error

    async def publish(self, publication: Publication) -> None:
        """Make a finished file durable and let its final name appear.

        Returns once both are done. Raises `SinkError`.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((publication, done))
        if not self._publishing:
            self._publishing = True
            self._publish_waiting()
        # What is being published is not stopped half way, whoever stops waiting for it.
        await asyncio.shield(done)

    def _publish_waiting(self) -> None:
        """Hand everything that waits to the publisher, and come back when it is through."""
        batch = list(self._waiting)
        self._waiting.clear()
        loop = asyncio.get_running_loop()
        task = loop.run_in_executor(self._publisher, _publish_all, [each for each, _ in batch])
        task.add_done_callback(lambda ended: self._published([done for _, done in batch], ended))

    def _published(
        self,
        waiters: Iterable[asyncio.Future[None]],
        ended: asyncio.Future[list[BaseException | None]],
    ) -> None:
        for done, error in zip(waiters, ended.result(), strict=True):
            if done.cancelled():
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(disk_error(error) if isinstance(error, OSError) else error)
        self._publishing = bool(self._waiting)
        if self._publishing:
            self._publish_waiting()


def _publish_all(batch: list[Publication]) -> list[BaseException | None]:
    """Publish a batch in steps that all its files take together; each file's error, or None."""
    errors: list[BaseException | None] = [None] * len(batch)
    descriptors: dict[int, int] = {}

    def step(work: Callable[[int], object]) -> None:
        for index in range(len(batch)):
            if errors[index] is None:
                try:
                    work(index)
                except BaseException as error:
                    errors[index] = error

    def prepare(index: int) -> None:
        descriptors[index] = batch[index].prepare()

    step(prepare)
    if not _sync_file_system(list(descriptors.values())):
        step(lambda index: os.fsync(descriptors[index]))
    step(lambda index: batch[index].announce())
    step(lambda index: batch[index].reveal())
    for folder in {batch[index].folder for index in range(len(batch)) if errors[index] is None}:
        _sync_folder(folder)
    step_failed = [index for index, error in enumerate(errors) if error is not None]
    for index in step_failed:
        batch[index].abandon()
    for descriptor in descriptors.values():
        os.close(descriptor)
    return errors


def _sync_file_system(descriptors: list[int]) -> bool:
    """One sync for many files. False where there are few, or where that is not to be had."""
    if len(descriptors) < SYNC_ALL_FROM or sys.platform != "linux":
        return False
    try:
        return bool(ctypes.CDLL(None).syncfs(descriptors[0]) == 0)
    except (OSError, AttributeError):
        return False


def _sync_folder(folder: Path) -> None:
    """Make new names in a folder durable, where the system can (Windows cannot)."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def disk_error(error: OSError) -> SinkError:
    """The `SinkError` that an OSError of a disk means; the OSError is its `__cause__`."""
    where = f"{error.filename}: " if error.filename else ""
    ours = SinkError(f"{where}{error.strerror or error}")
    ours.__cause__ = error
    return ours
