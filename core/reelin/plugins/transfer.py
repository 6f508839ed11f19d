"""A transfer: the bytes of one item as its protocol gives them. HTTP, yt-dlp, a plugin's own."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, TypeAlias

from ..model.errors import FetchError
from ..model.item import MediaItem
from ..model.outcomes import Refused
from ..model.stored import Head, Stored
from ..net.versions import Version
from .live_recording import LiveRecording

if TYPE_CHECKING:
    from ..disk.landing import Landing

# Of a stream: how many segments are here, and how many there are.
Segments: TypeAlias = tuple[int | None, int | None]
NO_SEGMENTS: Segments = (None, None)
TELL_SECONDS = 0.2  # between two progress reports


class Watcher:
    """A listener that decides on an answer and hears of its progress. All methods may be left.

    is_sure: whether what was admitted will not be refused any more
    seconds: between two reports of progress, at least
    """

    is_sure = True
    seconds: float = TELL_SECONDS

    async def admit(self, head: Head) -> None:
        """Decide on an answer, begun or better known by now; raise `Refused` to drop it."""

    def progressed(self, done: int, size: int | None, segments: Segments = NO_SEGMENTS) -> None:
        """Hear that `done` bytes of `size` are here. Called every `seconds` at most."""

    def converted(self, share: float) -> None:
        """Hear how much, from 0 to 1, of what is here has become another kind of file."""

    def retried(self, error: FetchError, attempts: int, wait: float) -> None:
        """Hear that after so many attempts another one is made, `wait` seconds from now."""

    def warned(self, text: str) -> None:
        """Hear what a person should know of the item, although it is not lost."""


@dataclass(frozen=True, slots=True)
class Order:
    """An item to be fetched, and what its run asks of the transfer.

    slots:   how many transfers of the run may use the network at once
    watcher: decides on the answer and hears of progress
    at_most: bytes after which a body of unknown length is refused, None: no bound
    live:    how streams without an end are recorded; None: they are not wanted
    as_is:   the body of this very URL is wanted, whatever it is: a web page, a playlist, nothing
    """

    item: MediaItem
    slots: asyncio.Semaphore
    watcher: Watcher
    at_most: int | None = None
    live: LiveRecording | None = None
    as_is: bool = False


class Transfer(ABC):
    """The bytes of one item. Open it, then read `chunks()` or `save()` it, then close it.

    It heals its own breaks: retries, resumes, and never mixes two versions of a resource. Whoever
    writes one uses the network between `take_slot` and `leave_slot`, shows the watcher what it
    has (`admit`) and tells how far it is (`tell`).
    """

    def __init__(self, order: Order) -> None:
        self.item = order.item
        self.head = Head(order.item.url)
        self._order = order
        self._holds_slot = False
        self._last_report = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    @abstractmethod
    async def open(self, landing: Landing | None = None) -> Head:
        """Begin the answer and say what it is, before the body is read.

        With `landing`, what an earlier process left there is continued if that is provably safe.
        Raises `Refused` when a filter refuses what the answer says, `FetchError` when there is
        no answer worth having.
        """

    async def open_at(self, start: int, version: Version) -> Head:
        """Begin in the middle: `chunks` then gives the bytes from `start` on of that very version.

        start: more than 0, less than the size of the body

        Raises `FetchError` when they are not to be had.
        """
        url = self.item.url
        raise FetchError(f"{url}: only the whole of it can be fetched", url=url)

    @abstractmethod
    def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the whole body in order, from its first byte.

        Raises `FetchError` if it ends early, `Restarted` if what was read so far is void.
        """

    async def save(self, landing: Landing) -> Stored:
        """Fetch the whole body into `landing`, verify it, and publish it under its final name.

        Raises `FetchError`, and `SinkError` when the disk refuses. If it is not overridden: what
        `chunks()` gives, and nothing of it can be continued by a later process.
        """
        done = 0
        await landing.begin(None)
        async with aclosing(self.chunks()) as chunks:
            async for chunk in chunks:
                done += len(chunk)
                self.refuse_beyond_bound(done)
                await landing.append([chunk])
                self.tell(done, self.head.size)
        await self.admit_whole(done)
        self.leave_slot()
        landing.keeper.loss = self.loss
        sha256 = await landing.publish()
        return Stored(landing.final.name, done, sha256, crc32=landing.crc32)

    async def close(self) -> None:
        """Give the connection back. What was saved so far stays resumable."""
        self.leave_slot()

    @property
    def version(self) -> Version | None:
        """The version of the body that is fetched, once it is open; None: nobody can tell."""
        return None

    @property
    def loss(self) -> str:
        """What could not be had, in words, when all else was read or saved; empty: nothing.

        Such an item is stored as it is, and its run tells the loss as a failure. Sinks need not
        look at it.
        """
        return ""

    @property
    def is_sure(self) -> bool:
        """Whether no filter will refuse this body any more, once its length is known."""
        return self._order.watcher.is_sure

    def pause(self, *, restarts: bool) -> None:  # noqa: B027 - those that cannot need not
        """Let others use the network while nobody reads; `chunks()` goes on when it is read.

        restarts: whether it may also raise `Restarted` then; else only what goes on is paused
        """

    # For those who write one

    async def take_slot(self) -> None:
        """Wait until the network may be used."""
        await self._order.slots.acquire()
        self._holds_slot = True

    def leave_slot(self) -> None:
        """Let another transfer use the network."""
        if self._holds_slot:
            self._holds_slot = False
            self._order.slots.release()

    async def admit(self, head: Head) -> None:
        """Show what is known to the filters. Raises `Refused`."""
        self.head = head
        await self._order.watcher.admit(head)

    async def admit_whole(self, size: int) -> None:
        """Ask the filters again about a body whose length only its end told."""
        if self.head.size is None:
            await self.admit(replace(self.head, size=size))

    def tell(self, done: int, size: int | None, segments: Segments = NO_SEGMENTS) -> None:
        """Tell how far it is, as often as one likes."""
        now = time.monotonic()
        if now - self._last_report >= self._order.watcher.seconds:
            self._last_report = now
            self._order.watcher.progressed(done, size, segments)

    def refuse_beyond_bound(self, done: int) -> None:
        """Raise `Refused` when more came than any filter allows."""
        if self._order.at_most is not None and done > self._order.at_most:
            raise Refused("size", f"more than {self._order.at_most} bytes")
