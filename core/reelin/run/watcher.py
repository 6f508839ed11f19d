"""The watcher that a run gives to each transfer: it decides on the item, and tells its progress."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.errors import FetchError
from ..model.events import Progress, Retried, Started
from ..model.item import MediaItem, replace_fields
from ..model.outcomes import Refused
from ..model.stored import Head
from ..plugins.filter import Filter
from ..plugins.transfer import NO_SEGMENTS, Segments, Watcher
from .event_stream import EventStream
from .filters import judge


class ItemWatcher(Watcher):
    """Follows the transfer of one item: completes it, filters it again, tells its progress.

    warnings: what a person should know of the item
    """

    def __init__(self, item: MediaItem, filters: Sequence[Filter], stream: EventStream) -> None:
        self.item = item
        self.warnings: list[str] = []
        self._filters = filters
        self._stream = stream
        self._started = False
        self._done, self._size = 0, item.size
        self._segments = NO_SEGMENTS

    async def admit(self, head: Head) -> None:
        self.item = item = replace_fields(
            self.item,
            type=self.item.type or head.type,
            mime=head.mime or self.item.mime,
            size=head.size,
            date=self.item.date or head.date,
        )
        rule, verdict = judge(item, self._filters)
        if verdict.keep is False:
            raise Refused(rule, verdict.reason)
        self.is_sure = verdict.keep is True or item.size is not None
        if not self._started:
            self._started = True
            await self._stream.tell(Started, item, head.size)

    def progressed(self, done: int, size: int | None, segments: Segments = NO_SEGMENTS) -> None:
        self._done, self._size = done, size
        self._segments = segments
        self._stream.tell_if_room(Progress, self.item, done, size, None, *segments)

    def converted(self, share: float) -> None:
        self._stream.tell_if_room(Progress, self.item, self._done, self._size, share)

    def retried(self, error: FetchError, attempts: int, wait: float) -> None:
        self._stream.tell_if_room(Retried, self.item, str(error), attempts, wait, error.status)

    def warned(self, text: str) -> None:
        self.warnings.append(text)

    def complete(self, size: int) -> None:
        """Tell that all `size` bytes are here, where the last report of progress did not."""
        if self._done != size or self._size != size:
            self.progressed(size, size, self._segments)
