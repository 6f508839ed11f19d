"""The parts of a session that all its runs share."""

from __future__ import annotations

from dataclasses import dataclass

from ..media.ffmpeg import Ffmpeg
from ..net.client import Client
from ..plugins.registry import Registry
from .pool import Pool


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts of a session that all its runs share.

    workers: downloads at the same time
    waiting: finished files that may wait to be made durable while others are fetched
    """

    client: Client
    registry: Registry
    ffmpeg: Ffmpeg
    workers: int
    waiting: int

    def make_pool(self) -> Pool:
        """Return the bounds of one more run, or of several that are to share them."""
        return Pool.of(self.client, self.workers, self.waiting)
