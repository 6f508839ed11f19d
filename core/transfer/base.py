"""A transfer: the bytes of one item as its protocol gives them. HTTP, and later HLS, yt-dlp."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from ..models import Head, MediaItem, Stored

if TYPE_CHECKING:
    from .partial import Partial


class Transfer(ABC):
    """The bytes of one item. Open it, then read `chunks()` or `save()` it, then close it.

    It heals its own breaks: retries, resumes, and never mixes two versions of a resource.
    """

    item: MediaItem

    @abstractmethod
    async def open(self, partial: Partial | None = None) -> Head:
        """Begin the answer and say what it is, before the body is read.

        With `partial`, what an earlier process left is continued if that is provably safe.
        Raises `Refused` when a filter refuses what the answer says, `FetchError` when there is
        no answer worth having. Calling it twice is the same as calling it once.
        """

    @abstractmethod
    def chunks(self) -> AsyncIterator[bytes]:
        """The whole body in order, from its first byte. Raises `FetchError` if it ends early."""

    @abstractmethod
    async def save(self, partial: Partial) -> Stored:
        """Fetch the whole body into `partial`, verify it, publish it under its final name.

        Raises `FetchError`, and `SinkError` when the disk refuses.
        """

    @abstractmethod
    async def close(self) -> None:
        """Give the connection back. What was fetched so far stays resumable."""
