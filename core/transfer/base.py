"""A transfer: the bytes of one item as its protocol gives them. HTTP, and later HLS, yt-dlp."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Self

from ..models import Head, MediaItem, Stored

if TYPE_CHECKING:
    from .landing import Landing


class Refused(Exception):
    """A filter refused an item by what its answer said. Not an error: the item is skipped."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason


class Watcher:
    """Whoever made a transfer and wants to decide on it and hear of it. All methods may be left."""

    async def admit(self, head: Head) -> None:
        """The answer has begun, or more became known of it. Raise `Refused` to have it dropped."""

    def progressed(self, done: int, size: int | None) -> None:
        """`done` bytes of `size` are here. Called a few times a second at most."""


class Transfer(ABC):
    """The bytes of one item. Open it, then read `chunks()` or `save()` it, then close it.

    It heals its own breaks: retries, resumes, and never mixes two versions of a resource.
    """

    item: MediaItem

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

    @abstractmethod
    def chunks(self) -> AsyncIterator[bytes]:
        """The whole body in order, from its first byte. Raises `FetchError` if it ends early."""

    @abstractmethod
    async def save(self, landing: Landing) -> Stored:
        """Fetch the whole body into `landing`, verify it, and publish it under its final name.

        Raises `FetchError`, and `SinkError` when the disk refuses.
        """

    @abstractmethod
    async def close(self) -> None:
        """Give the connection back. What was saved so far stays resumable."""
